"""The count is only worth something if it finds what it looks for."""

from collections import Counter

import pytest

from tests.chaos.ledger import Findings, Ledger, Outcome


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


def test_what_is_wrong_is_known_by_the_time_of_its_review() -> None:
    ledger = Ledger({0: 3, 1: 1})
    for outcome in (label(0, 2), label(0, 2), label(1, 0)):
        ledger.enter(outcome)
    findings = ledger.close()
    assert findings.among("doubled", first={0: 1}, last={0: 3, 1: 1}) == 1
    assert findings.among("doubled", first={0: 0, 1: 0}, last={0: 2, 1: 1}) == 0
    assert findings.among("lost", first={}, last={0: 2, 1: 1}) == 2
