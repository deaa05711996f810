"""How the pipeline does: throughput, consumer lag, label latency, dead letters. Pure: `now` is an argument.

Rates are of the last half minute, latencies and dead letters of what was read lately.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

RATE_SECONDS = 30.0
LATENCIES = 2_000
RECENT_MS = 3_600_000
MOST_DEAD_LETTERS = 10_000


@dataclass(frozen=True, slots=True)
class Lag:
    """How many records of a topic a consumer group has still to read; without the topic prefix."""

    group: str
    topic: str
    lag: int


@dataclass(frozen=True, slots=True)
class Latency:
    """From a review's Kafka timestamp to that of its label, ms."""

    p50: int
    p95: int
    p99: int
    labels: int


@dataclass(frozen=True, slots=True)
class PipelineFigures:
    """One look at the pipeline; None: not known yet.

    `dead_letters` counts those of the last hour by reason, the newest 10,000 at most.
    """

    reviews_per_second: float | None
    labels_per_second: float | None
    lags: Sequence[Lag]
    latency: Latency | None
    dead_letters: dict[str, int]


class Pipeline:
    """Collects what is seen; times are milliseconds of the wall clock."""

    def __init__(self) -> None:
        self._ends: deque[tuple[int, int]] = deque()
        self._labels: deque[tuple[int, int]] = deque()
        self._lags: Sequence[Lag] = ()
        self._latencies: deque[int] = deque(maxlen=LATENCIES)
        self._dead: deque[tuple[int, str]] = deque(maxlen=MOST_DEAD_LETTERS)

    def note_ends(self, reviews: int, now_ms: int) -> None:
        """The end offsets of `reviews`, added up."""
        if self._ends and reviews < self._ends[-1][1]:
            self._ends.clear()  # the topic was made again
        self._ends.append((now_ms, reviews))
        while self._ends[-1][0] - self._ends[0][0] > RATE_SECONDS * 1_000:
            self._ends.popleft()

    def note_labels(self, count: int, now_ms: int) -> None:
        """So many labels more were read or, where the tail is skipped, passed."""
        self._labels.append((now_ms, count))
        self._cut_labels(now_ms)

    def note_latency(self, milliseconds: int) -> None:
        """Of one label."""
        self._latencies.append(max(0, milliseconds))

    def note_lags(self, lags: Sequence[Lag]) -> None:
        """Of every group."""
        self._lags = lags

    def note_dead_letter(self, reason: str, at_ms: int) -> None:
        """One record of `reviews-dlq`."""
        self._dead.append((at_ms, reason))

    def figures(self, now_ms: int) -> PipelineFigures:
        """What is known now."""
        self._cut_labels(now_ms)
        labels = sum(count for _, count in self._labels) / RATE_SECONDS
        recent = Counter(reason for at, reason in self._dead if at >= now_ms - RECENT_MS)
        return PipelineFigures(
            self._reviews_per_second(), round(labels, 1), self._lags, self._latency(), dict(recent)
        )

    def _reviews_per_second(self) -> float | None:
        if len(self._ends) < 2:
            return None
        (start, before), (end, after) = self._ends[0], self._ends[-1]
        return round(1_000 * (after - before) / max(1, end - start), 1)

    def _latency(self) -> Latency | None:
        if not self._latencies:
            return None
        found = sorted(self._latencies)
        p50, p95, p99 = (found[min(len(found) - 1, int(len(found) * share))] for share in (0.5, 0.95, 0.99))
        return Latency(p50, p95, p99, len(found))

    def _cut_labels(self, now_ms: int) -> None:
        while self._labels and self._labels[0][0] <= now_ms - RATE_SECONDS * 1_000:
            self._labels.popleft()
