"""Who was counted: a review under its digest, a text under its own, each within one brand.

Each is remembered as an entry: a value under a key of 17 bytes, one space of keys for both. Many at a time
are arrays; an event id that does not follow from its review's origin is appended to a value.
"""

import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from stream.essence import Essences

REVIEW, TEXT = b"r", b"t"
KEY = np.dtype([("kind", "S1"), ("high", ">u8"), ("low", ">u8")])
REVIEW_ENTRY = np.dtype(
    [
        ("reference_ms", "<i8"),
        ("created_at", "<i8"),
        ("units", "<u4", (3,)),
        ("label", "u1"),
        ("counted", "?"),
        ("partition", "<u4"),
        ("offset", "<i8"),
    ]
)
TEXT_ENTRY = np.dtype(
    [("reference_ms", "<i8"), ("review", ">u8", (2,)), ("partition", "<u4"), ("offset", "<i8")]
)
_REVIEW = struct.Struct("<qqIIIB?Iq")
_TEXT = struct.Struct("<q16sIq")
_APPENDED = b"="

Keys = npt.NDArray[np.void]
"""(entries,) of `KEY`."""
Int64 = npt.NDArray[np.int64]
UInt64 = npt.NDArray[np.uint64]


class Former(NamedTuple):
    """The latest label of a review."""

    reference_ms: int
    created_at: int
    negative: int
    neutral: int
    positive: int
    label_index: int
    """In `stream.events.LABELS`."""
    counted: bool
    """Whether its cells hold it."""
    event_id: str


class Original(NamedTuple):
    """The first label of a text within its day."""

    reference_ms: int
    review: bytes
    """The digest of its review."""
    event_id: str


def halves_of(keys: Keys) -> UInt64:
    """(entries,) the first halves of keys: a hash of each, ascending as the keys of a kind do."""
    return keys["high"].astype(np.uint64)


def brand_hash(key: bytes) -> int:
    """64 bits that stand for a brand in the keys of its texts."""
    return xxh3_64_intdigest(key)


def review_keys(essences: Essences) -> Keys:
    """(labels,) the keys of their reviews."""
    keys = np.empty(len(essences), KEY)
    keys["kind"] = REVIEW
    keys["high"], keys["low"] = essences["review"].T
    return keys


def text_keys(essences: Essences, brand_hashes: UInt64) -> Keys:
    """(labels,) the keys of their texts; `brand_hashes` (labels,) are those of their brands."""
    keys = np.empty(len(essences), KEY)
    keys["kind"] = TEXT
    # Different for different digests, and well spread for whatever looks at half of it.
    keys["high"], keys["low"] = essences["text"] ^ brand_hashes, brand_hashes
    return keys


def review_entries(essences: Essences, reference_ms: Int64, counted: npt.NDArray[np.bool_]) -> Keys:
    """(labels,) of `REVIEW_ENTRY`: what `unpack_former` needs of the latest labels of reviews."""
    entries = np.empty(len(essences), REVIEW_ENTRY)
    entries["reference_ms"], entries["counted"] = reference_ms, counted
    for name in ("created_at", "units", "label", "partition", "offset"):
        entries[name] = essences[name]
    return entries


def text_entries(essences: Essences, reference_ms: Int64) -> Keys:
    """(labels,) of `TEXT_ENTRY`: what `unpack_original` needs of the first labels of texts."""
    entries = np.empty(len(essences), TEXT_ENTRY)
    entries["reference_ms"] = reference_ms
    for name in ("review", "partition", "offset"):
        entries[name] = essences[name]
    return entries


def unpack_former(entry: bytes, topic: str) -> Former:
    """The latest label of a review, from its entry; `topic` is the one of the reviews."""
    *fields, partition, offset = _REVIEW.unpack_from(entry)
    return Former._make((*fields, _event_id(entry[_REVIEW.size :], topic, partition, offset)))


def unpack_original(entry: bytes, topic: str) -> Original:
    """The first label of a text, from its entry."""
    reference_ms, review, partition, offset = _TEXT.unpack_from(entry)
    return Original(reference_ms, review, _event_id(entry[_TEXT.size :], topic, partition, offset))


def appended(event_id: str) -> bytes:
    """What a value has at its end where its event id does not follow from the origin."""
    return _APPENDED + event_id.encode()


def event_id_of(topic: str, partition: int, offset: int) -> str:
    """As `score` makes it."""
    return f"{topic}-{partition}-{offset}"


def _event_id(end: bytes, topic: str, partition: int, offset: int) -> str:
    return end[len(_APPENDED) :].decode() if end else event_id_of(topic, partition, offset)
