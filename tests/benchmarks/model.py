"""The bare model, and the pipeline without Kafka."""

import gc
import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from export.bundle import Bundle
from stream.scoring.assembly import create_pipeline, pipeline_around
from stream.scoring.batching import pack
from stream.scoring.inference import Model, load_model
from stream.scoring.pipeline import Pipeline
from stream.scoring.rows import Int64, Row, lengths_of, pad
from stream.scoring.tokenizer import load_tokenizer
from stream.settings import Settings
from tests.benchmarks.corpus import Corpus, consumed, review_value
from tests.benchmarks.stand_in import NAME, stand_in_classifier

PARTITIONS = {"reviews": 8, "review-sentiment": 8, "reviews-dlq": 8}
STAGES = ("decode", "tokenize", "model", "calibrate", "fingerprint", "encode")
NOW_MS = 1_790_000_000_000


@dataclass(frozen=True, slots=True)
class Stages:
    """The pipeline in one thread: reviews a second, and microseconds a review by stage."""

    reviews_per_second: float
    microseconds: dict[str, float]

    @property
    def without_model(self) -> float:
        """Microseconds a review of everything but the model."""
        return sum(spent for stage, spent in self.microseconds.items() if stage != "model")


class BareModel:
    """Session runs and nothing else, on batches that were tokenised and packed beforehand.

    One run a core at the same time, each on one thread: the fastest way found to use all cores, and so the
    severest measure for the rest.
    """

    def __init__(self, settings: Settings, corpus: Corpus, reviews: int) -> None:
        self._reviews = reviews
        self._model = load_model(settings, threads_a_run=1)
        self._batches = batches(self._model, corpus, reviews, settings.batch_tokens)

    def reviews_per_second(self, runs_at_once: int | None = None) -> float:
        """One pass over all batches."""
        with ThreadPoolExecutor(runs_at_once or os.cpu_count() or 1) as threads:
            started = time.perf_counter()
            # The dearest first, so that all threads end at about the same time.
            for _ in threads.map(lambda batch: self._model.scorer.score(*batch), reversed(self._batches)):
                pass
            return self._reviews / (time.perf_counter() - started)


def batches(model: Model, corpus: Corpus, reviews: int, batch_tokens: int) -> list[tuple[Int64, Int64]]:
    """The first texts as (rows, longest) ids and (rows,) lengths, packed all together."""
    rows = token_rows(model.bundle, corpus, reviews)
    return padded(rows, batch_tokens, model.bundle.manifest.pad_id)


def token_rows(bundle: Bundle, corpus: Corpus, reviews: int) -> list[Row]:
    """The first texts as the bundle's tokenizer encodes them."""
    manifest = bundle.manifest
    tokenizer = load_tokenizer(bundle.tokenizer_file, manifest.max_tokens, manifest.max_chars)
    return [tokenizer.encode(corpus.text(number)) for number in range(reviews)]


def padded(rows: Sequence[Row], batch_tokens: int, pad_id: int) -> list[tuple[Int64, Int64]]:
    """Rows as batches of (rows, longest) ids and (rows,) lengths, packed all together."""
    return [pad([rows[i] for i in batch.tolist()], pad_id) for batch in pack(lengths_of(rows), batch_tokens)]


def measure_pipeline(settings: Settings, corpus: Corpus, reviews: int, *, stand_in: bool) -> Stages:
    """`Pipeline.run` in one thread on chunks as the consumer hands them over, after a warm-up as long.

    `stand_in` takes the model that costs nothing.
    """
    spent: Counter[str] = Counter()

    def observe(what: str, amount: float) -> None:
        spent[what] += amount  # type: ignore[assignment]

    if stand_in:
        classifier = stand_in_classifier(settings, observe)
        pipeline = pipeline_around(classifier, NAME, settings, PARTITIONS, observe)
    else:
        pipeline = create_pipeline(settings, load_model(settings, threads_a_run=1), PARTITIONS, observe)
    records = [
        consumed("reviews", number // 1000 % 8, number, NOW_MS, review_value(corpus, number))
        for number in range(2 * reviews)
    ]
    gc.collect()
    gc.freeze()  # a worker has a few chunks in memory, not all these records
    _run(pipeline, records[:reviews], settings)
    spent.clear()
    started = time.perf_counter()
    _run(pipeline, records[reviews:], settings)
    seconds = time.perf_counter() - started
    gc.unfreeze()
    return Stages(reviews / seconds, {stage: spent[stage] / reviews * 1e6 for stage in STAGES})


def _run(pipeline: Pipeline, records: list, settings: Settings) -> None:  # type: ignore[type-arg]
    size = settings.chunk_records
    chunks = [records[at : at + size] for at in range(0, len(records), size)]
    passes = max(1, settings.batch_rows // size)
    for at in range(0, len(chunks), passes):
        pipeline.run(chunks[at : at + passes])
