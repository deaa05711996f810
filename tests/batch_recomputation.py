"""What the cells of every brand must be, computed the slow and obvious way from a list of labels.

It shares no code with `stream/brands`: it keeps every label of a brand, finds the horizon last, and only then
asks for each cell what belongs to it. The limits are restated here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stream.estimation.bins import BINS, bin_of

MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
KEPT_MINUTES = 2 * 60
KEPT_HOURS = 8 * 24
NAMES = ("negative", "neutral", "positive")
WINDOWS_MS = {
    "5m": (5 * MINUTE_MS, MINUTE_MS),
    "1h": (HOUR_MS, MINUTE_MS),
    "24h": (24 * HOUR_MS, HOUR_MS),
    "7d": (7 * 24 * HOUR_MS, HOUR_MS),
}

Cell = tuple[int, ...]
"""Three counts, three sums of probabilities in units of 2^-20, late reviews, and labels by bin of scores."""
NOTHING: Cell = (0,) * (7 + BINS)
LATE: Cell = (0, 0, 0, 0, 0, 0, 1, *[0] * BINS)


@dataclass(frozen=True, slots=True)
class BatchLabel:
    """A decoded label and where it lies in `review-sentiment`."""

    partition: int
    offset: int
    key: bytes
    fields: Mapping[str, Any]

    @property
    def review(self) -> tuple[str | None, str]:
        """Which review of the brand it is of."""
        return self.fields.get("source"), self.fields["review_id"]


@dataclass(frozen=True, slots=True)
class Choices:
    """The settings that matter."""

    clock: str = "wall"
    correction_ms: int = 7 * DAY_MS
    skip_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class BatchBrand:
    """What is expected of one brand; cells by the start of their time in ms."""

    name: str
    model: str
    fence: int
    horizon_ms: int
    minutes: dict[int, Cell]
    hours: dict[int, Cell]

    def window(self, name: str, now_ms: int) -> Cell:
        """The sum of the cells of one window at that time."""
        length_ms, cell_ms = WINDOWS_MS[name]
        cells = self.minutes if cell_ms == MINUTE_MS else self.hours
        end_ms = now_ms - now_ms % cell_ms + cell_ms
        inside = [cell for start, cell in cells.items() if end_ms - length_ms <= start < end_ms]
        return _sum(inside)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One label and what became of it."""

    label: BatchLabel
    reference_ms: int
    replaces: BatchLabel | None
    duplicate_of: BatchLabel | None
    late: bool
    skipped: bool


def recompute(labels: Iterable[BatchLabel], choices: Choices = Choices()) -> dict[bytes, BatchBrand]:
    """Every brand's expected state; a label given twice (same partition and offset) counts once."""
    return {key: _brand(_judge(of_brand, choices)) for key, of_brand in _by_brand(labels).items()}


def corrections(
    labels: Iterable[BatchLabel], choices: Choices = Choices()
) -> dict[bytes, list[dict[str, Any]]]:
    """The events that are expected on `review-corrections`, by brand, in the order of the labels' offsets."""
    found: dict[bytes, list[dict[str, Any]]] = {}
    for key, of_brand in _by_brand(labels).items():
        events = [_correction(one) for one in _judge(of_brand, choices) if one.replaces or one.duplicate_of]
        if events:
            found[key] = events
    return found


def _by_brand(labels: Iterable[BatchLabel]) -> dict[bytes, list[BatchLabel]]:
    once = {(label.partition, label.offset): label for label in labels}
    by_brand: dict[bytes, list[BatchLabel]] = defaultdict(list)
    for position in sorted(once):
        by_brand[once[position].key].append(once[position])
    return by_brand


def _judge(labels: list[BatchLabel], choices: Choices) -> list[_Judged]:
    """All labels of one brand, each beside what came before it."""
    judged: list[_Judged] = []
    latest: dict[tuple[str | None, str], _Judged] = {}
    originals: dict[str, tuple[int, BatchLabel]] = {}
    horizon_ms = 0
    for label in labels:
        created_at, digest = label.fields["created_at"], label.fields["text_digest"]
        horizon_ms = max(horizon_ms, created_at)
        reference = label.fields["scored_at"] if choices.clock == "wall" else horizon_ms
        former = latest.get(label.review)
        fresh = former is not None and reference < former.reference_ms + choices.correction_ms
        duplicate_of = None
        if digest is not None:
            if digest not in originals or reference >= originals[digest][0] + DAY_MS:
                originals[digest] = reference, label
            original = originals[digest][1]
            duplicate_of = original if original.review != label.review else None
        late = _start(created_at, HOUR_MS) <= _start(reference, HOUR_MS) - KEPT_HOURS * HOUR_MS
        skipped = choices.skip_duplicates and duplicate_of is not None
        replaces = former.label if former and fresh and choices.correction_ms else None
        latest[label.review] = _Judged(label, reference, replaces, duplicate_of, late, skipped)
        judged.append(latest[label.review])
    return judged


def _correction(one: _Judged) -> dict[str, Any]:
    fields = one.label.fields
    return {
        "event_id": fields["event_id"],
        "brand": fields["brand"],
        "brand_key": one.label.key.decode(),
        "review_id": fields["review_id"],
        "source": fields.get("source"),
        "replaces": one.replaces.fields["event_id"] if one.replaces else None,
        "duplicate_of": one.duplicate_of.fields["event_id"] if one.duplicate_of else None,
        "counted": not one.late and not one.skipped,
        "as_of": fields["scored_at"],
    }


def _brand(judged: list[_Judged]) -> BatchBrand:
    horizon_ms = max(one.reference_ms for one in judged)
    replaced = {one.replaces.offset for one in judged if one.replaces}
    minutes: dict[int, list[Cell]] = defaultdict(list)
    hours: dict[int, list[Cell]] = defaultdict(list)
    for one in judged:
        created_at, reference = one.label.fields["created_at"], one.reference_ms
        if one.skipped:
            continue
        if one.late:
            minutes[_start(reference, MINUTE_MS)].append(LATE)
            hours[_start(reference, HOUR_MS)].append(LATE)
        elif one.label.offset not in replaced:
            hours[_start(created_at, HOUR_MS)].append(_cell(one.label))
            minutes[_start(created_at, MINUTE_MS)].append(_cell(one.label))
        else:
            hours[_start(created_at, HOUR_MS)].append(NOTHING)
            minutes[_start(created_at, MINUTE_MS)].append(NOTHING)
    return BatchBrand(
        name=judged[0].label.fields["brand"],
        model=judged[-1].label.fields["model"],
        fence=judged[-1].label.offset,
        horizon_ms=horizon_ms,
        minutes=_kept(minutes, _start(horizon_ms, MINUTE_MS) - KEPT_MINUTES * MINUTE_MS),
        hours=_kept(hours, _start(horizon_ms, HOUR_MS) - KEPT_HOURS * HOUR_MS),
    )


def _start(time_ms: int, width_ms: int) -> int:
    return time_ms - time_ms % width_ms


def _cell(label: BatchLabel) -> Cell:
    counts = [1 if label.fields["label"] == name else 0 for name in NAMES]
    sums = [round(label.fields["scores"][name] * 2**20) for name in NAMES]
    its_bin = bin_of(sums[0], sums[2])
    return (*counts, *sums, 0, *(1 if number == its_bin else 0 for number in range(BINS)))


def _kept(cells: dict[int, list[Cell]], last_dropped_ms: int) -> dict[int, Cell]:
    return {start: _sum(cells[start]) for start in sorted(cells) if start > last_dropped_ms}


def _sum(cells: list[Cell]) -> Cell:
    return tuple(map(sum, zip(NOTHING, *cells, strict=True)))
