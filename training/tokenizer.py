"""The byte-pair tokenizer and the law that lets the worker use it word by word.

The law: for any string, `encode(tokenizer, text[:max_chars])` equals the concatenation of the ids of
each piece of `text[:max_chars].split()`, cut to `max_tokens`; and each such piece has at least one id.
So the worker may cache ids by piece. It holds because every step stays within a piece: NFKC and
lower-casing never look across whitespace, names have no whitespace in them, the first pre-tokenizer
removes exactly what `str.split` splits at, and merges never leave a pre-token.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import normalize

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.normalizers import NFKC, Lowercase
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.pre_tokenizers import Split
from tokenizers.trainers import BpeTrainer

PAD, UNKNOWN = "<pad>", "<unk>"
PAD_ID, UNKNOWN_ID = 0, 1
# Written out: `\s` in the regular expressions of tokenizers lacks the four separators \x1c-\x1f.
WHITESPACE = r"[\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]+"
# A digit alone, or a run of anything that is no letter, mark, digit or apostrophe ("!!!", emoji).
_APART = r"\p{N}|[^\p{L}\p{M}\p{N}']+"
_WORD_END = "</w>"
_ALPHABET_SIZE = 300


def train_tokenizer(
    texts: Iterable[str], vocab_size: int, max_chars: int, max_tokens: int, names: Sequence[str] = ()
) -> Tokenizer:
    """A tokenizer for which the law of this module holds; texts are cut to `max_chars` as in use.

    Each of `names` (lower-case letters) is one token where it stands as a word, beyond `vocab_size`.

    Source: byte-pair encoding, Sennrich et al. 2016 (arXiv:1508.07909), over characters; a rare
    character becomes `<unk>`. Equal texts give an equal tokenizer.
    """
    kept = [text[:max_chars] for text in texts]
    alphabet = _alphabet(kept)
    learner = _around(BPE(unk_token=UNKNOWN, end_of_word_suffix=_WORD_END))
    learner.train_from_iterator(
        kept,
        BpeTrainer(
            vocab_size=vocab_size,
            min_frequency=2,
            initial_alphabet=alphabet,
            limit_alphabet=len(alphabet),
            # With an id for each last character beforehand, ids do not depend on the order of a hash map.
            special_tokens=[PAD, UNKNOWN, *(character + _WORD_END for character in alphabet)],
            end_of_word_suffix=_WORD_END,
            show_progress=False,
        ),
    )
    # The trainer registers <pad> and its like as literal matches in texts; a fresh tokenizer round the
    # same model does not, so that nobody can write padding into a review.
    tokenizer = _around(learner.model)
    in_pieces = [name for name in names if len(tokenizer.encode(name).ids) > 1]
    tokenizer.add_tokens([AddedToken(name, single_word=True, normalized=True) for name in in_pieces])
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str], max_chars: int) -> list[list[int]]:
    """Token ids of each text, at most `max_tokens` of them; a blank text has none."""
    batch = tokenizer.encode_batch_fast([text[:max_chars] for text in texts], add_special_tokens=False)
    return [encoding.ids for encoding in batch]


def _alphabet(texts: Iterable[str]) -> list[str]:
    """The most frequent characters after normalisation, in the order of their code points."""
    counts = Counter(character for text in texts for character in normalize("NFKC", text).lower())
    frequent = sorted((-count, character) for character, count in counts.items() if not character.isspace())
    return sorted(character for _, character in frequent[:_ALPHABET_SIZE])


def _around(model: BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = Normalizers([NFKC(), Lowercase()])
    tokenizer.pre_tokenizer = PreTokenizers(
        [Split(Regex(WHITESPACE), "removed"), Split(Regex(_APART), "isolated")]
    )
    return tokenizer
