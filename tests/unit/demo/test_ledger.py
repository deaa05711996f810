"""The ledger notices every loss, every doubling and every label that is in no brand."""

import orjson

from stream.demo.ledger import Ledger, Message, disagreements, settled
from stream.events import WINDOWS


def label(partition: int, offset: int) -> Message:
    value = {"origin": {"topic": "reviews", "partition": partition, "offset": offset}}
    return Message("review-sentiment", b"acme", orjson.dumps(value))


def dead(partition: int, offset: int, reason: str = "invalid") -> Message:
    headers = {
        "dlq_partition": b"%d" % partition,
        "dlq_offset": b"%d" % offset,
        "dlq_reason": reason.encode(),
    }
    return Message("reviews-dlq", None, b"?", headers)


def brand(key: str, positive: int) -> Message:
    window = {
        "start": 0,
        "end": 1,
        "counts": {"negative": 0, "neutral": 0, "positive": positive},
        "counted": None,
        "shares": None,
        "net": None,
        "intervals": None,
        "enough": False,
        "late": 0,
    }
    nothing = {"start": 0, "step": 60_000, "negative": [], "neutral": [], "positive": []}
    value = {
        "brand": key,
        "brand_key": key,
        "as_of": 1,
        "windows": dict.fromkeys(WINDOWS, window),
        "trend": None,
        "minutes": nothing,
        "hours": nothing,
        "model": "m",
        "origin": {"partition": 0, "offset": 1},
    }
    return Message("brand-sentiment", key.encode(), orjson.dumps(value))


def correction(event_id: str, replaces: str | None = None, *, counted: bool = True) -> Message:
    value = {
        "event_id": event_id,
        "brand": "acme",
        "brand_key": "acme",
        "review_id": "r",
        "source": None,
        "replaces": replaces,
        "duplicate_of": None if counted else "reviews-0-1",
        "counted": counted,
        "as_of": 1,
    }
    return Message("review-corrections", b"acme", orjson.dumps(value))


def entered(*messages: Message) -> Ledger:
    ledger = Ledger({0: 10, 1: 0})
    for message in messages:
        ledger.add(message)
    return ledger


def test_an_exact_run_agrees() -> None:
    ledger = entered(label(0, 10), label(1, 0), dead(0, 11), brand("acme", 1), brand("acme", 2))
    assert (ledger.labelled, dict(ledger.dead), ledger.in_brands) == (2, {"invalid": 1}, 2)
    assert settled(ledger, 3, 0)
    assert disagreements(ledger, 3, 0) == []


def test_a_lost_review_is_noticed() -> None:
    ledger = entered(label(0, 10), brand("acme", 1))
    assert not settled(ledger, 2, 0)
    (problem,) = disagreements(ledger, 2, 0)
    assert problem == "2 reviews were fed, but 1 labels and 0 dead letters make 1."


def test_a_doubled_outcome_is_noticed_even_if_the_sum_is_right() -> None:
    ledger = entered(label(0, 10), dead(0, 10), brand("acme", 1))
    assert ledger.doubled == 1
    assert any("more than one outcome" in problem for problem in disagreements(ledger, 1, 0))


def test_a_label_that_is_in_no_brand_is_noticed() -> None:
    ledger = entered(label(0, 10), label(0, 11), brand("acme", 1))
    assert not settled(ledger, 2, 0)
    assert disagreements(ledger, 2, 0) == [
        "2 of 2 labels must be in the brands' 7d windows, but those grew by 1."
    ]


def test_what_was_there_before_is_not_counted() -> None:
    ledger = entered(label(0, 9), label(0, 10), brand("acme", 5), brand("bolt", 7))
    assert (ledger.labelled, ledger.folded, ledger.in_brands) == (1, 2, 12)
    assert disagreements(ledger, 1, 10) == []


def test_a_label_that_another_replaced_is_in_no_brand_any_more() -> None:
    replaced = correction("reviews-0-11", "reviews-0-10")
    ledger = entered(label(0, 10), label(0, 11), replaced, brand("acme", 1))
    assert settled(ledger, 2, 0)
    assert disagreements(ledger, 2, 0) == []


def test_a_label_that_never_counted_is_in_no_brand_and_nothing_is_taken_out_for_it() -> None:
    skipped, edited = correction("reviews-0-11", counted=False), correction("reviews-0-12", "reviews-0-11")
    ledger = entered(label(0, 10), label(0, 11), label(0, 12), skipped, edited, brand("acme", 2))
    assert disagreements(ledger, 3, 0) == []


def test_a_tombstone_removes_a_brand() -> None:
    ledger = entered(brand("acme", 5), Message("brand-sentiment", b"acme", None))
    assert ledger.in_brands == 0
