"""What is told of labels that took another's place or repeat a text."""

from collections.abc import Iterator
from dataclasses import dataclass

from stream.brands.arrivals import Arrivals
from stream.brands.judging import Judged
from stream.brands.reading import naming
from stream.encoding import to_json


@dataclass(frozen=True, slots=True)
class Corrected:
    """A label that took another's place, or repeats its text, or both; the others are named by event id."""

    key: bytes
    event_id: str
    brand: str
    review_id: str
    source: str | None
    scored_at: int
    replaces: str | None
    duplicate_of: str | None
    counted: bool
    """Whether the label counts in cells."""


def corrected(arrivals: Arrivals, judged: Judged) -> Iterator[Corrected]:
    """What is told of the labels that took a place or repeat a text, in their order."""
    for row in sorted(judged.formers.keys() | judged.originals.keys()):
        name, former = naming(arrivals.records[row]), judged.formers.get(row)
        yield Corrected(
            arrivals.keys[arrivals.brands[row]],
            arrivals.event_id(row),
            name.brand,
            name.review_id,
            name.source,
            int(arrivals.essences["scored_at"][row]),
            None if former is None else former.event_id,
            judged.originals.get(row),
            bool(judged.counted[row]),
        )


def correction(corrected: Corrected) -> bytes:
    """The value on `review-corrections`: JSON of `stream.events.Correction`."""
    return to_json(
        {
            "event_id": corrected.event_id,
            "brand": corrected.brand,
            "brand_key": corrected.key.decode(),
            "review_id": corrected.review_id,
            "source": corrected.source,
            "replaces": corrected.replaces,
            "duplicate_of": corrected.duplicate_of,
            "counted": corrected.counted,
            "as_of": corrected.scored_at,
        }
    )
