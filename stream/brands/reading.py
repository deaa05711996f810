"""Reading labels: the essences of a chunk, by their headers where they have one, else from their JSON.

From JSON, the fields are decoded and checked in one go (msgspec), because a validator of whole labels costs
more than everything else that is done to one. It refuses what `stream.events.Label` refuses in these fields,
and more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct
from msgspec.json import Decoder

from stream.brands.cells import LATEST_MS
from stream.essence import ESSENCE, HEADER, VERSION, Essences, pack_essence, review_digest
from stream.estimation.bins import SCORE_UNIT
from stream.events import LABELS, MAX_BRAND_CHARS, MAX_SHORT_CHARS
from stream.kafka.messages import HeadedRecord

_Share = Annotated[float, Meta(ge=0, le=1)]
_Time = Annotated[int, Meta(ge=0, le=LATEST_MS)]
_Short = Annotated[str, Meta(max_length=MAX_SHORT_CHARS)]

_LEAST_SCORES = SCORE_UNIT - SCORE_UNIT // 100
_MOST_SCORES = SCORE_UNIT + SCORE_UNIT // 100
_NONE = bytes(ESSENCE.itemsize)
_ORIGIN = re.compile(r"(.*)-(0|[1-9][0-9]*)-(0|[1-9][0-9]*)", re.DOTALL)
_MOST_PARTITION = 1 << 32
_MOST_OFFSET = 1 << 63


class _Scores(Struct, frozen=True, gc=False):
    negative: _Share
    neutral: _Share
    positive: _Share


class _Label(Struct, frozen=True, gc=False):
    """Fields as in `stream.events.Label`."""

    event_id: _Short
    review_id: _Short
    brand: Annotated[str, Meta(max_length=MAX_BRAND_CHARS)]
    label: Literal["negative", "neutral", "positive"]
    scores: _Scores
    confidence: _Share
    model: _Short
    created_at: _Time
    received_at: _Time
    scored_at: _Time
    text_digest: Annotated[str, Meta(pattern="^[0-9a-fA-F]{16}$")] | None
    sketch: Annotated[str, Meta(pattern="^[0-9a-fA-F]{16}$")]
    source: _Short | None = None


class Naming(Struct, frozen=True, gc=False):
    """What only the JSON tells: names."""

    brand: str
    model: str = ""
    event_id: str = ""
    review_id: str = ""
    scored_at: int = 0
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The labels among some records."""

    rows: npt.NDArray[np.intp]
    """Which of the records they are."""
    essences: Essences
    event_ids: dict[int, str]
    """Those that do not follow from the origin, by the row in `essences`."""


_decode = Decoder(_Label).decode
_name = Decoder(Naming).decode


def read(records: Sequence[HeadedRecord], topic: str) -> Read:
    """The essences of the labels among the records; `topic` is the one of the reviews."""
    packed = [
        headers[0][1] if (headers := record.headers) and headers[0][0] == HEADER else _NONE
        for record in records
    ]
    if set(map(len, packed)) != {len(_NONE)}:
        packed = [one if len(one) == len(_NONE) else _NONE for one in packed]
    essences = np.frombuffer(b"".join(packed), ESSENCE)
    plausible = _plausible(essences)
    event_ids: dict[int, str] = {}
    if plausible.all():
        return Read(np.arange(len(records)), essences, event_ids)
    essences = essences.copy()
    for row in np.flatnonzero(~plausible).tolist():
        found = from_json(records[row].key or b"", records[row].value, topic)
        if found is not None:
            essences[row], plausible[row] = np.frombuffer(found[0], ESSENCE)[0], True
            if found[1] is not None:
                event_ids[row] = found[1]
    rows = np.flatnonzero(plausible)
    places = dict(zip(rows.tolist(), range(len(rows)), strict=True))
    return Read(rows, essences[rows], {places[row]: one for row, one in event_ids.items()})


def from_json(key: bytes, value: bytes | None, topic: str) -> tuple[bytes, str | None] | None:
    """The essence of a label of the brand `key`, and its event id where that does not follow from its origin.

    None when the value is no label: wrong types, times or digests, impossible scores.
    """
    if value is None:
        return None
    try:
        label = _decode(value)
    except (ValueError, RecursionError):
        return None
    scores = label.scores.negative, label.scores.neutral, label.scores.positive
    if not _LEAST_SCORES <= sum(round(score * SCORE_UNIT) for score in scores) <= _MOST_SCORES:
        return None
    origin = _origin(label.event_id, topic)
    essence = pack_essence(
        label.label,
        origin or (0, 0),
        label.created_at,
        label.scored_at,
        scores,
        review_digest(key, label.source, label.review_id),
        label.text_digest,
        label.sketch,
    )
    return essence, None if origin else label.event_id


def naming(record: HeadedRecord) -> Naming:
    """What a label's JSON tells beside its essence; where it tells nothing, the brand is named by its key."""
    try:
        return _name(record.value or b"")
    except (ValueError, RecursionError):
        return Naming((record.key or b"").decode())


def _plausible(essences: Essences) -> npt.NDArray[np.bool_]:
    """(labels,) whether each is of our version and within the limits of `_Label`."""
    units = essences["units"]
    total = units.sum(axis=1, dtype=np.int64)
    fits: npt.NDArray[np.bool_] = (
        (essences["version"] == VERSION)
        & (essences["label"] < len(LABELS))
        & (units <= SCORE_UNIT).all(axis=1)
        & (total >= _LEAST_SCORES)
        & (total <= _MOST_SCORES)
        & (essences["offset"] >= 0)
    )
    for times in (essences["created_at"], essences["scored_at"]):
        fits &= (times >= 0) & (times <= LATEST_MS)
    return fits


def _origin(event_id: str, topic: str) -> tuple[int, int] | None:
    """Partition and offset, if the id is the one that `score` makes of them."""
    match = _ORIGIN.fullmatch(event_id)
    if match is None or match[1] != topic:
        return None
    partition, offset = int(match[2]), int(match[3])
    return (partition, offset) if partition < _MOST_PARTITION and offset < _MOST_OFFSET else None
