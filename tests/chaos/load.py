"""The chaos test's reviews: a pure function of their number, so that the outcome can be computed."""

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Literal

import orjson

Header = tuple[str, bytes]
Fate = Literal["labelled", "undecodable", "invalid"]

BLOCK = 500
"""Reviews that lie one after another in one partition."""
BRANDS = 200
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000

SUBJECTS = (
    "The left hinge", "This kettle", "My second pair", "Battery life", "Picture quality", "The travel case",
    "Customer support", "The lid", "Setup", "The charging dock", "The strap", "Sound at low volume",
)  # fmt: skip
VERDICTS = (
    "is wonderful, I love it", "broke after two days", "is okay, nothing special", "works as promised",
    "is a waste of money", "could be better but does the job", "exceeded all my hopes", "died, awful",
    "is average for the price", "is superb", "leaks and smells terrible", "is fine I guess",
    "makes me smile every morning", "is useless, avoid", "is neither good nor bad", "is fantastic value",
)  # fmt: skip
TAILS = ("", " so far", " to be honest", " for my parents")
TEXTS = tuple(f"{subject} {verdict}{tail}" for subject in SUBJECTS for verdict in VERDICTS for tail in TAILS)

_WEIGHTS = list(accumulate(1 / rank for rank in range(1, BRANDS + 1)))
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Given:
    """One record as it is produced, and what must become of it."""

    number: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    fate: Fate
    brand: str
    text: str
    created_at_ms: int | None
    """None: the label must carry the record's Kafka timestamp."""


def given(number: int, base_ms: int) -> Given:
    """The record of that number; `base_ms` is when the run began."""
    mixed = _mix(number)
    brand = f"Brand {bisect(_WEIGHTS, (mixed & 0xFFFFF) / 0x100000 * _WEIGHTS[-1])}"
    text = TEXTS[(mixed >> 20 & 0xFFFF) % len(TEXTS)]
    said, created_at_ms = _time(mixed >> 36 & 0xFFF, number, base_ms)
    review: dict[str, Any] = {"review_id": f"r{number}", "brand": brand, "text": text}
    if said is not None:
        review["created_at"] = said
    fate: Fate = "labelled"
    value: bytes | None = None
    spoiler = (mixed >> 48) % (100 * len(_SPOILED))
    if spoiler < len(_SPOILED):
        fate, spoil = _SPOILED[spoiler]
        value = spoil(review)
    else:
        value = orjson.dumps(review)
    headers = (("traceparent", b"00-%032x-%016x-01" % (number + 1, number + 1)),) if number % 7 == 0 else ()
    key = None if number % 3 == 0 else brand.encode()
    return Given(number, key, value, headers, fate, brand, text, created_at_ms)


def place_of(number: int, partitions: int) -> tuple[int, int]:
    """Partition and offset of a record, in a topic that was empty and got all records in order.

    >>> place_of(0, 8), place_of(500, 8), place_of(4000, 8)
    ((0, 0), (1, 0), (0, 500))
    """
    block, rest = divmod(number, BLOCK)
    return block % partitions, block // partitions * BLOCK + rest


def number_at(partition: int, offset: int, partitions: int) -> int:
    """The inverse of `place_of`."""
    row, rest = divmod(offset, BLOCK)
    return (row * partitions + partition) * BLOCK + rest


def _time(drawn: int, number: int, base_ms: int) -> tuple[int | str | None, int | None]:
    """What the review says about its time, and what its label must say (None: the Kafka timestamp)."""
    if drawn < 400:
        return None, None
    if drawn < 420:
        return base_ms + 2 * HOUR_MS, None
    if drawn < 460:
        past_ms = base_ms - 9 * DAY_MS - number % 1000 * MINUTE_MS
        return past_ms, past_ms
    if drawn < 560:
        past_ms = base_ms - number % 6 * DAY_MS - number % 1_000_003
        return past_ms, past_ms
    past_ms = base_ms - drawn * number % (5 * HOUR_MS)
    if drawn < 1000:
        return datetime.fromtimestamp(past_ms / 1000, UTC).isoformat(timespec="milliseconds"), past_ms
    return past_ms, past_ms


def _mix(number: int) -> int:
    """SplitMix64 (Steele, Lea and Flood 2014): evenly spread bits, the same everywhere."""
    mixed = (number + 1) * 0x9E3779B97F4A7C15 & _MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
    return mixed ^ mixed >> 31


def _with(**changes: object) -> Callable[[dict[str, Any]], bytes]:
    return lambda review: orjson.dumps(review | changes)


_SPOILED: tuple[tuple[Fate, Callable[[dict[str, Any]], bytes | None]], ...] = (
    ("undecodable", lambda review: b"not json " + review["review_id"].encode()),
    ("undecodable", lambda review: orjson.dumps(review)[:-1]),
    ("undecodable", lambda review: orjson.dumps(review) + b"\xff\xfe"),
    ("undecodable", lambda review: orjson.dumps([review])),
    ("undecodable", lambda review: b'{"review_id": "x", "brand": "y", "text": "\\ud800"}'),
    ("undecodable", lambda review: b'{"review_id": "x", "brand": "y", "text": "\\u0000"}'),
    ("undecodable", lambda review: b""),
    ("undecodable", lambda review: None),
    ("invalid", lambda review: orjson.dumps({"review_id": review["review_id"]})),
    ("invalid", _with(text=" \t ")),
    ("invalid", _with(brand=["Brand 1"])),
    ("invalid", _with(stars=9)),
    ("invalid", _with(created_at="yesterday")),
)
