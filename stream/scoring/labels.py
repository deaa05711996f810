"""A verdict becomes the event that is published; a rejected record becomes a dead letter.

Headers follow CloudEvents 1.0, Kafka protocol binding, binary mode: the value is the event's data.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from stream.encoding import to_json
from stream.essence import HEADER, pack_essence, review_digest
from stream.events import Review
from stream.kafka.messages import Header, ReceivedRecord
from stream.scoring.classifier import Verdict
from stream.scoring.decode import Rejected
from stream.scoring.fingerprint import Fingerprint

FUTURE_TOLERANCE_MS = 5 * 60_000
# Topics take 4 MB. A compressed record may hold far more, and one that no topic takes would stop the stream.
MOST_DEAD_LETTER_BYTES = 3_800_000
MOST_TRACE_BYTES = 512
CE_TYPE = "brandpulse.review.labelled.v1"


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """What is the same for every label of a worker.

    `model` is the bundle's name and hash; `text_chars` how much of the review's text a label carries.
    """

    model: str
    source_topic: str
    text_chars: int = 0

    def constant_headers(self) -> tuple[Header, ...]:
        """The headers that do not change, built once."""
        return (
            ("ce_specversion", b"1.0"),
            ("ce_type", CE_TYPE.encode()),
            ("ce_source", f"/brandpulse/{self.source_topic}".encode()),
            ("content-type", b"application/json"),
        )


def event_id(record: ReceivedRecord) -> str:
    """The id of a record's label: topic-partition-offset."""
    return f"{record.topic}-{record.partition}-{record.offset}"


class Times(msgspec.Struct, frozen=True, gc=False):
    """Of a label, in milliseconds since 1970."""

    received_at: int
    created_at: int
    created_at_replaced: bool
    scored_at: int


def times_of(record: ReceivedRecord, review: Review, scored_at_ms: int) -> Times:
    """When a review was received, written and scored; a time from the future is not believed."""
    # Kafka writes -1 where a producer gave no timestamp.
    received_at = record.timestamp if record.timestamp >= 0 else scored_at_ms
    created_at = review.created_at
    replaced = created_at is not None and created_at > received_at + FUTURE_TOLERANCE_MS
    return Times(
        received_at, received_at if created_at is None or replaced else created_at, replaced, scored_at_ms
    )


def label_value(
    record: ReceivedRecord,
    review: Review,
    verdict: Verdict,
    fingerprint: Fingerprint,
    form: LabelFormat,
    times: Times,
) -> bytes:
    """The JSON of `stream.events.Label`."""
    label: dict[str, Any] = {
        "event_id": event_id(record),
        "review_id": review.review_id,
        "brand": review.brand,
        "label": verdict.label,
        "scores": verdict.scores,
        "confidence": verdict.confidence,
        "model": form.model,
        "created_at": times.created_at,
        "created_at_replaced": times.created_at_replaced,
        "received_at": times.received_at,
        "scored_at": times.scored_at,
        "origin": {"topic": record.topic, "partition": record.partition, "offset": record.offset},
        "text_digest": fingerprint.text_digest,
        "sketch": fingerprint.sketch,
    }
    label.update(came_along(review, form.text_chars))
    return to_json(label)


def label_essence(
    brand_key: bytes,
    record: ReceivedRecord,
    review: Review,
    verdict: Verdict,
    fingerprint: Fingerprint,
    times: Times,
) -> Header:
    """The header that says once more what brands count of the label."""
    scores = verdict.scores
    packed = pack_essence(
        verdict.label,
        (record.partition, record.offset),
        times.created_at,
        times.scored_at,
        (scores["negative"], scores["neutral"], scores["positive"]),
        review_digest(brand_key, review.source, review.review_id),
        fingerprint.text_digest,
        fingerprint.sketch,
    )
    return HEADER, packed


def came_along(review: Review, text_chars: int) -> dict[str, Any]:
    """The review's optional fields that its label repeats; title and text only up to `text_chars`."""
    fields: dict[str, Any] = {}
    if review.product_id is not None:
        fields["product_id"] = review.product_id
    if review.source is not None:
        fields["source"] = review.source
    if review.language is not None:
        fields["language"] = review.language
    if review.stars is not None:
        fields["stars"] = int(review.stars)
    if text_chars:
        fields["text"] = review.text[:text_chars]
        if review.title is not None:
            fields["title"] = review.title[:text_chars]
    return fields


def label_headers(record: ReceivedRecord, essence: Header, constant: tuple[Header, ...]) -> list[Header]:
    """The essence first, then CloudEvents headers; a `traceparent` (W3C Trace Context) passes through."""
    headers = [essence, *constant, ("ce_id", event_id(record).encode())]
    if record.headers:
        headers += [each for each in record.headers if each[0] == "traceparent" and _is_short(each[1])]
    return headers


def _is_short(value: bytes | None) -> bool:
    return value is not None and len(value) <= MOST_TRACE_BYTES


def dead_letter(
    record: ReceivedRecord, rejected: Rejected
) -> tuple[bytes | None, bytes | None, list[Header]]:
    """Key, value and headers of a dead letter: as received, and cut only where no topic would take them."""
    key, value, headers = record.key, record.value, dead_letter_headers(record, rejected)
    room_bytes = MOST_DEAD_LETTER_BYTES - len(key or b"") - sum(_size(header) for header in headers)
    if len(value or b"") > room_bytes:
        return _cut(record, rejected, value or b"", room_bytes)
    return key, value, headers


def _cut(
    record: ReceivedRecord, rejected: Rejected, value: bytes, room_bytes: int
) -> tuple[bytes | None, bytes, list[Header]]:
    detail = f"{rejected.detail}; cut here, received with a value of {len(value)} bytes"
    headers = dead_letter_headers(record, Rejected(rejected.reason, detail))
    if room_bytes > 0:
        return record.key, value[:room_bytes], headers
    return None, value[:MOST_TRACE_BYTES], headers[len(record.headers) :]


def _size(header: tuple[str, bytes | None]) -> int:
    return 4 * len(header[0]) + len(header[1] or b"") + 16


def dead_letter_headers(record: ReceivedRecord, rejected: Rejected) -> list[Header]:
    """The record's own headers, then where it came from and why it is here (`stream.events.DeadLetter`)."""
    return [
        *record.headers,
        ("dlq_reason", rejected.reason.encode()),
        ("dlq_detail", rejected.detail.encode()),
        ("dlq_topic", record.topic.encode()),
        ("dlq_partition", b"%d" % record.partition),
        ("dlq_offset", b"%d" % record.offset),
        ("dlq_timestamp", b"%d" % record.timestamp),
    ]
