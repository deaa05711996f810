"""The chaos test's reviews: a pure function of their place, so that the outcome can be computed."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from operator import itemgetter
from typing import Any, Literal

import orjson

Header = tuple[str, bytes]
Fate = Literal["labelled", "undecodable", "invalid"]
Mood = Literal["ordinary", "ahead", "behind", "poison"]
"""What reviews are like: as ever; from producers whose clocks are an hour wrong; in good part malformed."""

FIRST_PARTITIONS = 4
"""Of `reviews`, before it grows."""
BRANDS = 200
POISON_RUN, POISON_PERIOD = 250, 1000
"""So many malformed ones one after another, in so many: far from the half that the budget allows."""
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
_SOURCES = (None, "shop", None, "market", "")
_EDITED = 5_000
"""So many records ago, in its partition, the review of an edit came at most."""
_PARTITION_BITS = 6


@dataclass(frozen=True, slots=True)
class Spell:
    """A mood and when it began, ms since 1970."""

    mood: Mood
    began_ms: int


@dataclass(frozen=True, slots=True)
class Given:
    """One record as it is produced, and what must become of it."""

    number: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    fate: Fate
    brand: str
    review_id: str
    source: str | None
    text: str
    created_at_ms: int | None
    """None: the label must carry the record's Kafka timestamp."""
    ahead: bool
    """Whether it claims a time in the future, which its label must say."""


class Load:
    """All reviews of a run. They are ordinary unless `begin` said otherwise before they were produced.

    Args:
        base_ms: when the run began.
    """

    def __init__(self, base_ms: int) -> None:
        self._base_ms = base_ms
        self._spells: defaultdict[int, list[tuple[int, Spell]]] = defaultdict(list)

    def begin(self, spell: Spell, next_offsets: Mapping[int, int]) -> None:
        """From these offsets on, by partition, reviews are so."""
        for partition, offset in next_offsets.items():
            self._spells[partition].append((offset, spell))

    def at(self, partition: int, offset: int) -> Given:
        """The record of that place."""
        spells = self._spells[partition]
        found = bisect(spells, offset, key=itemgetter(0))
        spell = spells[found - 1][1] if found else Spell("ordinary", self._base_ms)
        return given(partition, offset, self._base_ms, spell)


def given(partition: int, offset: int, base_ms: int, spell: Spell) -> Given:
    """The record of that place in a spell; `base_ms` is when the run began."""
    number = offset << _PARTITION_BITS | partition
    mixed = _mix(number)
    of = _review_of(partition, offset)
    brand, review_id, source = _brand(of), f"r{of}", _SOURCES[of % len(_SOURCES)]
    text = TEXTS[(mixed >> 20 & 0xFFFF) % len(TEXTS)]
    said, created_at_ms = _time(mixed, number, base_ms, spell)
    ahead = said is not None and created_at_ms is None
    review: dict[str, Any] = {"review_id": review_id, "brand": brand, "text": text}
    if source is not None:
        review["source"] = source
    if said is not None:
        review["created_at"] = said
    fate: Fate = "labelled"
    value: bytes | None = None
    spoiler = _spoiler(mixed >> 48, offset, spell)
    if spoiler is None:
        value = orjson.dumps(review)
    else:
        fate, spoil = spoiler
        value = spoil(review)
    headers = (("traceparent", b"00-%032x-%016x-01" % (number + 1, number + 1)),) if number % 7 == 0 else ()
    key = None if number % 3 == 0 else brand.encode()
    return Given(number, key, value, headers, fate, brand, review_id, source, text, created_at_ms, ahead)


def _review_of(partition: int, offset: int) -> int:
    """The number under whose id a record comes: one in thirty edits a review that came before it."""
    number = offset << _PARTITION_BITS | partition
    mixed = _mix(number ^ 1 << 50)
    if not offset or mixed % 30:
        return number
    earlier = offset - 1 - (mixed >> 8) % min(offset, _EDITED)
    return earlier << _PARTITION_BITS | (mixed >> 40) % FIRST_PARTITIONS


def _spoiler(drawn: int, offset: int, spell: Spell) -> "_Spoiler | None":
    """What makes a record unreadable, if anything: one in a hundred, and the runs of a flood."""
    if spell.mood == "poison" and offset % POISON_PERIOD < POISON_RUN:
        return _SPOILED[drawn % len(_SPOILED)]
    drawn %= 100 * len(_SPOILED)
    return _SPOILED[drawn] if drawn < len(_SPOILED) else None


def _brand(number: int) -> str:
    drawn = (_mix(number) & 0xFFFFF) / 0x100000 * _WEIGHTS[-1]
    return f"Brand {bisect(_WEIGHTS, drawn)}"


def _time(mixed: int, number: int, base_ms: int, spell: Spell) -> tuple[int | str | None, int | None]:
    """What the review says about its time, and what its label must say (None: the Kafka timestamp)."""
    drawn = mixed >> 36 & 0xFFF
    if spell.mood == "ahead":
        return spell.began_ms + HOUR_MS + drawn, None
    if spell.mood == "behind":
        return spell.began_ms - HOUR_MS + drawn, spell.began_ms - HOUR_MS + drawn
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


_Spoiler = tuple[Fate, Callable[[dict[str, Any]], bytes | None]]
_SPOILED: tuple[_Spoiler, ...] = (
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
