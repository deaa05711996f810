"""Text to token ids, word by word from a cache that the bundle's own tokenizer fills.

`tokenizer.json` splits at white space before anything else and never merges across it, so the ids of
a text are the ids of its words, and a word is worth looking up: 98 % of a review's words were seen
before. A property test holds the result against the tokenizer's own.
"""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

from tokenizers import Tokenizer

from stream.scoring.cache import GenerationCache

Ids = list[int]
CACHED_WORDS = 200_000
LONGEST_CACHED_WORD = 40


class WordTokenizer:
    """Encodes texts exactly as `tokenizer.json` would encode their first `max_chars` characters.

    Where those are all blank, they count from the first visible one.
    """

    def __init__(self, encode_word: Callable[[str], Ids], max_tokens: int, max_chars: int) -> None:
        self._encode_word = encode_word
        self._max_tokens = max_tokens
        self._max_chars = max_chars
        self._words: GenerationCache[str, Ids] = GenerationCache(CACHED_WORDS)

    def encode(self, text: str) -> Ids:
        """The ids of a text with at least one visible character: 1 to `max_tokens` of them."""
        # A text that begins with a whole page of blanks is read from its first word: a row needs an id.
        words = self._split(text[: self._max_chars]) or self._split(text.lstrip()[: self._max_chars])
        # Most words are found without a call into Python; an entry is never empty, so `or` means "not there".
        known = self._words.young.get
        ids = list(chain.from_iterable([known(word) or self._ids_of(word) for word in words]))
        return ids[: self._max_tokens]

    def _split(self, text: str) -> list[str]:
        # Every word has one id or more, so no word after the first max_tokens can matter.
        return text.split(None, self._max_tokens)[: self._max_tokens]

    def _ids_of(self, word: str) -> Ids:
        ids = self._words.get(word)
        if ids is None:
            ids = self._encode_word(word)
            if len(word) <= LONGEST_CACHED_WORD:
                self._words.put(word, ids)
        return ids


def load_tokenizer(file: Path, max_tokens: int, max_chars: int) -> WordTokenizer:
    """The tokenizer of a bundle."""
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()

    def encode_word(word: str) -> Ids:
        ids: Ids = tokenizer.encode(word, add_special_tokens=False).ids
        return ids

    return WordTokenizer(encode_word, max_tokens, max_chars)
