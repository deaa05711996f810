"""What is kept of one brand, and its stored form."""

import struct
import sys
from array import array
from dataclasses import dataclass, field
from itertools import chain

from stream.brands.cells import INDEX, WIDTH, Cells
from stream.errors import ConfigurationError

STATE_FORMAT = 1
# format, bytes of one number, bytes of name, bytes of model, fence, horizon, minute cells, hour cells
_HEADER = struct.Struct("<BBIIqqII")
_TYPECODE = {4: "I", 8: "Q"}


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


def encode_state(state: BrandState) -> bytes:
    """The stored form: a header, name and model in UTF-8, then all cells as little-endian integers.

    The integers have 4 bytes each, or 8 where one cell's sum needs it. Equal states have equal bytes.
    """
    name, model = state.name.encode(), state.model.encode()
    cells = list(chain.from_iterable(chain(state.minutes.values(), state.hours.values())))
    try:
        numbers = array("I", cells)
    except OverflowError:
        numbers = array("Q", cells)
    if sys.byteorder == "big":
        numbers.byteswap()
    header = _HEADER.pack(
        STATE_FORMAT,
        numbers.itemsize,
        len(name),
        len(model),
        state.fence,
        state.horizon_ms,
        len(state.minutes),
        len(state.hours),
    )
    return b"".join((header, name, model, numbers.tobytes()))


def decode_state(stored: bytes) -> BrandState:
    """The inverse of `encode_state`.

    Raises:
        ConfigurationError: the bytes are not a state of this format.
    """
    try:
        header = _HEADER.unpack_from(stored)
    except struct.error:
        raise _unusable("too short") from None
    version, width, name_bytes, model_bytes, fence, horizon_ms, minutes, hours = header
    if version != STATE_FORMAT or width not in _TYPECODE:
        raise _unusable(f"of format {version}")
    model_at = _HEADER.size + name_bytes
    cells_at = model_at + model_bytes
    if len(stored) != cells_at + (minutes + hours) * WIDTH * width:
        raise _unusable("cut off")
    numbers = array(_TYPECODE[width], stored[cells_at:])
    if sys.byteorder == "big":
        numbers.byteswap()
    flat = numbers.tolist()
    split = minutes * WIDTH
    return BrandState(
        name=stored[_HEADER.size : model_at].decode(),
        model=stored[model_at:cells_at].decode(),
        fence=fence,
        horizon_ms=horizon_ms,
        minutes=_cells(flat, 0, split),
        hours=_cells(flat, split, len(flat)),
    )


def _cells(flat: list[int], start: int, end: int) -> Cells:
    return {flat[at + INDEX]: flat[at : at + WIDTH] for at in range(start, end, WIDTH)}


def _unusable(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"a stored brand state is {why}, this version reads format {STATE_FORMAT}: "
        "start with an empty data directory and an empty changelog topic"
    )
