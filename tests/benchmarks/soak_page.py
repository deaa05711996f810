"""docs/soak.md: what a soak found, as tables and a plot. From values to text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from tests.benchmarks.soak_run import Soaked
from tests.benchmarks.soak_samples import MIB, ROLES, SOURCES, Figure, Sample, lag_of, of_worker
from tests.benchmarks.soak_trend import Limit, Trend, trend
from tests.benchmarks.table import markdown_table

WARM_UP_SHARE = 0.1
MOST_BYTES_OF_A_REVIEW = 300
MEMORY = Limit(0.10, 24)
DESCRIPTORS = Limit(0.10, 8)
THREADS = Limit(0, 1)
P50 = Limit(0.25, 25)
P99 = Limit(0.50, 250)
LAG = Limit(0.50, 1_000)

METHOD = """\
One worker of each role, an embedded Kafka and the load share the cores. First comes a review of the past for
each minute and hour that is kept of each brand: windows, which would fill for eight days, are full when the
hour begins. Capacity is what all of them bear together: labels readable a second while some reviews always
wait. Then reviews come evenly, at a share of it: real lengths where the texts are real, brands by Zipf's law,
3 % edits of former reviews, 3 % texts that come again. Latency is from the append of a review to its batch
until its label was read under `read_committed`, of all labels since the last sample. Every figure is judged
from the end of the warm-up (the first tenth) on: *first* and *last* are the medians of its quarters, the
slope is Theil and Sen's. It grows if both the slope and the difference of the quarters gain more than is
allowed; then the command exits 1. RocksDB keeps who was counted for 9 days, so its size may follow the
reviews: {bytes} bytes each are allowed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One figure over time."""

    name: str
    unit: str
    trend: Trend


def judge(samples: Sequence[Sample]) -> list[Judged]:
    """Every figure, from the end of the warm-up on."""
    judged = samples[int(len(samples) * WARM_UP_SHARE) :]
    seconds = [sample.seconds for sample in judged]
    labels = judged[-1].labels - judged[0].labels
    return [
        Judged(name, unit, trend(seconds, [figure(sample) for sample in judged], limit))
        for name, unit, figure, limit in _figures(labels)
    ]


def _figures(labels: int) -> Iterator[tuple[str, str, Figure, Limit]]:
    """Name, unit, figure and limit, where so many labels came meanwhile."""
    for name, unit, vital, limit in (
        ("resident memory", "MiB", "resident_mib", MEMORY),
        ("descriptors", "", "descriptors", DESCRIPTORS),
        ("threads", "", "threads", THREADS),
    ):
        for role in ROLES:
            yield f"`{role}`: {name}", unit, of_worker(role, vital), limit
    kept = Limit(0, labels * MOST_BYTES_OF_A_REVIEW / MIB)
    yield "`brands`: RocksDB on disk", "MiB", attrgetter("rocksdb_mib"), kept
    yield "produced → label readable, p50", "ms", attrgetter("p50_ms"), P50
    yield "the same, p99", "ms", attrgetter("p99_ms"), P99
    for role in SOURCES:
        yield f"`{role}`: consumer lag", "", lag_of(role), LAG


def results(judged: Iterable[Judged]) -> str:
    """One line a figure."""
    head = ("figure", "first quarter", "last quarter", "slope an hour", "allowed in this time", "verdict")
    return markdown_table(head, [_row(one) for one in judged])


def costs(soaked: Soaked) -> str:
    """What the workers used of the cores."""
    first, last = soaked.samples[0], soaked.samples[-1]
    million = (last.labels - first.labels) / 1e6
    seconds = last.seconds - first.seconds
    rows = []
    for role in ROLES:
        used = last.workers[role].cpu_seconds - first.workers[role].cpu_seconds
        rows.append((f"`{role}`", f"{used / million:,.0f}", f"{used / seconds:.2f}"))
    return markdown_table(("role", "CPU-seconds a million reviews", "cores"), rows)


def facts(soaked: Soaked) -> list[tuple[str, str]]:
    """What was done."""
    minutes = soaked.samples[-1].seconds / 60
    lost = soaked.reviews - soaked.labels
    others = sum(sample.others_cores for sample in soaked.samples) / len(soaked.samples)
    return [
        ("lasted", f"{minutes:,.0f} minutes, {len(soaked.samples):,} samples"),
        ("reviews of the past before it", f"{soaked.past:,}"),
        ("capacity of all together", f"{soaked.capacity_per_second:,.0f} reviews/s"),
        ("load", f"{soaked.per_second:,.0f} reviews/s"),
        ("reviews; lost, doubled labels", f"{soaked.reviews:,}; {lost:,}, {soaked.doubled:,}"),
        ("times that a worker started over", f"{soaked.started_over}"),
        ("pages that did not answer", f"{soaked.unanswered}"),
        ("other programs used meanwhile", f"{others:.2f} cores"),
    ]


def verdict(judged: Sequence[Judged]) -> str:
    """In one sentence."""
    growing = [one.name for one in judged if one.trend.growing]
    return f"**Growing: {'; '.join(growing)}.**" if growing else "Nothing grows beyond what is allowed."


def page(about: Iterable[tuple[str, str]], soaked: Soaked, judged: Sequence[Judged]) -> str:
    """The whole of docs/soak.md."""
    parts = [
        "# Soak",
        "Written by `make soak`; do not edit.",
        verdict(judged),
        "![Memory, descriptors, threads, RocksDB, latency and lag over time](images/soak.png)",
        results(judged),
        "## What it cost",
        costs(soaked),
        "## What was done",
        markdown_table(("", ""), [*about, *facts(soaked)]),
        METHOD.format(bytes=MOST_BYTES_OF_A_REVIEW),
    ]
    return "\n\n".join(parts) + "\n"


def _row(one: Judged) -> tuple[str, ...]:
    found = one.trend

    def say(value: float, sign: str = "") -> str:
        number = f"{value:{sign},.1f}" if abs(value) < 10 else f"{value:{sign},.0f}"
        return f"{number} {one.unit}".strip()

    values = (say(found.first), say(found.last), say(found.slope_per_hour, "+"), say(found.allowed, "+"))
    return one.name, *values, "**growing**" if found.growing else "flat"
