"""Word vectors from a transformer: a word's own, whatever other words the vocabulary has."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("safetensors", reason="needs the extra training (safetensors)")
pytest.importorskip("torch", reason="needs the extra training (torch)")

from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from training.errors import ConfigError
from training.pretrained import pretrained_vectors
from training.tokenizer import train_tokenizer


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """An encoder of eight words and six dimensions whose tokenizer pads, as packaged ones do."""
    words = ["[PAD]", "[UNK]", "good", "bad", "sound", "price", "-", "great"]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.enable_padding()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text("{}")
    vectors = np.random.default_rng(0).normal(size=(len(words), 6)).astype(np.float32)
    vectors[7] = vectors[2] + 0.01
    save_file({"embeddings.word_embeddings.weight": vectors}, str(tmp_path / "model.safetensors"))
    return tmp_path


def test_like_words_begin_alike_and_no_vector_stands_out(base: Path) -> None:
    texts = ["good sound great price", "bad price ----------------"] * 20
    tokenizer = train_tokenizer(texts, 200, 100, 20)
    vectors = pretrained_vectors(tokenizer, str(base), 4)
    assert vectors.shape == (tokenizer.get_vocab_size(), 4)
    assert vectors.std() == pytest.approx(0.1, rel=1e-3)
    good, great, bad = (vectors[tokenizer.token_to_id(f"{word}</w>")] for word in ("good", "great", "bad"))
    assert np.linalg.norm(good - great) < 0.1 * np.linalg.norm(good - bad)
    assert np.abs(vectors).max() < 10 * vectors.std()


def test_what_cannot_be_had_is_refused(base: Path) -> None:
    tokenizer = train_tokenizer(["good sound"] * 3, 60, 100, 20)
    with pytest.raises(ConfigError, match="exceeds the 6 dimensions"):
        pretrained_vectors(tokenizer, str(base), 7)
    (base / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match="no word vectors in"):
        pretrained_vectors(tokenizer, str(base), 4)
