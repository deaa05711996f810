"""The flow of `label`, without Kafka: lines of reviews in, one JSON line for each out, in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from stream.events import Review
from stream.scoring.classifier import Classifier, Verdict
from stream.scoring.decode import Rejected, decode_review
from stream.scoring.labels import came_along

UNKNOWN_BRAND = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One line or row of the input, numbered from 1, and what it holds."""

    number: int
    content: Review | Rejected

    @property
    def is_review(self) -> bool:
        """Whether it gets a label."""
        return isinstance(self.content, Review)


@dataclass(frozen=True, slots=True)
class LineFormat:
    """What is the same for every line: the model's name, and how much of a review's text is repeated."""

    model: str
    text_chars: int = 0


def made_review_id(number: int) -> str:
    """The id of a review that came without one."""
    return f"line-{number}"


def decode_line(number: int, value: bytes) -> Line:
    """The review in a line of JSON; nobody needs a review_id or a brand to have a text labelled."""
    return Line(number, decode_review(_filled(number, value)))


def label_lines(lines: Sequence[Line], classifier: Classifier, form: LineFormat) -> Iterator[bytes]:
    """One line of JSON, with its line feed, for each line: a label, or `{"error": ...}` in its place."""
    reviews = [line.content for line in lines if isinstance(line.content, Review)]
    texts = [each.text if each.brand == UNKNOWN_BRAND else classifier.text_of(each) for each in reviews]
    verdicts = iter(classifier.classify(texts))
    for line in lines:
        content = line.content
        if isinstance(content, Review):
            result = _label(content, next(verdicts), form)
        else:
            result = {"error": {"line": line.number, "reason": content.reason, "detail": content.detail}}
        yield orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)


def _label(review: Review, verdict: Verdict, form: LineFormat) -> dict[str, Any]:
    label: dict[str, Any] = {
        "review_id": review.review_id,
        "brand": review.brand,
        "label": verdict.label,
        "scores": verdict.scores,
        "confidence": verdict.confidence,
        "model": form.model,
    }
    if review.created_at is not None:
        label["created_at"] = review.created_at
    return label | came_along(review, form.text_chars)


def _filled(number: int, value: bytes) -> bytes:
    try:
        fields = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value  # `decode_review` says what is wrong with it
    defaults = {"review_id": made_review_id(number), "brand": UNKNOWN_BRAND}
    if not isinstance(fields, dict) or defaults.keys() <= fields.keys():
        return value
    missing = {name: default for name, default in defaults.items() if name not in fields}
    # Spliced in rather than encoded anew, so that the other fields are judged as they were written.
    return orjson.dumps(missing)[:-1] + (b"," if fields else b"") + value.lstrip()[1:]
