import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.events import DeadLetter, Label, Review
from stream.scoring.classifier import Verdict
from stream.scoring.decode import Rejected, decode_review
from stream.scoring.fingerprint import Fingerprint
from stream.scoring.labels import (
    FUTURE_TOLERANCE_MS,
    MOST_DEAD_LETTER_BYTES,
    LabelFormat,
    dead_letter,
    label_headers,
    label_value,
    times_of,
)
from tests.unit.scoring.fakes import TIMESTAMP_MS, FakeRecord, review_json

VERDICT = Verdict("positive", 0.7, {"negative": 0.1, "neutral": 0.2, "positive": 0.7})
FINGERPRINT = Fingerprint("0123456789abcdef", "fedcba9876543210")
FORM = LabelFormat("bilstm@0123456789ab", "reviews")
ESSENCE = ("brandpulse_essence", b"80 bytes")


def label_of(value: bytes, form: LabelFormat = FORM, record: FakeRecord | None = None) -> dict[str, Any]:
    review = decode_review(value)
    assert isinstance(review, Review)
    record = record or FakeRecord(value)
    times = times_of(record, review, TIMESTAMP_MS + 5)
    content = label_value(record, review, VERDICT, FINGERPRINT, form, times)
    Label.model_validate_json(content)
    result: dict[str, Any] = json.loads(content)
    return result


def test_a_label_says_what_was_scored_when_and_where() -> None:
    value = review_json("Fine", title="Never shown", product_id="P1", source="shop", language="en", stars=5)
    record = FakeRecord(value, offset=41, partition=3, topic="x-reviews")
    assert label_of(value, record=record) == {
        "event_id": "x-reviews-3-41",
        "review_id": "r-1",
        "brand": "Acme Audio",
        "label": "positive",
        "scores": {"negative": 0.1, "neutral": 0.2, "positive": 0.7},
        "confidence": 0.7,
        "model": "bilstm@0123456789ab",
        "created_at": TIMESTAMP_MS,
        "created_at_replaced": False,
        "received_at": TIMESTAMP_MS,
        "scored_at": TIMESTAMP_MS + 5,
        "origin": {"topic": "x-reviews", "partition": 3, "offset": 41},
        "text_digest": "0123456789abcdef",
        "sketch": "fedcba9876543210",
        "product_id": "P1",
        "source": "shop",
        "language": "en",
        "stars": 5,
    }


@pytest.mark.parametrize(
    ("claimed", "taken", "replaced"),
    [
        (None, TIMESTAMP_MS, False),
        (0, 0, False),
        (TIMESTAMP_MS - 1, TIMESTAMP_MS - 1, False),
        (TIMESTAMP_MS + FUTURE_TOLERANCE_MS, TIMESTAMP_MS + FUTURE_TOLERANCE_MS, False),
        (TIMESTAMP_MS + FUTURE_TOLERANCE_MS + 1, TIMESTAMP_MS, True),
        ("9999-12-31T23:59:59Z", TIMESTAMP_MS, True),
    ],
)
def test_a_time_in_the_future_is_replaced_and_flagged(claimed: object, taken: int, replaced: bool) -> None:
    label = label_of(review_json(created_at=claimed))
    assert (label["created_at"], label["created_at_replaced"]) == (taken, replaced)


def test_a_record_without_a_timestamp_counts_when_it_is_scored() -> None:
    value = review_json()
    label = label_of(value, record=FakeRecord(value, timestamp=-1))
    assert label["created_at"] == label["received_at"] == TIMESTAMP_MS + 5


def test_text_and_title_come_along_only_when_asked_for_and_cut() -> None:
    value = review_json("Some fine sound", title="A title")
    assert {"text", "title"}.isdisjoint(label_of(value))
    asked = label_of(value, LabelFormat("m", "reviews", text_chars=4))
    assert (asked["text"], asked["title"]) == ("Some", "A ti")
    assert "title" not in label_of(review_json("Fine"), LabelFormat("m", "reviews", text_chars=4))


@given(st.text(min_size=1, max_size=50), st.text(min_size=1, max_size=50))
def test_a_label_is_valid_json_whatever_is_in_the_review(brand: str, text: str) -> None:
    review = decode_review(json.dumps({"review_id": "r", "brand": brand, "text": text}).encode())
    if isinstance(review, Review):
        times = times_of(FakeRecord(b""), review, 1)
        content = label_value(FakeRecord(b""), review, VERDICT, FINGERPRINT, LabelFormat("m", "t", 10), times)
        label = Label.model_validate_json(content)
        assert (label.brand, label.text) == (brand, text[:10])


def test_the_headers_are_cloudevents_and_the_trace_goes_on() -> None:
    trace = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    record = FakeRecord(b"", offset=7, partition=2, headers=[("shop", b"internal"), trace])
    headers = label_headers(record, ESSENCE, FORM.constant_headers())
    assert headers[0] == ESSENCE
    assert dict(headers[1:]) == {
        "ce_specversion": b"1.0",
        "ce_type": b"brandpulse.review.labelled.v1",
        "ce_source": b"/brandpulse/reviews",
        "ce_id": b"reviews-2-7",
        "content-type": b"application/json",
        "traceparent": trace[1],
    }
    assert len(headers) == 7


def test_a_dead_letter_keeps_its_headers_and_says_why_it_is_here() -> None:
    own = [("a", b"1"), ("a", b"2"), ("dlq_reason", b"sent by somebody else"), ("raw", b"\xff\x00")]
    record = FakeRecord(b"bad", offset=9, partition=1, headers=own)
    key, value, headers = dead_letter(record, Rejected("invalid", "text: is blank"))
    assert (key, value) == (b"key", b"bad")
    assert headers[:4] == own
    added = DeadLetter.model_validate({name: value.decode() for name, value in headers[4:]})
    assert added.reason == "invalid"
    assert added.detail == "text: is blank"
    assert (added.topic, added.partition, added.offset) == ("reviews", "1", "9")
    assert added.timestamp == str(TIMESTAMP_MS)


@pytest.mark.parametrize(
    ("key", "value", "own", "kept"),
    [
        (b"key", b"v" * 4_000_000, [("a", b"1")], True),
        (b"k" * 4_000_000, b"v" * 100, [("a", b"1")], False),
        (b"key", b"v" * 9_000_000, [("a", b"1" * 4_000_000)], False),
    ],
)
def test_a_dead_letter_is_cut_where_no_topic_would_take_it(
    key: bytes, value: bytes, own: list[tuple[str, bytes]], kept: bool
) -> None:
    record = FakeRecord(value, key=key, headers=own)
    new_key, new_value, headers = dead_letter(record, Rejected("invalid", "text: is blank"))
    assert new_value is not None
    assert value.startswith(new_value)
    assert (new_key == key, headers[0] == own[0]) == (kept, kept)
    size = len(new_key or b"") + len(new_value) + sum(len(name) + len(value) for name, value in headers)
    assert size < MOST_DEAD_LETTER_BYTES + 1_000
    assert dict(headers)["dlq_detail"].endswith(f"received with a value of {len(value)} bytes".encode())


@pytest.mark.parametrize("trace", [None, b"0" * 10_000])
def test_a_trace_that_cannot_be_one_is_dropped(trace: Any) -> None:
    record = FakeRecord(b"", headers=[("traceparent", trace)])
    headers = label_headers(record, ESSENCE, FORM.constant_headers())
    assert "traceparent" not in dict(headers)
