"""Text to token ids, word by word from a cache that the bundle's own tokenizer fills.

`tokenizer.json` splits at white space before anything else and never merges across it, so the ids of
a text are the ids of its words, and a word is worth looking up: 96 % of a review's words were seen
before. Most of the others are such words in other letters or beside other marks ("GREAT!!!"), and are put
together from what is known. A property test holds the result against the tokenizer's own.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from stream.scoring.cache import GenerationCache
from stream.scoring.rows import ID_BYTES, Row, to_row

Part = Callable[[str], Sequence[str]]
CACHED_WORDS = 200_000
LONGEST_CACHED_WORD = 40
# What `training.tokenizer` writes; of any other tokenizer nothing is known but that it splits at white space.
_NORMALIZERS = ["NFKC", "Lowercase"]
_APART = r"\p{N}|[^\p{L}\p{M}\p{N}']+"
# Digits stand apart one by one, and an added token may begin beside neither them nor an underscore.
_PLAIN = re.compile(r"[!-/:-^`-~]+")
_PIECES = re.compile(r"[a-z']+|[^a-z']+")


class WordTokenizer:
    """Encodes texts exactly as `tokenizer.json` would encode their first `max_chars` characters.

    Where those are all blank, they count from the first visible one.

    Args:
        encode_word: one word to a row of 1 or more ids.
        part: a word to words whose ids, one after another, are its own; the word alone where it has no parts.
    """

    def __init__(
        self, encode_word: Callable[[str], Row], part: Part, max_tokens: int, max_chars: int
    ) -> None:
        self._encode_word = encode_word
        self._part = part
        self._max_tokens = max_tokens
        self._most_bytes = max_tokens * ID_BYTES
        self._max_chars = max_chars
        self._words: GenerationCache[str, Row] = GenerationCache(CACHED_WORDS)

    def encode(self, text: str) -> Row:
        """The row of a text with at least one visible character: 1 to `max_tokens` ids."""
        # A text that begins with a whole page of blanks is read from its first word: a row needs an id.
        words = self._split(text[: self._max_chars]) or self._split(text.lstrip()[: self._max_chars])
        return b"".join(self._rows_of(words))[: self._most_bytes]

    def _split(self, text: str) -> list[str]:
        # Every word has one id or more, so no word after the first max_tokens can matter.
        return text.split(None, self._max_tokens)[: self._max_tokens]

    def _rows_of(self, words: Sequence[str]) -> list[Row]:
        # All but the rare word are found without a call into Python.
        found = list(map(self._words.young.get, words))
        if not all(found):
            found = [row or self._row_of(word) for row, word in zip(found, words, strict=True)]
        return found  # type: ignore[return-value]

    def _row_of(self, word: str) -> Row:
        row = self._words.get(word)
        if row is None:
            parts = self._part(word)
            row = self._encode_word(word) if parts[0] == word else b"".join(self._rows_of(parts))
            if len(word) <= LONGEST_CACHED_WORD:
                self._words.put(word, row)
        return row


def load_tokenizer(file: Path, max_tokens: int, max_chars: int) -> WordTokenizer:
    """The tokenizer of a bundle."""
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    spec = json.loads(file.read_bytes())
    return WordTokenizer(_encoder(tokenizer, spec), part_of(spec), max_tokens, max_chars)


def _encoder(tokenizer: Tokenizer, spec: dict[str, Any]) -> Callable[[str], Row]:
    """One word to its row.

    Small letters alone are normal already and one piece, and no added token is a part of them, so that only
    merges are left to make: a third of the way through the whole tokenizer.
    """
    added = {token["content"] for token in spec["added_tokens"]}
    is_known, merge = _is_known(spec), tokenizer.model.tokenize

    def encode_word(word: str) -> Row:
        if is_known and word.isascii() and word.isalpha() and word.islower() and word not in added:
            return to_row([token.id for token in merge(word)])
        return to_row(tokenizer.encode(word, add_special_tokens=False).ids)

    return encode_word


def part_of(spec: dict[str, Any]) -> Part:
    """How the tokenizer of a `tokenizer.json` takes words apart, as far as that is known for certain.

    Of words in ASCII without digits and underscores: small letters and apostrophes are one piece, all between
    them is another, and merges stay within a piece.
    """
    added = [token["content"] for token in spec["added_tokens"]]
    across = [content for content in added if not re.fullmatch("[a-z']+", content)]
    if not _is_known(spec):
        return lambda word: (word,)

    def part(word: str) -> Sequence[str]:
        if not word.isascii() or not _PLAIN.fullmatch(word):
            return (word,)
        lowered = word.lower()
        if any(content in lowered for content in across):
            return (word,)
        return _PIECES.findall(lowered)

    return part


def _is_known(spec: dict[str, Any]) -> bool:
    """Whether it normalises and splits as `part_of` says."""
    try:
        normalizers = [each["type"] for each in spec["normalizer"]["normalizers"]]
        blanks, apart = spec["pre_tokenizer"]["pretokenizers"]
        return bool(
            normalizers == _NORMALIZERS
            and blanks["behavior"] == "Removed"
            and (apart["type"], apart["behavior"], apart["invert"]) == ("Split", "Isolated", False)
            and apart["pattern"] == {"Regex": _APART}
            and spec["model"]["type"] == "BPE"
            and all(token["normalized"] and token["single_word"] for token in spec["added_tokens"])
        )
    except (KeyError, TypeError, ValueError):
        return False
