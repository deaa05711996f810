"""Fingerprints of a text, by which `brands` knows a re-post and near-duplicates without the text itself.

The digest tells whether two texts are the same; the sketch estimates how much of them is: of its 8 bytes as
large a share agrees as of the word pairs that either text has. Words end at white space, so that of texts in
a language without it only the digests tell anything. Both are the same in every process.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec
import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
UInt32 = npt.NDArray[np.uint32]
UInt64 = npt.NDArray[np.uint64]

MIN_CHARS = 25
"""Shorter texts, such as "great product, thank you", are written by many people independently."""
MOST_CHARS = 2_000
"""Texts that are the same so far are the same. Normalising takes the square of a text's combining marks."""
_SKETCHED_BYTES = 4_096
_BLOCK_BYTES = 12_288
_BASE = 0x9E3779B97F4A7C15
_FACTORS = np.array(
    [
        *(0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F),
        *(0x165667B1, 0xD3A2646D, 0xFD7046C5, 0xB55A4F09),
    ],
    np.uint32,
)


class Fingerprint(msgspec.Struct, frozen=True, gc=False):
    """As a label carries it: 16 hexadecimal digits each; no digest where the text is too short for one."""

    text_digest: str | None
    sketch: str


def normal_form(text: str) -> str:
    """The form in which texts are compared: NFKC, case-folded, whitespace squeezed, cut at `MOST_CHARS`.

    >>> normal_form(" Great \\u00a0Sound\\uff01 ")
    'great sound!'
    """
    form = unicodedata.normalize("NFKC", text[:MOST_CHARS]).casefold().strip()
    # Every space but the common one counts as not printable. Most texts hold no such, and need no splitting.
    if form.isprintable() and "  " not in form:
        return form
    return " ".join(form.split())


def fingerprints(texts: Sequence[str]) -> list[Fingerprint]:
    """The fingerprint of each text; what the others are makes no difference to it."""
    forms = list(map(normal_form, texts))
    encoded = [form.encode() for form in forms]
    digests = [
        blake2b(content, digest_size=8).hexdigest() if len(form) >= MIN_CHARS else None
        for form, content in zip(forms, encoded, strict=True)
    ]
    sketches = [sketch for block in _blocks(encoded) for sketch in _sketch(block)]
    return list(map(Fingerprint, digests, sketches))


def _blocks(contents: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The beginnings of all contents, some at a time: such small arrays take memory that is held already."""
    block: list[bytes] = []
    size = 0
    for content in contents:
        block.append(content[:_SKETCHED_BYTES])
        size += len(block[-1]) + 1
        if size > _BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _sketch(block: Sequence[bytes]) -> list[str]:
    """b-bit minwise hashing (Li and König 2010): of 8 min-hashes (Broder 1997) of the pairs a byte each."""
    lengths = np.fromiter(map(len, block), np.int64, len(block))
    pairs, firsts = _pairs(b" ".join(block) + b" ", lengths)
    minima = np.stack([np.minimum.reduceat(pairs * factor, firsts) for factor in _FACTORS], axis=1)
    # The highest bits of a minimum are mostly 0.
    digits = (minima >> np.uint32(8)).astype(np.uint8).tobytes().hex()
    return [digits[at : at + 16] for at in range(0, len(digits), 16)]


def _pairs(content: bytes, lengths: Int64) -> tuple[UInt32, Int64]:
    """Hashes of each word with the next one of its text, the last by itself; where each text's begin.

    Rolling hashes (Karp and Rabin 1987) of all words at once, modulo 2^64, then mixed as splitmix64 does.
    """
    codes = np.frombuffer(content, np.uint8)
    word_ends = np.flatnonzero(codes == ord(" "))
    word_starts = np.concatenate([[0], word_ends[:-1] + 1])
    lasts = np.searchsorted(word_ends, np.cumsum(lengths + 1) - 1)
    pair_ends = np.append(word_ends[1:], 0)
    pair_ends[lasts] = word_ends[lasts]
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * _POWERS[: len(codes)], out=sums[1:])
    hashes = (sums[pair_ends] - sums[word_starts]) * _INVERSES[word_starts]
    return _mixed(hashes), np.concatenate([[0], lasts[:-1] + 1])


def _mixed(hashes: UInt64) -> UInt32:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (hashes >> np.uint64(32)).astype(np.uint32)


def _powers(base: int) -> UInt64:
    """(bytes,) base^0, base^1, ... modulo 2^64."""
    factors = np.full(_BLOCK_BYTES + _SKETCHED_BYTES + 2, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors)


_POWERS, _INVERSES = _powers(_BASE), _powers(pow(_BASE, -1, 1 << 64))
