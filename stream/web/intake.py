"""Records of the topics into the live view and the figures of the pipeline. Pure: `now_ms` is an argument."""

from collections.abc import Iterable

from stream.kafka.messages import ReceivedRecord
from stream.web.pipeline import RATE_SECONDS, Pipeline
from stream.web.view import LiveView

STATE_TOPICS = ("brand-sentiment", "brand-alerts")
"""Read whole: what they say last is what is true."""
TAIL_TOPICS = ("review-sentiment", "review-corrections", "reviews-dlq")
"""Of these only the newest records matter."""

_REASONS = ("undecodable", "invalid")


class Intake:
    """Knows which record belongs where."""

    def __init__(self, view: LiveView, pipeline: Pipeline) -> None:
        self._view = view
        self._pipeline = pipeline

    def take(self, topic: str, records: Iterable[ReceivedRecord], now_ms: int) -> None:
        """Records of one topic (short name), in their order."""
        match topic:
            case "brand-sentiment":
                for record in records:
                    self._view.take_brand(record.key, record.value)
            case "brand-alerts":
                for record in records:
                    self._view.take_alert(record.key, record.value)
            case "review-sentiment":
                self._take_labels(records, now_ms)
            case "review-corrections":
                for record in records:
                    self._view.take_correction(record.value)
            case "reviews-dlq":
                for record in records:
                    self._pipeline.note_dead_letter(_reason(record), record.timestamp)

    def passed(self, topic: str, records: int, now_ms: int) -> None:
        """So many records of a topic were left out, because there are too many to look at each."""
        if topic == "review-sentiment":
            self._pipeline.note_labels(records, now_ms)

    def _take_labels(self, records: Iterable[ReceivedRecord], now_ms: int) -> None:
        lately = 0
        for record in records:
            received_at = self._view.take_label(record.key, record.partition, record.offset, record.value)
            if received_at is not None:
                self._pipeline.note_latency(record.timestamp - received_at)
                lately += record.timestamp > now_ms - RATE_SECONDS * 1_000
        self._pipeline.note_labels(lately, now_ms)


def _reason(record: ReceivedRecord) -> str:
    for name, value in record.headers:
        if name == "dlq_reason" and (reason := value.decode("ascii", "replace")) in _REASONS:
            return reason
    return "other"
