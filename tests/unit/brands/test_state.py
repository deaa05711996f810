"""The stored form of a brand."""

import struct

import pytest

from stream.brands.alerting.evidence import decode_evidence
from stream.brands.alerting.incident import Incident
from stream.brands.alerting.watch import NEVER_MS, Watch
from stream.brands.cells import WIDTH
from stream.brands.state import BrandState, Outline, decode_state, encode_state, outline
from stream.errors import ConfigurationError
from stream.estimation.bins import BINS

MINUTE, HOUR = 29_833_333, 497_222
STATE = BrandState(
    name="Łódź Audio",
    model="reviews@0123456789ab",
    fence=41,
    horizon_ms=1_790_000_000_000,
    minutes={MINUTE: [MINUTE, 1, 2, 3, 4, 5, 70_000, 0, *range(BINS)]},
    hours={HOUR: [HOUR, 1, 300, 3, 4, 5, 6, 7, *range(BINS)]},
)

ALERTED = BrandState(
    name="",
    model="",
    watch=Watch(
        (Incident("volume", 1_790_000_000_000, "24h", 3, "critical", 812.5, 40.25, 1e-9, 1_790_003_600_000),),
        (1_789_000_000_000, NEVER_MS),
    ),
    evidence=decode_evidence(
        (497_222).to_bytes(8, "little")
        + struct.pack("<IqqI8sH", 1_040_000, 497_222 * 3_600_000, 17, 4, bytes(range(8)), 11)
        + b"reviews-3-7"
    ),
)
# Of its incident, behind the header and the two times of closing.
KIND_AT = 49 + WIDTH + 16


def test_alerts_and_their_evidence_are_kept() -> None:
    assert decode_state(encode_state(ALERTED)) == ALERTED


@pytest.mark.parametrize("state", [STATE, ALERTED])
def test_an_outline_says_of_a_state_when_it_changes_and_what_is_open(state: BrandState) -> None:
    expected = Outline(state.horizon_ms, list(state.minutes), list(state.hours), state.watch)
    assert outline(encode_state(state)) == expected


def test_a_column_takes_as_many_bytes_a_number_as_its_largest_needs() -> None:
    per_cell = 0 + 1 + 2 + 1 + 1 + 1 + 4 + 1 + (BINS - 1)
    names = len("Łódź Audio".encode()) + len(STATE.model)
    assert len(encode_state(STATE)) == 49 + WIDTH + names + 2 * per_cell


def test_the_stored_form_stays() -> None:
    """Bytes written by hand: a worker of the next release must read what this one left behind."""
    hours = {2: [2, 1, 0, 0, 9, 8, 300, 0, *[0] * BINS], 5: [5, 0, 0, 1, 9, 8, 70_000, 0, *[0] * BINS]}
    state = BrandState("A", "m", 5, 7, {}, hours)
    stored = (
        b"\x01" + b"\x01\0\0\0" + b"\x01\0\0\0" + bytes(8) + b"\x05" + bytes(7) + b"\x07" + bytes(7)
        + bytes(4) + b"\x02\0\0\0" + bytes(4) + b"\x02\0\0\0"
        + b"\x01\x01\0\x01\x01\x01\x04" + bytes(1 + BINS) + b"Am"
        + b"\0\x03" + b"\x01\0" + b"\0\x01" + b"\x09\x09" + b"\x08\x08"
        + (300).to_bytes(4, "little") + (70_000).to_bytes(4, "little")
    )  # fmt: skip
    assert encode_state(state) == stored
    assert decode_state(stored) == state


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (b"", "empty"),
        (b"\x01", "cut off"),
        (encode_state(STATE)[:-1], "cut off"),
        (encode_state(STATE) + b"\0", "cut off"),
        (encode_state(ALERTED)[:KIND_AT] + b"\xff" + encode_state(ALERTED)[KIND_AT + 1 :], "damaged"),
        (b"\x02" + encode_state(STATE)[1:], "of format 2"),
    ],
)
def test_what_is_no_state_is_refused(stored: bytes, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        decode_state(stored)
    with pytest.raises(ConfigurationError, match=why):
        outline(stored)
