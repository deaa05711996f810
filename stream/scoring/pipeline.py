"""The flow of `score`, without Kafka: chunks of records in, messages to publish out.

decode -> classify (tokenise, batch, model, calibrate) -> fingerprint -> label; what cannot be decoded
becomes a dead letter in the same outbox, at its place in the order. Pure but for its caches: the clocks are
arguments.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stream.events import Review, brand_key
from stream.kafka.messages import Message, Outbox, ReceivedRecord
from stream.scoring.cache import GenerationCache
from stream.scoring.classifier import Classifier, Observe, Verdict
from stream.scoring.decode import Rejected, decode_review
from stream.scoring.fingerprint import Fingerprint, fingerprints
from stream.scoring.labels import (
    LabelFormat,
    dead_letter,
    label_essence,
    label_headers,
    label_value,
    times_of,
)

CACHED_BRANDS = 100_000


@dataclass(frozen=True, slots=True)
class Destination:
    """A topic and how its keys map to partitions."""

    topic: str
    partition_of: Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Scored:
    """What one chunk became: one message for each of its records, and how many of which kind."""

    outbox: Outbox
    next_offset: int
    labelled: Mapping[str, int]
    rejected: Mapping[str, int]
    records: int
    oldest_timestamp_ms: int


class Pipeline:
    """Turns chunks into outboxes. Threads may share it: its caches hold what can be computed again.

    Args:
        classifier: texts to verdicts.
        labels: where labels go, keyed by brand.
        dead_letters: where rejected records go, by the partition they came from.
        clock: seconds, monotonic. wall_ms: milliseconds since 1970, for `scored_at`.
        observe: told (stage, seconds) for the stages decode, fingerprint and encode.
    """

    def __init__(
        self,
        classifier: Classifier,
        form: LabelFormat,
        labels: Destination,
        dead_letters: Callable[[int], tuple[str, int]],
        *,
        clock: Callable[[], float],
        wall_ms: Callable[[], int],
        observe: Observe,
    ) -> None:
        self._classifier = classifier
        self._form = form
        self._headers = form.constant_headers()
        self._labels = labels
        self._dead_letters = dead_letters
        self._clock = clock
        self._wall_ms = wall_ms
        self._observe = observe
        self._routes: GenerationCache[str, tuple[bytes, int]] = GenerationCache(CACHED_BRANDS)

    def run(self, chunks: Sequence[Sequence[ReceivedRecord]]) -> list[Scored]:
        """Score the chunks together, so that they share batches; the results are in their order."""
        started = self._clock()
        decoded = [[decode_review(record.value) for record in chunk] for chunk in chunks]
        self._observe("decode", self._clock() - started)
        reviews = [review for chunk in decoded for review in chunk if isinstance(review, Review)]
        verdicts = self._classifier.classify(list(map(self._classifier.text_of, reviews)))
        started = self._clock()
        judged = zip(verdicts, fingerprints([review.text for review in reviews]), strict=True)
        self._observe("fingerprint", self._clock() - started)
        started = self._clock()
        scored_at_ms = self._wall_ms()
        results = [
            self._encode(chunk, outcomes, judged, scored_at_ms)
            for chunk, outcomes in zip(chunks, decoded, strict=True)
        ]
        self._observe("encode", self._clock() - started)
        return results

    def _encode(
        self,
        chunk: Sequence[ReceivedRecord],
        outcomes: Sequence[Review | Rejected],
        judged: Iterator[tuple[Verdict, Fingerprint]],
        scored_at_ms: int,
    ) -> Scored:
        outbox: defaultdict[tuple[str, int], list[Message]] = defaultdict(list)
        labelled: Counter[str] = Counter()
        rejected: Counter[str] = Counter()
        for record, outcome in zip(chunk, outcomes, strict=True):
            if isinstance(outcome, Review):
                verdict, fingerprint = next(judged)
                key, partition = self._route(outcome.brand)
                times = times_of(record, outcome, scored_at_ms)
                value = label_value(record, outcome, verdict, fingerprint, self._form, times)
                essence = label_essence(key, record, outcome, verdict, fingerprint, times)
                outbox[self._labels.topic, partition].append(
                    (key, value, label_headers(record, essence, self._headers))
                )
                labelled[verdict.label] += 1
            else:
                outbox[self._dead_letters(record.partition)].append(dead_letter(record, outcome))
                rejected[outcome.reason] += 1
        oldest_ms = min(record.timestamp for record in chunk)
        return Scored(outbox, chunk[-1].offset + 1, labelled, rejected, len(chunk), oldest_ms)

    def _route(self, brand: str) -> tuple[bytes, int]:
        route = self._routes.get(brand)
        if route is None:
            key = brand_key(brand).encode()
            route = key, self._labels.partition_of(key)
            self._routes.put(brand, route)
        return route
