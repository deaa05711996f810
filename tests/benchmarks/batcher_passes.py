"""What a review costs in passes of different sizes: all that a choice of the size can gain."""

import statistics
import time
from itertools import count, islice

from stream.scoring.assembly import create_pipeline
from stream.scoring.inference import load_model
from stream.settings import Settings
from tests.benchmarks.corpus import Corpus, consumed, review_value
from tests.benchmarks.model import NOW_MS, PARTITIONS

ROWS = (10, 30, 100, 300, 1_000, 3_000)
LEAST_REVIEWS, LEAST_PASSES = 3_000, 7


def pass_costs(settings: Settings, corpus: Corpus) -> dict[int, float]:
    """Microseconds a review by rows of a pass, in one thread without Kafka: the median of several passes."""
    pipeline = create_pipeline(
        settings, load_model(settings, threads_a_run=1), PARTITIONS, lambda _what, _amount: None
    )
    numbers = count()

    def spent(rows: int) -> float:
        chunk = [
            consumed("reviews", 0, number, NOW_MS, review_value(corpus, number))
            for number in islice(numbers, rows)
        ]
        started = time.perf_counter()
        pipeline.run([chunk])
        return (time.perf_counter() - started) / rows * 1e6

    spent(LEAST_REVIEWS)  # the words of the language are known from here on
    return {
        rows: statistics.median(spent(rows) for _ in range(max(LEAST_PASSES, LEAST_REVIEWS // rows)))
        for rows in ROWS
    }
