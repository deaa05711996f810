"""Train, validation and test rows, chosen so that copies of a text are never on both sides."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

SPLITS = ("train", "validation", "test")
SHARES = (0.9, 0.05, 0.05)
_NO_LETTER = re.compile(r"[\W_]+")
# Below this, different reviews say the same ("good product, value for money"): only equal keys are copies.
_MIN_LETTERS = 40
# A listing that cuts long reviews leaves copies of which one begins the other.
_PREFIX_LETTERS = 100
_SHINGLE_LETTERS = 8
_BANDS, _BAND_ROWS = 8, 7
_CHUNK_LETTERS = 500_000

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Signatures = npt.NDArray[np.uint32]


def text_key(text: str) -> str:
    """Letters and digits of the text in one case and compatibility form (NFKC); of an emoji, itself.

    >>> text_key("Don't  BUY ²")
    'dontbuy2'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_LETTER.sub("", plain) or plain.strip()


def group_copies(texts: Sequence[str]) -> list[str]:
    """The group of each text, named by its smallest key: texts of a group are copies, linked in chains.

    Linked are equal keys, keys with the same first 100 letters, and keys of 40 letters and more whose sets
    of 8-letter shingles are alike: MinHash with 8 bands of 7 hashes (Broder, 1997; Leskovec et al., Mining
    of Massive Datasets, 3.4) links pairs of Jaccard similarity 0.9 with probability 0.99, 0.8 with 0.85,
    0.5 with 0.06, 0.3 with 0.002. A link depends on its two texts alone: neither order nor other rows
    undo it. The time is linear in the letters, about 10 seconds for 300,000 reviews.
    """
    keys = [text_key(text) for text in texts]
    unique = sorted(set(keys))
    parents = list(range(len(unique)))
    for links in _links(unique):
        first: dict[Hashable, int] = {}
        for row, value in links:
            _join(parents, first.setdefault(value, row), row)
    names = {key: unique[_root(parents, row)] for row, key in enumerate(unique)}
    return [names[key] for key in keys]


def assign_splits(texts: Sequence[str], seed: int, shares: tuple[float, float, float] = SHARES) -> list[str]:
    """The split of each text, one of SPLITS: copies share theirs, `shares` are those of the groups.

    A group's split is a hash of the seed and the group's name: the order of rows does not matter, and new
    rows move none but those they are copies of.
    """
    groups = group_copies(texts)
    bounds = np.cumsum(shares)[:-1]
    split = {name: SPLITS[np.searchsorted(bounds, _unit(seed, name), "right")] for name in set(groups)}
    return [split[name] for name in groups]


def count_straddling(texts: Sequence[str], splits: Sequence[str]) -> tuple[int, int]:
    """Groups of copies with rows in more than one split, and how many rows these groups have."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for group, split in zip(group_copies(texts), splits, strict=True):
        members[group].append(split)
    astride = [rows for rows in members.values() if len(set(rows)) > 1]
    return len(astride), sum(len(rows) for rows in astride)


def count_splits(splits: Sequence[str]) -> str:
    """The number of rows of each split, for a person."""
    return ", ".join(f"{splits.count(name):,} {name}" for name in SPLITS)


def describe_splits(texts: Sequence[str], splits: Sequence[str]) -> str:
    """One line about splits that were given: their rows, and copies that lie in more than one of them."""
    groups, rows = count_straddling(texts, splits)
    return (
        f"splits given: {count_splits(splits)}; copies in several of them: {groups:,} texts ({rows:,} rows)"
    )


def _unit(seed: int, key: str) -> float:
    """A number in [0, 1) that depends on seed and key alone."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(errors="surrogatepass"), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def _links(keys: Sequence[str]) -> Iterator[Iterable[tuple[int, Hashable]]]:
    """For each kind of link, (row, value) of every row that it may link: rows of equal value are linked."""
    yield [(row, key[:_PREFIX_LETTERS]) for row, key in enumerate(keys) if len(key) >= _PREFIX_LETTERS]
    rows = [row for row, key in enumerate(keys) if len(key) >= _MIN_LETTERS]
    signatures = _minhash([keys[row] for row in rows])
    for band in range(_BANDS):
        values = np.ascontiguousarray(signatures[:, band * _BAND_ROWS : (band + 1) * _BAND_ROWS])
        yield zip(rows, (value.tobytes() for value in values), strict=True)


def _minhash(keys: Sequence[str]) -> Signatures:
    """MinHash signatures, [keys, bands * band rows]; every key has at least one shingle."""
    random = np.random.default_rng(0)
    shape = (_BANDS * _BAND_ROWS, 2)
    factors, offsets = random.integers(0, 2**32, shape, dtype=np.uint32).T
    signatures = np.empty((len(keys), len(factors)), dtype=np.uint32)
    for start, stop in _chunks(keys):
        shingles, edges = _shingles(keys[start:stop])
        for i, (factor, offset) in enumerate(zip(factors | 1, offsets, strict=True)):
            signatures[start:stop, i] = np.minimum.reduceat((shingles ^ offset) * factor, edges)[::2]
    return signatures


def _chunks(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of keys of about 500,000 letters: arrays that stay in the processor's caches."""
    start = letters = 0
    for row, key in enumerate(keys):
        letters += len(key)
        if letters >= _CHUNK_LETTERS or row + 1 == len(keys):
            yield start, row + 1
            start, letters = row + 1, 0


def _shingles(keys: Sequence[str]) -> tuple[npt.NDArray[np.uint32], Ints]:
    """A hash of each 8 letters of the joined keys, and edges: every second range lies within one key."""
    letters = np.frombuffer("".join(keys).encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    count = len(letters) - _SHINGLE_LETTERS + 1
    hashes: Words = np.zeros(count, dtype=np.uint64)
    for i in range(_SHINGLE_LETTERS):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + letters[i : i + count]
    hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    ends = np.cumsum([len(key) for key in keys])
    starts = ends - [len(key) for key in keys]
    edges = np.stack([starts, ends - _SHINGLE_LETTERS + 1], axis=1).reshape(-1)
    return (hashes >> np.uint64(32)).astype(np.uint32), edges[:-1]


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


def _join(parents: list[int], one: int, other: int) -> None:
    """Join two groups under the smaller of their roots."""
    low, high = sorted((_root(parents, one), _root(parents, other)))
    parents[high] = low
