"""Reviews a second through Kafka, by one worker process, over a backlog."""

from dataclasses import dataclass

from aiokafka import TopicPartition

from tests.benchmarks.corpus import Corpus, review_value
from tests.benchmarks.machine import peak_mib
from tests.benchmarks.place import Place, label_reader

BLOCK_RECORDS = 500


@dataclass(frozen=True, slots=True)
class Throughput:
    """Between 10 % and 90 % of the backlog, so without start-up and end."""

    per_second: float
    peak_mib: float


async def fill_reviews(place: Place, corpus: Corpus, first: int, reviews: int) -> None:
    """Produce reviews round robin over the partitions, a block at a time."""
    numbers = range(first, first + reviews)
    for at in range(0, reviews, BLOCK_RECORDS):
        block = [(None, review_value(corpus, number)) for number in numbers[at : at + BLOCK_RECORDS]]
        await place.produce("reviews", at // BLOCK_RECORDS % place.partitions, block)


async def measure_score(
    place: Place, corpus: Corpus, reviews: int, *arguments: str, **settings: str
) -> Throughput:
    """The rate of a worker over a backlog of reviews; asserts that each of them has one readable label.

    The times are those that the worker's producer wrote on the labels, so that nobody reads along.
    """
    await fill_reviews(place, corpus, 0, reviews)
    worker = place.start(*arguments, **settings)
    await place.until_consumed(worker, "score", "reviews", reviews)
    peak = peak_mib(worker.pid)
    worker.stop()
    times = sorted(await label_times(place))
    assert len(times) == reviews, f"{len(times)} labels for {reviews} reviews"
    low, high = times[reviews // 10], times[reviews * 9 // 10]
    return Throughput((reviews * 9 // 10 - reviews // 10) / (high - low) * 1000, peak)


async def label_times(place: Place) -> list[int]:
    """The Kafka timestamps of all readable labels, milliseconds."""
    times: list[int] = []
    async with label_reader(place.settings, from_end=False) as consumer:
        tps = sorted(consumer.assignment())
        ends: dict[TopicPartition, int] = await consumer.end_offsets(tps)
        for tp in tps:
            # By position: the last offset of a transaction is a marker that is never delivered.
            while await consumer.position(tp) < ends[tp]:
                found = await consumer.getmany(tp, timeout_ms=500, max_records=20_000)
                times += [record.timestamp for record in found.get(tp, ())]
    return times
