"""Records of the topics find their place."""

from dataclasses import dataclass, field

from stream.web.intake import Intake
from stream.web.pipeline import Pipeline
from stream.web.view import LiveView
from tests.unit.web.samples import NOW_MS, alert_value, brand_value, correction_value, label_value


@dataclass
class Record:
    """As aiokafka hands it over."""

    key: bytes | None = b"acme"
    value: bytes | None = None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    timestamp: int = NOW_MS
    partition: int = 0
    offset: int = 0
    topic: str = ""


def test_each_topic_has_its_place() -> None:
    view, pipeline = LiveView(), Pipeline()
    intake = Intake(view, pipeline)
    intake.take("brand-sentiment", [Record(value=brand_value("Acme"))], NOW_MS)
    intake.take("brand-alerts", [Record(b"a", alert_value("a"))], NOW_MS)
    intake.take("review-sentiment", [Record(value=label_value(1, received_at=NOW_MS - 70))], NOW_MS)
    intake.take("review-corrections", [Record(value=correction_value(1, duplicate_of="x"))], NOW_MS)
    for reason in (b"invalid", b"undecodable", b"<b>", b"\xff"):
        intake.take("reviews-dlq", [Record(headers=[("other", b"x"), ("dlq_reason", reason)])], NOW_MS)
    intake.take("reviews-dlq", [Record()], NOW_MS)
    figures = pipeline.figures(NOW_MS)
    assert (len(view.rows()), view.open_total(), view.unreadable) == (1, 1, 0)
    assert next(view.reviews("acme")).marks.duplicate_of == "x"
    assert figures.latency is not None
    assert figures.latency.p50 == 70
    assert figures.dead_letters == {"invalid": 1, "undecodable": 1, "other": 3}


def test_only_labels_of_now_count_for_the_rate() -> None:
    pipeline = Pipeline()
    intake = Intake(LiveView(), pipeline)
    old = [Record(value=label_value(number), timestamp=1) for number in range(60)]
    new = [Record(value=label_value(100 + number)) for number in range(30)]
    intake.take("review-sentiment", old + new, NOW_MS)
    intake.passed("review-sentiment", 270, NOW_MS)
    intake.passed("reviews-dlq", 5_000, NOW_MS)
    assert pipeline.figures(NOW_MS).labels_per_second == 10.0
