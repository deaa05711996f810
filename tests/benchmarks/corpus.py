"""The reviews that are measured: texts of real lengths, all different, so that no text comes twice."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import orjson
from aiokafka import ConsumerRecord

from stream.events import brand_key
from stream.feed.story import story

BRANDS = 200
STORY_SEED = 7
_STRIDE = 100_003
"""Coprime to the number of rows: neighbours in the file are of one source and alike in length."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts and where they are from."""

    source: str
    texts: Sequence[str]

    def text(self, number: int) -> str:
        """A text of its own for each number below a million; its last two words are the number."""
        return f"{self.texts[number % len(self.texts)]} {number // 1000 % 1000} {number % 1000}"


def load_corpus() -> Corpus:
    """The real reviews of the directory `$REVIEWS_DATA` where it is set, else the story's."""
    named = os.environ.get("REVIEWS_DATA")
    if named:
        import pyarrow.parquet as parquet

        texts = parquet.read_table(Path(named) / "reviews.parquet", columns=["text"])["text"].to_pylist()
        readable = [text for text in texts if text and text.strip()]
        return Corpus(
            "real reviews (REVIEWS_DATA)",
            [readable[at * _STRIDE % len(readable)] for at in range(len(readable))],
        )
    return Corpus("the built-in story (REVIEWS_DATA is not set)", list(islice(_story_texts(), 20_000)))


def _story_texts() -> Iterator[str]:
    for record in story(STORY_SEED, (number / 1000 for number in cycle(range(600_000)))):
        if record.fault is None:
            yield orjson.loads(record.value)["text"]


def review_value(corpus: Corpus, number: int) -> bytes:
    """The JSON of a review as a producer sends it."""
    return orjson.dumps(
        {
            "review_id": f"r{number:09d}",
            "brand": f"Brand {number % BRANDS}",
            "text": corpus.text(number),
            "source": "benchmark",
            "stars": number % 5 + 1,
        }
    )


def consumed(topic: str, partition: int, offset: int, timestamp: int, value: bytes) -> ConsumerRecord:
    """A record as the consumer hands it over."""
    return ConsumerRecord(topic, partition, offset, timestamp, 0, None, value, None, 0, len(value), ())


def brand_keys() -> list[bytes]:
    """The keys of all brands."""
    return [brand_key(f"Brand {number}").encode() for number in range(BRANDS)]
