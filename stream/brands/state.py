"""What is kept of one brand, and its stored form."""

import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import NamedTuple, TypeVar

from stream.brands.alerting.evidence import Evidence, decode_evidence
from stream.brands.alerting.watch import Watch, decode_watch
from stream.brands.cells import WIDTH, Cells
from stream.errors import ConfigurationError

STATE_FORMAT = 1
# Format; bytes of name, model, watch and evidence; fence, horizon; minute and hour cells, first minute, first
# hour; widths.
_HEADER = struct.Struct(f"<BIIIIqqIIII{WIDTH}s")
_TYPECODES = {2: "H", 4: "I", 8: "Q"}
_WIDTHS = frozenset((0, 1, *_TYPECODES))
T = TypeVar("T")


@dataclass(slots=True)
class BrandState:
    """One brand: changed in place by `stream.brands.folding.fold`, read by everything else."""

    name: str
    """The first spelling seen."""
    model: str
    """Of the last label folded in."""
    fence: int = -1
    """Offset in `review-sentiment` of the last label folded in; what is at or below it is in already."""
    horizon_ms: int = 0
    """The greatest reference time so far; with `clock=event` this is the brand's stream time."""
    minutes: Cells = field(default_factory=dict)
    hours: Cells = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    """Its open alerts."""
    evidence: Evidence = field(default_factory=Evidence)
    """The reviews that its alerts can show."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Of a stored brand, what says when it changes merely by ageing, and what is open of it."""

    horizon_ms: int
    minutes: Sequence[int]
    """Indices of the minute cells, ascending."""
    hours: Sequence[int]
    watch: Watch


class _Parts(NamedTuple):
    """A stored state, taken apart as far as its lengths allow."""

    fence: int
    horizon_ms: int
    pieces: tuple[bytes, ...]
    """Name, model, watch and evidence."""
    columns: bytes
    widths: bytes
    minutes: list[int]
    """Indices of the cells."""
    hours: list[int]


def encode_state(state: BrandState) -> bytes:
    """The stored form: header, name and model in UTF-8, watch and evidence, then the columns of all cells,
    minutes before hours.

    A column has 0, 1, 2, 4 or 8 bytes a number, little-endian: as few as its largest number needs. Indices
    are stored as distances from the first minute and from the first hour. Equal states have equal bytes.
    """
    parts = state.name.encode(), state.model.encode(), state.watch.encode(), state.evidence.encode()
    minutes, hours = state.minutes, state.hours
    first_minute, first_hour = next(iter(minutes), 0), next(iter(hours), 0)
    flat = list(chain.from_iterable(chain(minutes.values(), hours.values())))
    indices = [index - first_minute for index in minutes] + [index - first_hour for index in hours]
    columns = [_packed(indices), *(_packed(flat[at::WIDTH]) for at in range(1, WIDTH))]
    header = _HEADER.pack(
        STATE_FORMAT,
        *map(len, parts),
        state.fence,
        state.horizon_ms,
        len(minutes),
        len(hours),
        first_minute,
        first_hour,
        bytes(width for width, _ in columns),
    )
    return b"".join((header, *parts, *(packed for _, packed in columns)))


def decode_state(stored: bytes) -> BrandState:
    """The inverse of `encode_state`.

    Raises:
        ConfigurationError: the bytes are not a state of this format.
    """
    parts = _take_apart(stored)
    name, model, watch, evidence = parts.pieces
    indices = [*parts.minutes, *parts.hours]
    columns, at = [], 0
    for width in parts.widths:
        packed = parts.columns[at : at + len(indices) * width]
        columns.append(_unpacked(packed, width, len(indices)))
        at += len(packed)
    in_order = list(map(list, zip(indices, *columns[1:], strict=True)))
    minutes = len(parts.minutes)
    return BrandState(
        name=name.decode(),
        model=model.decode(),
        fence=parts.fence,
        horizon_ms=parts.horizon_ms,
        minutes=dict(zip(parts.minutes, in_order[:minutes], strict=True)),
        hours=dict(zip(parts.hours, in_order[minutes:], strict=True)),
        watch=_readable(decode_watch, watch),
        evidence=_readable(decode_evidence, evidence),
    )


def outline(stored: bytes) -> Outline:
    """What a worker needs to know of every brand at its start, at a fraction of what `decode_state` costs.

    Raises:
        ConfigurationError: the bytes are not a state of this format.
    """
    parts = _take_apart(stored)
    return Outline(parts.horizon_ms, parts.minutes, parts.hours, _readable(decode_watch, parts.pieces[2]))


def _take_apart(stored: bytes) -> _Parts:
    if stored[:1] != bytes((STATE_FORMAT,)):
        raise _unusable(f"of format {stored[0]}" if stored else "empty")
    try:
        header = _HEADER.unpack_from(stored)
    except struct.error:
        raise _unusable("cut off") from None
    lengths, (fence, horizon_ms, minutes, hours, first_minute, first_hour, widths) = header[1:5], header[5:]
    ends = list(accumulate(lengths, initial=_HEADER.size))
    columns = stored[ends[-1] :]
    cells = minutes + hours
    if len(stored) != ends[-1] + cells * sum(widths) or not _WIDTHS.issuperset(widths):
        raise _unusable("cut off")
    away = _unpacked(columns[: cells * widths[0]], widths[0], cells)
    return _Parts(
        fence,
        horizon_ms,
        tuple(stored[start:end] for start, end in pairwise(ends)),
        columns,
        widths,
        [first_minute + distance for distance in away[:minutes]],
        [first_hour + distance for distance in away[minutes:]],
    )


def _readable(decode: Callable[[bytes], T], piece: bytes) -> T:
    try:
        return decode(piece)
    except ValueError as error:
        raise _unusable("damaged") from error


def _packed(column: list[int]) -> tuple[int, bytes]:
    """Bytes of one number, and the bytes of all."""
    if not any(column):
        return 0, b""
    try:
        return 1, bytes(column)
    except ValueError:
        largest = max(column)
    width = 2 if largest < 1 << 16 else 4 if largest < 1 << 32 else 8
    numbers = array(_TYPECODES[width], column)
    if sys.byteorder == "big":
        numbers.byteswap()
    return width, numbers.tobytes()


def _unpacked(packed: bytes, width: int, count: int) -> Sequence[int]:
    if width < 2:
        return packed or bytes(count)
    numbers = array(_TYPECODES[width], packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _unusable(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"a stored brand state is {why}, this version reads format {STATE_FORMAT}: "
        "start with an empty data directory and an empty changelog topic"
    )
