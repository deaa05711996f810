"""Whether something was ever remembered: filters, so that what is new is known to be new without a look at
the disk.
"""

import numpy as np
from numpy.typing import NDArray

WORDS = 1 << 19
"""4 MiB, for 2 million keys."""
MOST_WORDS = 1 << 21
"""16 MiB, for 8 million keys beside the 6 million of those before."""
KEYS_OF_A_WORD = 4
"""At that, fewer than one unknown key in a hundred is taken for known."""
_WORD_BITS = np.uint64(6)
_BIT_MASK = np.uint64(63)
_ONE = np.uint64(1)
_BITS_OF_A_KEY = 3

Hashes = NDArray[np.uint64]
"""(keys,) well spread."""


class Filter:
    """A blocked Bloom filter (Putze, Sanders and Singler 2007): a word for each key, three bits in it."""

    def __init__(self, words: int = WORDS) -> None:
        """`words`, of 64 bits each, is a power of two."""
        self._words = np.zeros(words, np.uint64)
        self._word_mask = np.uint64(words - 1)

    def __len__(self) -> int:
        """Its words."""
        return len(self._words)

    def add(self, keys: Hashes) -> None:
        """Remember keys."""
        np.bitwise_or.at(self._words, self._places(keys), _bits(keys))

    def may_hold(self, keys: Hashes) -> NDArray[np.bool_]:
        """For each key, false only if it was never added."""
        bits = _bits(keys)
        held: NDArray[np.bool_] = self._words[self._places(keys)] & bits == bits
        return held

    def _places(self, keys: Hashes) -> NDArray[np.intp]:
        # The lower bits of the hash choose the bits in the word.
        return (keys >> np.uint64(_BITS_OF_A_KEY * 6) & self._word_mask).astype(np.intp)


class GrowingFilter:
    """Filters of which each is twice as large as the one before, and follows when that one is full: two bytes
    a key, and few mistakes also with many keys (Almeida et al. 2007, "Scalable Bloom Filters").

    The last one takes whatever comes: with far more keys than there is room for, nearly all are taken for
    known, and the disk is asked. Memory is bounded by `most_words`, twice.
    """

    def __init__(self, words: int = WORDS, most_words: int = MOST_WORDS) -> None:
        """`words` of the first one: a power of two. `most_words` of the last."""
        self._words = words
        self._most_words = most_words
        self._filters = [Filter(words)]
        self._room = words * KEYS_OF_A_WORD

    @property
    def words(self) -> int:
        """Of all of them, 8 bytes each."""
        return sum(map(len, self._filters))

    def add(self, keys: Hashes) -> None:
        """Remember keys."""
        if self._room <= 0 and self._words < self._most_words:
            self._words *= 2
            self._filters.append(Filter(self._words))
            self._room = self._words * KEYS_OF_A_WORD
        self._filters[-1].add(keys)
        self._room -= len(keys)

    def may_hold(self, keys: Hashes) -> NDArray[np.bool_]:
        """For each key, false only if it was never added."""
        held = np.zeros(len(keys), np.bool_)
        for one in self._filters:
            held |= one.may_hold(keys)
        return held


def _bits(keys: Hashes) -> Hashes:
    bits = _ONE << (keys & _BIT_MASK)
    for _ in range(_BITS_OF_A_KEY - 1):
        keys = keys >> _WORD_BITS
        bits |= _ONE << (keys & _BIT_MASK)
    return bits
