"""The built-in stream: a dozen invented brands, one of which ships a faulty firmware update."""

import random
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import Any

import orjson

from stream.events import LABELS, brand_key
from stream.feed.records import Record
from stream.feed.texts import Brand, brands, data, write

FAULT_SHARE = 0.003
EDIT_SHARE = 0.004
EDITABLE = 300
FAULTS = ("not JSON", "no text", "nine stars")
INCIDENT_MIX = (94.0, 4.0, 2.0)
INCIDENT_WEIGHT = 3.0
_STARS = {"negative": ((1, 2), (70, 30)), "neutral": ((3,), (1,)), "positive": ((4, 5), (30, 70))}


@dataclass(frozen=True, slots=True)
class Incident:
    """When the update breaks the product and the next one mends it, in seconds since the story began."""

    breaks_seconds: float = 60.0
    mended_seconds: float = 180.0
    forgotten_seconds: float = 360.0
    repeats_seconds: float = 900.0

    def severity(self, seconds: float) -> float:
        """0: all is as usual; 1: everybody suffers; between them after the fix, falling evenly."""
        seconds %= self.repeats_seconds
        if not self.breaks_seconds <= seconds < self.forgotten_seconds:
            return 0.0
        if seconds < self.mended_seconds:
            return 1.0
        return (self.forgotten_seconds - seconds) / (self.forgotten_seconds - self.mended_seconds)


QUIET = Incident(inf, inf, inf, inf)
"""All is as usual, always."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What sets apart two tellings of the same story: review ids, and when it began.

    Without `began_ms` reviews carry no `created_at`: they are written when they arrive.
    """

    name: str
    began_ms: int | None = None


def story(
    seed: int,
    seconds: Iterable[float],
    incident: Incident | None = None,
    telling: Telling | None = None,
) -> Iterator[Record]:
    """One record for each moment; the same seed, moments and telling give the same records.

    A few are edits: a former review's id again, with another text.

    Args:
        seed: of the random choices.
        seconds: when each review is written, since the story began, ascending; may be endless.
        incident: its timetable; the usual one if None.
        telling: ids and times; those of the seed if None.
    """
    pick = random.Random(seed)  # noqa: S311 (a story, not a secret)
    incident, telling = incident or Incident(), telling or Telling(f"story-{seed}")
    editable: deque[tuple[Brand, str]] = deque(maxlen=EDITABLE)
    for number, moment in enumerate(seconds):
        severity = incident.severity(moment)
        mending = moment % incident.repeats_seconds >= incident.mended_seconds
        brand, review_id = _brand(pick, severity), f"{telling.name}-{number:08d}"
        if editable and pick.random() < EDIT_SHARE:
            brand, review_id = pick.choice(editable)
        else:
            editable.append((brand, review_id))
        sentiment, topic = _sentiment(pick, brand, severity, mending)
        review = _review(pick, brand, sentiment, topic, review_id)
        if telling.began_ms is not None:
            review["created_at"] = telling.began_ms + round(moment * 1000)
        yield _record(pick, brand, review)


def _brand(pick: random.Random, severity: float) -> Brand:
    """More people than usual write about a brand that fails them."""
    weights = [
        brand.weight * (1 + (INCIDENT_WEIGHT - 1) * severity if _suffers(brand) else 1) for brand in brands()
    ]
    return pick.choices(brands(), cum_weights=list(accumulate(weights)))[0]


def _sentiment(pick: random.Random, brand: Brand, severity: float, mending: bool) -> tuple[str, str | None]:
    """The sentiment, and which part of the incident the review is about, if any."""
    affected = _suffers(brand) and pick.random() < severity
    sentiment = pick.choices(LABELS, INCIDENT_MIX if affected else brand.mix)[0]
    if affected and sentiment == "negative":
        return sentiment, "broken"
    if severity and mending and _suffers(brand) and sentiment == "positive":
        return sentiment, "mended"
    return sentiment, None


def _suffers(brand: Brand) -> bool:
    return bool(brand.name == data()["incident"]["brand"])


def _review(
    pick: random.Random, brand: Brand, sentiment: str, topic: str | None, review_id: str
) -> dict[str, Any]:
    model = pick.choice(brand.models)
    written = write(pick, brand, model, sentiment, topic)
    values, weights = _STARS[sentiment]
    review = {
        "review_id": review_id,
        "brand": brand.name,
        "product_id": model,
        "text": written.text,
        "stars": pick.choices(values, weights)[0],
        "source": "story",
        "language": written.language,
    }
    return review if written.title is None else {**review, "title": written.title}


def _record(pick: random.Random, brand: Brand, review: dict[str, Any]) -> Record:
    """The review as bytes; a few are spoilt, so that dead letters can be seen."""
    key = brand_key(brand.name).encode()
    fault = pick.choice(FAULTS) if pick.random() < FAULT_SHARE else None
    match fault:
        case "not JSON":
            value = orjson.dumps(review)
            return Record(key, value[: len(value) // 2], fault)
        case "no text":
            return Record(key, orjson.dumps({name: review[name] for name in review if name != "text"}), fault)
        case "nine stars":
            return Record(key, orjson.dumps({**review, "stars": 9}), fault)
    return Record(key, orjson.dumps(review))
