"""The labels of a chunk that are not in yet, by columns, each with its brand and its place in time."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stream.brands.cells import LATEST_MS
from stream.brands.identity import event_id_of
from stream.brands.reading import naming, read
from stream.brands.state import BrandState
from stream.essence import Essences
from stream.kafka.messages import HeadedRecord

Int64 = npt.NDArray[np.int64]
Load = Callable[[bytes], BrandState | None]

MOST_ROWS = 1 << 15
# A time and a brand's number fit one integer.
_TIME_BITS = LATEST_MS.bit_length()
# Above what 200 characters can become; a state under a longer key might not fit into a message.
_MAX_KEY_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Labels in the order of their offsets; the columns have one element a label."""

    records: Sequence[HeadedRecord]
    offsets: Int64
    essences: Essences
    event_ids: dict[int, str]
    """Those that do not follow from the origin, by row."""
    brands: Int64
    """Place of the brand in the lists below."""
    keys: list[bytes]
    states: list[BrandState]
    topic: str
    """Of the reviews."""

    def __len__(self) -> int:
        return len(self.records)

    def event_id(self, row: int) -> str:
        """Of one label."""
        odd = self.event_ids.get(row) if self.event_ids else None
        if odd is not None:
            return odd
        essences = self.essences
        return event_id_of(self.topic, int(essences["partition"][row]), int(essences["offset"][row]))


@dataclass(frozen=True, slots=True)
class Sifted:
    """What some records are."""

    arrivals: Arrivals
    replayed: int
    """Records that are in already."""
    unreadable: list[int]
    """Offsets of those that are no labels."""


@dataclass(frozen=True, slots=True)
class Course:
    """When labels came, (labels,) each, and how far that took their brands."""

    references: Int64
    """Reference times, see `stream.brands.folding`."""
    horizons: Int64
    """Of the label's brand, the label included."""
    last_rows: Int64
    """Of each brand that has any, its last label, by the places of the brands."""


def sift(
    states: MutableMapping[bytes, BrandState], records: Sequence[HeadedRecord], load: Load, topic: str
) -> Sifted:
    """The labels that are not in yet, at most `MOST_ROWS`; states are loaded, or made for new brands."""
    keys_of = [record.key for record in records]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys_of))}
    found = [None if key is None else states.get(key) or load(key) for key in places]
    fences = np.array([-1 if state is None else state.fence for state in found], np.int64)
    offsets = np.array([record.offset for record in records], np.int64)
    brands = np.fromiter(map(places.__getitem__, keys_of), np.int64, len(records))
    is_brand = [state is not None or names_a_brand(key) for key, state in zip(places, found, strict=True)]
    fresh = np.flatnonzero(offsets > fences[brands])
    replayed = len(records) - len(fresh)
    named = fresh[np.array(is_brand, np.bool_)[brands[fresh]]]
    reading = read(_chosen(records, named), topic)
    rows = named[reading.rows]
    missing = np.setdiff1d(fresh, rows, assume_unique=True)
    kept = _chosen(records, rows)
    brands = brands[rows]
    for place, first in zip(*np.unique(brands, return_index=True), strict=True):
        state = found[place]
        if state is None:
            name = naming(kept[first])
            state = found[place] = BrandState(name=name.brand, model=name.model)
        states[kept[first].key or b""] = state
    keys = [key or b"" for key in places]
    # The places of brands without any label here are never looked at.
    arrivals = Arrivals(
        kept,
        offsets[rows],
        reading.essences,
        reading.event_ids,
        brands,
        keys,
        found,  # type: ignore[arg-type]
        topic,
    )
    return Sifted(arrivals, replayed, offsets[missing].tolist())


def course(arrivals: Arrivals, clock: str) -> Course:
    """Reference times and horizons; the former horizons are those of the states."""
    created, scored = arrivals.essences["created_at"], arrivals.essences["scored_at"]
    order = np.argsort(arrivals.brands, kind="stable")
    brands = arrivals.brands[order]
    begins = np.flatnonzero(np.diff(brands, prepend=-1))
    times = (scored if clock == "wall" else created)[order]
    former = np.array([arrivals.states[place].horizon_ms for place in brands[begins].tolist()], np.int64)
    times[begins] = np.maximum(times[begins], former)
    # The greatest so far within each brand: later brands stand above all times of earlier ones.
    above = np.repeat(np.arange(len(begins)) << _TIME_BITS, np.diff(begins, append=len(order)))
    horizons = np.empty_like(times)
    horizons[order] = np.maximum.accumulate(times + above) - above
    last_rows = order[np.append(begins[1:], len(order)) - 1]
    return Course(scored if clock == "wall" else horizons, horizons, last_rows)


def _chosen(records: Sequence[HeadedRecord], rows: npt.NDArray[np.intp]) -> Sequence[HeadedRecord]:
    return records if len(rows) == len(records) else [records[row] for row in rows.tolist()]


def names_a_brand(key: bytes | None) -> bool:
    """Whether it can be a brand's key."""
    if not key or len(key) > _MAX_KEY_BYTES:
        return False
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True
