"""The stored form of a brand."""

import pytest

from stream.brands.state import BrandState, decode_state, encode_state
from stream.errors import ConfigurationError

STATE = BrandState(
    name="Łódź Audio",
    model="reviews@0123456789ab",
    fence=41,
    horizon_ms=1_790_000_000_000,
    minutes={29_833_333: [29_833_333, 1, 2, 3, 4, 5, 6, 0]},
    hours={497_222: [497_222, 1, 2, 3, 4, 5, 6, 7]},
)


def test_small_cells_take_four_bytes_a_number() -> None:
    assert len(encode_state(STATE)) == 34 + len("Łódź Audio".encode()) + len(STATE.model) + 2 * 8 * 4


def test_the_stored_form_stays() -> None:
    """Bytes written by hand: a worker of the next release must read what this one left behind."""
    state = BrandState("A", "m", 5, 7, {}, {2: [2, 1, 0, 0, 9, 8, 300, 0]})
    stored = (
        b"\x01\x04" + b"\x01\0\0\0" + b"\x01\0\0\0" + b"\x05" + bytes(7) + b"\x07" + bytes(7)
        + bytes(4) + b"\x01\0\0\0" + b"Am"
        + b"".join(number.to_bytes(4, "little") for number in (2, 1, 0, 0, 9, 8, 300, 0))
    )  # fmt: skip
    assert encode_state(state) == stored
    assert decode_state(stored) == state


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (b"", "too short"),
        (encode_state(STATE)[:-1], "cut off"),
        (encode_state(STATE) + b"\0", "cut off"),
        (b"\x02" + encode_state(STATE)[1:], "of format 2"),
    ],
)
def test_what_is_no_state_is_refused(stored: bytes, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        decode_state(stored)
