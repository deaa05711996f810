"""The count is only worth something if it finds what it looks for."""

from collections import Counter

import orjson
import pytest

from stream.scoring.decode import Rejected, decode_review
from tests.chaos.ledger import Findings, Ledger, Outcome
from tests.chaos.load import BLOCK, DAY_MS, TEXTS, given, number_at, place_of

BASE_MS = 1_790_000_000_000


def label(partition: int, offset: int, output_partition: int = 0) -> Outcome:
    return Outcome(partition, offset, "review-sentiment", output_partition)


def dead_letter(partition: int, offset: int) -> Outcome:
    return Outcome(partition, offset, "reviews-dlq", partition)


def counted(*outcomes: Outcome) -> Counter[str]:
    ledger = Ledger({0: 3, 1: 1})
    for outcome in outcomes:
        ledger.enter(outcome)
    return ledger.close().counts


COMPLETE = (label(0, 0), dead_letter(0, 1), label(1, 0), label(0, 2))


def test_a_complete_ledger_has_no_findings() -> None:
    assert counted(*COMPLETE) == {}


@pytest.mark.parametrize("missing", range(4))
def test_every_loss_is_found(missing: int) -> None:
    assert counted(*COMPLETE[:missing], *COMPLETE[missing + 1 :]) == {"lost": 1}


@pytest.mark.parametrize("again", [label(0, 2), label(0, 2, 5), dead_letter(0, 2), label(0, 1)])
def test_every_double_is_found(again: Outcome) -> None:
    assert counted(*COMPLETE, again)["doubled"] == 1


def test_a_loss_and_a_double_do_not_make_up_for_each_other() -> None:
    assert counted(label(0, 0), label(0, 0), label(1, 0), label(0, 2)) == {"lost": 1, "doubled": 1}


def test_disorder_is_found_within_a_route() -> None:
    assert counted(label(0, 2), dead_letter(0, 1), label(1, 0), label(0, 0)) == {"disordered": 1}


def test_two_routes_need_no_order() -> None:
    assert counted(label(0, 2, 1), dead_letter(0, 1), label(1, 0), label(0, 0, 2)) == {}


@pytest.mark.parametrize("stranger", [label(2, 0), label(0, 3), label(0, -1)])
def test_an_outcome_of_no_review_is_found(stranger: Outcome) -> None:
    assert counted(*COMPLETE, stranger) == {"unknown": 1}


def test_findings_show_examples_but_not_thousands() -> None:
    findings = Findings()
    for number in range(1000):
        findings.expect("wrong", f"review {number}", found=1, expected=2)
    findings.expect("wrong", "equal", found=1, expected=1)
    assert findings.counts == {"wrong": 1000}
    assert len(findings.examples) == 20
    assert "review 0: found 1, expected 2" in str(findings)


def test_places_are_contiguous_and_invertible() -> None:
    places = {place_of(number, 8): number for number in range(16 * BLOCK)}
    assert set(places) == {(partition, offset) for partition in range(8) for offset in range(2 * BLOCK)}
    assert all(number_at(*place, 8) == number for place, number in places.items())


def test_the_load_means_what_it_says() -> None:
    fates: Counter[str] = Counter()
    for number in range(20_000):
        record = given(number, BASE_MS)
        decoded = decode_review(record.value)
        fates[record.fate] += 1
        assert (decoded.reason if isinstance(decoded, Rejected) else "labelled") == record.fate, number
    assert 100 < fates["undecodable"] < 400
    assert 50 < fates["invalid"] < 250


def test_the_load_is_varied() -> None:
    good = [record for number in range(20_000) if (record := given(number, BASE_MS)).fate == "labelled"]
    assert {record.text for record in good} == set(TEXTS)
    brands = Counter(record.brand for record in good)
    assert len(brands) == 200
    assert max(brands.values()) > 20 * min(brands.values())
    times = [record.created_at_ms for record in good if record.created_at_ms]
    assert sum(time < BASE_MS - 8 * DAY_MS for time in times) > 50
    future = [orjson.loads(record.value or b"").get("created_at", 0) for record in good]
    assert sum(type(time) is int and time > BASE_MS for time in future) > 20
    assert given(17, BASE_MS) == given(17, BASE_MS)
