"""The reviews that an alert can show."""

import random

import pytest

from stream.brands.alerting.evidence import Candidate, Evidence, decode_evidence
from stream.brands.cells import HOUR_MS

HOUR = 497_300


def candidate(confidence: int, hour: int = HOUR, sketch: bytes | None = None, offset: int = 0) -> Candidate:
    sketch = random.Random(confidence * 1000 + offset).randbytes(8) if sketch is None else sketch
    return Candidate(confidence, hour * HOUR_MS + 5, offset, 1, sketch, f"reviews-0-{offset}")


def evidence(*candidates: Candidate) -> Evidence:
    gathered = Evidence()
    for one in candidates:
        gathered.consider(one)
    return gathered


def everything(gathered: Evidence) -> list[Candidate]:
    return gathered.drivers(0, 2**60)


def test_the_most_confident_of_an_hour_are_kept_and_lead() -> None:
    gathered = evidence(*(candidate(number, offset=number) for number in range(1, 41)))
    assert [one.confidence_units for one in everything(gathered)] == list(range(40, 30, -1))
    assert gathered.floors == [31, -1, -1]


def test_a_review_below_the_floor_is_not_wanted() -> None:
    gathered = evidence(*(candidate(number, offset=number) for number in range(10, 20)))
    assert not gathered.wants(9, HOUR, HOUR)
    assert gathered.wants(10, HOUR, HOUR)
    assert gathered.wants(1, HOUR + 1, HOUR)
    assert not gathered.wants(1, HOUR - 24, HOUR)
    assert gathered.wants(1, HOUR - 23, HOUR)


def test_a_review_ahead_of_its_time_is_not_wanted() -> None:
    assert not Evidence().wants(9, HOUR + 2, HOUR)


def test_the_first_of_equally_confident_ones_leads() -> None:
    assert [
        one.label_offset for one in everything(evidence(*(candidate(7, offset=at) for at in (4, 2, 3))))
    ] == [2, 3, 4]


def test_near_copies_are_one_driver_that_counts_them() -> None:
    sketch = bytes(range(8))
    near = bytes((0, 1, 2, 3, 4, 5, 99, 98))
    gathered = evidence(
        candidate(5, sketch=sketch, offset=1), candidate(9, sketch=near, offset=2), candidate(7, offset=3)
    )
    assert [(one.label_offset, one.copies) for one in everything(gathered)] == [(2, 2), (3, 1)]


def test_a_flood_of_copies_leaves_room_for_others() -> None:
    flood = (candidate(1000, sketch=b"same one", offset=at) for at in range(500))
    gathered = evidence(*flood, candidate(3, offset=900))
    assert [one.copies for one in everything(gathered)] == [500, 1]


def test_an_hour_does_not_crowd_out_the_next() -> None:
    gathered = evidence(
        *(candidate(1000 + at, HOUR, offset=at) for at in range(30)),
        *(candidate(at, HOUR + 1, offset=50 + at) for at in range(1, 5)),
    )
    start_ms = (HOUR + 1) * HOUR_MS
    assert [one.confidence_units for one in gathered.drivers(start_ms, start_ms + HOUR_MS)] == [4, 3, 2, 1]


def test_what_is_kept_is_bounded_and_a_day_old_at_most() -> None:
    gathered = Evidence()
    for number in range(3_000):
        gathered.consider(candidate(number % 97, HOUR + number // 60, offset=number))
        assert len(gathered.candidates) <= 30
    oldest = min(one.created_at for one in gathered.candidates) // HOUR_MS
    assert oldest > gathered.newest_hour - 24


def test_a_review_that_is_counted_no_more_is_shown_no_more() -> None:
    gathered = evidence(*(candidate(number, offset=number) for number in range(1, 11)))
    gathered.withdraw("reviews-0-10")
    gathered.withdraw("reviews-0-unknown")
    assert [one.confidence_units for one in everything(gathered)] == list(range(9, 0, -1))
    assert gathered.floors == [-1, -1, -1]


def test_the_stored_form_holds_everything() -> None:
    gathered = evidence(*(candidate(number, HOUR + number // 20, offset=number) for number in range(50)))
    gathered.withdraw("reviews-0-49")
    restored = decode_evidence(gathered.encode())
    assert restored == gathered
    assert restored.encode() == gathered.encode()
    assert decode_evidence(Evidence().encode()) == Evidence()


@pytest.mark.parametrize("cut", [1, 7, 9, 30, -1])
def test_what_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="cut off"):
        decode_evidence(evidence(candidate(1), candidate(2, offset=2)).encode()[:cut])
