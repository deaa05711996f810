"""Labels into cells: a chunk at once, exactly once for every label, the same result for any chunking.

Each label has a reference time. With `clock=wall` it is the label's own `scored_at`; with `clock=event` it
is the brand's stream time, the greatest `created_at` so far with this label's. A brand's horizon is its
greatest reference time. Of a label:

- hour(created_at) <= hour(reference) - 192: too late. Only `late` of the minute and of the hour of the
  reference time goes up.
- otherwise its hour counts, and its minute as well while minute(created_at) > minute(horizon) - 120.
  `created_at` may lie ahead of the reference time.

Cells at or below the horizon less what is kept (120 minutes, 192 hours) do not exist: what would land in one
that has aged out vanishes with it, and so does what would be taken out of one.

A label of a review (source and id within the brand) that had one before takes its place while the former's
reference time is less than the correction time before its own: the cells that hold the former lose it. They
are those that exist: the horizon only grows, so a cell that exists now existed when the former was counted.
A label repeats a text if another review of the brand had a label with the same digest less than a day before
it, by reference times; the first such label stays the original for its day. Repetitions are left out of the
cells where that is asked for. Nothing here depends on when folding happens, so that a replay, or a batch over
all labels that drops by the final horizon, ends in the same cells. Hence labels are folded by columns, many
at once, as far as they do not touch each other.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from stream.brands.alerting.evidence import Candidate
from stream.brands.arrivals import MOST_ROWS, Arrivals, Course, Load, course, sift
from stream.brands.cells import HOUR_MS, KEPT_HOURS, KEPT_MINUTES, MINUTE_MS, Cells, prune
from stream.brands.corrections import Corrected, corrected
from stream.brands.counting import count, count_late, is_on_time, take_out
from stream.brands.judging import Judged, Memory, judge
from stream.brands.reading import naming
from stream.brands.state import BrandState
from stream.events import LABELS
from stream.kafka.messages import HeadedRecord

Clock = Literal["wall", "event"]
NEGATIVE = LABELS.index("negative")


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts."""

    clock: Clock = "wall"
    """Where reference times come from."""
    correction_ms: int = 7 * 24 * HOUR_MS
    """Within that time a review's new label takes the place of its former one; 0: never."""
    skip_duplicates: bool = False
    """Leave labels that repeat a text out of the cells."""
    alerts: bool = True
    """Gather the reviews that alerts can show."""
    topic: str = "reviews"
    """Where the reviews were; an essence names its review's place there, its event id the topic as well."""


@dataclass(slots=True)
class Folded:
    """What folding did."""

    changed: dict[bytes, Cells] = field(default_factory=dict)
    """By brand key: the hour cells that changed, by index. They are the brand's own cells, so a later fold
    still shows in them, and one that is pruned before it was published is not lost."""
    corrected: list[Corrected] = field(default_factory=list)
    labels: int = 0
    """Labels folded in, late ones and repetitions included."""
    late: int = 0
    """Of these: too late to be counted in a cell."""
    replayed: int = 0
    """Records skipped because they are in already."""
    unreadable: list[int] = field(default_factory=list)
    """Offsets of records that are no labels: a foreign producer writes to the topic."""


def fold(
    states: MutableMapping[bytes, BrandState],
    records: Sequence[HeadedRecord],
    policy: Policy,
    load: Load,
    memory: Memory,
) -> Folded:
    """Fold records of one partition, in the order of their offsets, into the states of their brands.

    `states` are those at hand; `load` is asked for a brand that is not among them and answers None for a
    new one. States are changed in place and added to `states`.
    """
    folded = Folded()
    for start in range(0, len(records), MOST_ROWS):
        sifted = sift(states, records[start : start + MOST_ROWS], load, policy.topic)
        folded.replayed += sifted.replayed
        folded.unreadable += sifted.unreadable
        if len(sifted.arrivals):
            _take(sifted.arrivals, policy, memory, folded)
    return folded


def _take(arrivals: Arrivals, policy: Policy, memory: Memory, folded: Folded) -> None:
    """Count the labels that count, in the places of their reviews' former ones."""
    when = course(arrivals, policy.clock)
    for row in when.last_rows.tolist():
        _move_on(arrivals, row, int(when.horizons[row]))
        folded.changed.setdefault(arrivals.keys[arrivals.brands[row]], {})
    on_time = is_on_time(arrivals.essences["created_at"], when.references)
    judged = judge(arrivals, when, on_time, memory, policy.correction_ms, policy.skip_duplicates)
    skipped = np.zeros(len(arrivals), np.bool_)
    if policy.skip_duplicates:
        skipped[list(judged.originals)] = True
    late = ~on_time & ~skipped
    count(arrivals, when, judged.counted, folded.changed)
    count_late(arrivals, when, late, folded.changed)
    _replace(arrivals, when, judged, policy, folded)
    folded.corrected += corrected(arrivals, judged)
    folded.labels += len(arrivals)
    folded.late += int(late.sum())
    for row in when.last_rows.tolist():
        state = arrivals.states[arrivals.brands[row]]
        prune(state.minutes, state.horizon_ms // MINUTE_MS - KEPT_MINUTES)
        prune(state.hours, state.horizon_ms // HOUR_MS - KEPT_HOURS)


def _move_on(arrivals: Arrivals, row: int, horizon_ms: int) -> None:
    """A brand's state after its last label."""
    state = arrivals.states[arrivals.brands[row]]
    state.fence = int(arrivals.offsets[row])
    state.horizon_ms = horizon_ms
    state.model = naming(arrivals.records[row]).model


def _replace(arrivals: Arrivals, when: Course, judged: Judged, policy: Policy, folded: Folded) -> None:
    """Take out what was replaced, and keep the negative reviews that an alert may show, in their order."""
    essences, formers = arrivals.essences, judged.formers
    gathered = np.zeros(len(arrivals), np.bool_)
    if policy.alerts:
        gathered = judged.counted & (essences["label"] == NEGATIVE)
    touched = gathered.copy()
    touched[list(formers)] = True
    rows = np.flatnonzero(touched)
    columns = zip(
        rows.tolist(),
        arrivals.brands[rows].tolist(),
        gathered[rows].tolist(),
        essences["units"][rows, NEGATIVE].tolist(),
        essences["created_at"][rows].tolist(),
        (when.horizons[rows] // HOUR_MS).tolist(),
        arrivals.offsets[rows].tolist(),
        essences["sketch"][rows].tolist(),
        strict=True,
    )
    for row, place, is_gathered, confidence, created_at, horizon_hour, offset, sketch in columns:
        state, former = arrivals.states[place], formers.get(row)
        if former is not None and former.counted:
            take_out(state, former, folded.changed[arrivals.keys[place]])
            state.evidence.withdraw(former.event_id)
        if is_gathered and state.evidence.wants(confidence, created_at // HOUR_MS, horizon_hour):
            event_id = arrivals.event_id(row)
            state.evidence.consider(Candidate(confidence, created_at, offset, 1, sketch, event_id))
