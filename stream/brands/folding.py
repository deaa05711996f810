"""Labels into cells: a chunk at once, exactly once for every label, the same result for any chunking.

Each label has a reference time. With `clock=wall` it is the label's own `scored_at`; with `clock=event` it
is the brand's stream time, the greatest `created_at` so far with this label's. A brand's horizon is its
greatest reference time. Of a label:

- hour(created_at) <= hour(reference) - 192: too late. Only `late` of the minute and of the hour of the
  reference time goes up.
- otherwise its hour counts, and its minute as well while minute(created_at) > minute(horizon) - 120.
  `created_at` may lie ahead of the reference time.

Cells at or below the horizon less what is kept (120 minutes, 192 hours) do not exist: what would land in one
that has aged out vanishes with it. Nothing here depends on when folding happens, so that a replay, or a
batch over all labels that drops by the final horizon, ends in the same cells.
"""

from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Literal, Protocol

import orjson

from stream.brands.cells import (
    FIRST_COUNT,
    HOUR_MS,
    KEPT_HOURS,
    KEPT_MINUTES,
    LATE,
    LATEST_MS,
    MINUTE_MS,
    NEGATIVE_SUM,
    NEUTRAL_SUM,
    POSITIVE_SUM,
    SCORE_UNIT,
    Cells,
    cell_at,
    prune,
)
from stream.brands.state import BrandState
from stream.events import LABELS, MAX_BRAND_CHARS, MAX_SHORT_CHARS

Clock = Literal["wall", "event"]
Reading = tuple[int, int, int, int, int, int, str, str]
"""Index of the label in `LABELS`, three probabilities in 2^-20, created_at, scored_at, brand, model."""

_LABEL_INDEX = {label: index for index, label in enumerate(LABELS)}
_LEAST_SCORES = SCORE_UNIT - SCORE_UNIT // 100
_MOST_SCORES = SCORE_UNIT + SCORE_UNIT // 100
# Above what 200 characters can become; a state under a longer key might not fit into a message.
_MAX_KEY_BYTES = 16 * 1024


class Record(Protocol):
    """A record of one partition of `review-sentiment`."""

    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Folded:
    """What folding a chunk did."""

    changed: dict[bytes, Cells]
    """By brand key: the hour cells that changed, by index. They are the brand's own cells, so a later fold
    still shows in them, and one that is pruned before it was published is not lost."""
    labels: int
    """Labels folded in, late ones included."""
    late: int
    """Of these: too late to be counted in a cell."""
    replayed: int
    """Records skipped because they are in already."""
    unreadable: list[int]
    """Offsets of records that are no labels: a foreign producer writes to the topic."""


def read_label(value: bytes | None) -> Reading | None:
    """What counts of a label, or None when it is none: wrong types or times, impossible scores, long names.

    The three scores must add up to 1 within a hundredth. The types are checked by hand because a validator
    costs more than everything else that is done to a label.
    """
    if value is None:
        return None
    try:
        label = orjson.loads(value)
        scores = label["scores"]
        negative, neutral, positive = scores["negative"], scores["neutral"], scores["positive"]
        created_at, scored_at, brand, model = (
            label["created_at"],
            label["scored_at"],
            label["brand"],
            label["model"],
        )
        index = _LABEL_INDEX[label["label"]]
        if not (type(negative) is type(neutral) is type(positive) is float) and bool in map(
            type, (negative, neutral, positive)
        ):
            return None
        negative_units = round(negative * SCORE_UNIT)
        neutral_units = round(neutral * SCORE_UNIT)
        positive_units = round(positive * SCORE_UNIT)
        scores_fit = (
            negative_units >= 0
            and neutral_units >= 0
            and positive_units >= 0
            and _LEAST_SCORES <= negative_units + neutral_units + positive_units <= _MOST_SCORES
        )
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    times_fit = (
        type(created_at) is type(scored_at) is int
        and 0 <= created_at <= LATEST_MS
        and 0 <= scored_at <= LATEST_MS
    )
    if not (scores_fit and times_fit and type(brand) is type(model) is str):
        return None
    if len(brand) > MAX_BRAND_CHARS or len(model) > MAX_SHORT_CHARS:
        return None
    return index, negative_units, neutral_units, positive_units, created_at, scored_at, brand, model


def fold(
    states: MutableMapping[bytes, BrandState],
    records: Iterable[Record],
    clock: Clock,
    load: Callable[[bytes], BrandState | None],
) -> Folded:
    """Fold records of one partition, in the order of their offsets, into the states of their brands.

    `states` are those at hand; `load` is asked for a brand that is not among them and answers None for a
    new one. States are changed in place and added to `states`.
    """
    changed: dict[bytes, Cells] = {}
    unreadable: list[int] = []
    labels = late = replayed = 0
    event_clock = clock == "event"
    for record in records:
        key, offset = record.key, record.offset
        state = None if key is None else states.get(key) or _loaded(states, key, load)
        if state is not None and offset <= state.fence:
            replayed += 1
            continue
        reading = read_label(record.value)
        if reading is None or not key or (state is None and not _names_a_brand(key)):
            unreadable.append(offset)
            continue
        if state is None:
            state = states[key] = BrandState(name=reading[6], model=reading[7])
        hours = changed.get(key)
        if hours is None:
            hours = changed[key] = {}
        late += _count(state, reading, event_clock, hours)
        state.fence = offset
        labels += 1
    for key in changed:
        state = states[key]
        prune(state.minutes, state.horizon_ms // MINUTE_MS - KEPT_MINUTES)
        prune(state.hours, state.horizon_ms // HOUR_MS - KEPT_HOURS)
    return Folded(changed, labels, late, replayed, unreadable)


def _count(state: BrandState, reading: Reading, event_clock: bool, changed_hours: Cells) -> bool:
    """Count one label; true when it was too late for any cell."""
    index, negative, neutral, positive, created_at, reference, _, state.model = reading
    horizon = state.horizon_ms
    if event_clock:
        reference = created_at if created_at > horizon else horizon
    if reference > horizon:
        state.horizon_ms = horizon = reference
    hour, minute = created_at // HOUR_MS, created_at // MINUTE_MS
    if hour <= reference // HOUR_MS - KEPT_HOURS:
        _count_late(state, reference, changed_hours)
        return True
    if hour > horizon // HOUR_MS - KEPT_HOURS:
        cells = state.hours
        changed_hours[hour] = cell = cells.get(hour) or cell_at(cells, hour)
        cell[FIRST_COUNT + index] += 1
        cell[NEGATIVE_SUM] += negative
        cell[NEUTRAL_SUM] += neutral
        cell[POSITIVE_SUM] += positive
    if minute > horizon // MINUTE_MS - KEPT_MINUTES:
        cells = state.minutes
        cell = cells.get(minute) or cell_at(cells, minute)
        cell[FIRST_COUNT + index] += 1
        cell[NEGATIVE_SUM] += negative
        cell[NEUTRAL_SUM] += neutral
        cell[POSITIVE_SUM] += positive
    return False


def _count_late(state: BrandState, reference_ms: int, changed_hours: Cells) -> None:
    hour, minute = reference_ms // HOUR_MS, reference_ms // MINUTE_MS
    if hour > state.horizon_ms // HOUR_MS - KEPT_HOURS:
        changed_hours[hour] = cell = cell_at(state.hours, hour)
        cell[LATE] += 1
    if minute > state.horizon_ms // MINUTE_MS - KEPT_MINUTES:
        cell_at(state.minutes, minute)[LATE] += 1


def _loaded(
    states: MutableMapping[bytes, BrandState], key: bytes, load: Callable[[bytes], BrandState | None]
) -> BrandState | None:
    state = load(key)
    if state is not None:
        states[key] = state
    return state


def _names_a_brand(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return len(key) <= _MAX_KEY_BYTES
