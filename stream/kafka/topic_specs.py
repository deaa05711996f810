"""What each topic must look like, and how one that exists differs from it. Pure: nothing here asks Kafka."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

DEFAULT_PARTITIONS = 8
CHANGELOG = "brandpulse-brands-state-changelog"
REVIEWS_CHANGELOG = "brandpulse-brands-reviews-changelog"
_DAY_MS = 24 * 3_600_000
_LARGE_BYTES = 4 * 1024 * 1024

Kind = Literal["missing", "partitions", "cleanup", "replication", "in-sync", "retention", "message size"]


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic by its short name, without the prefix; None: the cluster's default will do."""

    name: str
    cleanup: frozenset[str]
    retention_ms: int | None = None
    max_message_bytes: int | None = None
    segment_bytes: int | None = None

    def configs(self, replication: int) -> dict[str, str]:
        """The topic configuration to create it with."""
        wanted = {
            "cleanup.policy": ",".join(sorted(self.cleanup)),
            "retention.ms": self.retention_ms,
            "max.message.bytes": self.max_message_bytes,
            "segment.bytes": self.segment_bytes,
            "min.insync.replicas": 2 if replication >= 3 else None,
        }
        return {name: str(value) for name, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class TopicState:
    """One topic as the cluster describes it, by its short name."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing about one topic (its full name) that is not as it must be."""

    topic: str
    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.text}"


@dataclass(frozen=True, slots=True)
class NewTopic:
    """One topic to create, by its short name."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the caller wants of all topics; None: 3 copies or as many as there are brokers, any partitions."""

    brokers: int
    partitions: int | None = None
    replication: int | None = None

    @property
    def copies(self) -> int:
        return self.replication or min(3, self.brokers)


_DELETE, _COMPACT = frozenset({"delete"}), frozenset({"compact"})
# A label carries its review's text where that is asked for, so its limit is that of the reviews. Compaction
# leaves the newest segment alone: smaller segments keep the changelog, and so recovery, short.
TOPICS: Mapping[str, TopicSpec] = {
    spec.name: spec
    for spec in (
        TopicSpec("reviews", _DELETE, 7 * _DAY_MS, _LARGE_BYTES),
        TopicSpec("review-sentiment", _DELETE, 30 * _DAY_MS, _LARGE_BYTES),
        TopicSpec("brand-sentiment", _COMPACT, segment_bytes=64 * 1024 * 1024),
        TopicSpec("brand-hours", _COMPACT, segment_bytes=64 * 1024 * 1024),
        TopicSpec("brand-alerts", _COMPACT | _DELETE, 90 * _DAY_MS),
        TopicSpec("reviews-dlq", _DELETE, 30 * _DAY_MS, _LARGE_BYTES),
        TopicSpec("review-corrections", _DELETE, 30 * _DAY_MS),
        TopicSpec(CHANGELOG, _COMPACT, segment_bytes=64 * 1024 * 1024),
        # A day more than the longest that a review can be corrected.
        TopicSpec(REVIEWS_CHANGELOG, _DELETE, 9 * _DAY_MS, _LARGE_BYTES),
    )
}
# A brand lives in one partition: partition p of the labels, its state and what is published of it are one.
SAME_PARTITIONS = (
    *("review-sentiment", "brand-sentiment", "brand-hours", "brand-alerts", "review-corrections"),
    *(CHANGELOG, REVIEWS_CHANGELOG),
)


def plan(states: Mapping[str, TopicState], expected: Expectation) -> list[NewTopic]:
    """The topics to create: each one that is missing, with the partitions of the ones it must match."""
    counts = [states[name].partitions for name in SAME_PARTITIONS if name in states]
    matching = counts[0] if counts else DEFAULT_PARTITIONS
    return [
        NewTopic(
            spec.name,
            expected.partitions or (matching if spec.name in SAME_PARTITIONS else DEFAULT_PARTITIONS),
            expected.copies,
            spec.configs(expected.copies),
        )
        for spec in TOPICS.values()
        if spec.name not in states
    ]


def deviations(
    states: Mapping[str, TopicState],
    expected: Expectation,
    *,
    prefix: str = "",
    names: Iterable[str] = tuple(TOPICS),
    same_partitions: Sequence[str] = SAME_PARTITIONS,
) -> list[Deviation]:
    """Everything that is not as it must be: of the topics `names`, and of the counts of `same_partitions`.

    Longer retention, more copies, larger messages, and more partitions of what is not keyed by brand, are the
    operator's choice, no deviation.
    """
    found = [
        Deviation(prefix + name, kind, text)
        for name in names
        for kind, text in _differences(TOPICS[name], states.get(name), expected)
    ]
    return found + _unequal_partitions(states, same_partitions, prefix)


def _differences(spec: TopicSpec, state: TopicState | None, expected: Expectation) -> list[tuple[Kind, str]]:
    if state is None:
        return [("missing", "is missing")]
    found: list[tuple[Kind, str]] = []
    if expected.partitions and not _enough_partitions(state, expected.partitions):
        found.append(("partitions", f"has {state.partitions} partitions, wanted {expected.partitions}"))
    if state.replication < expected.copies:
        found.append(("replication", f"has {state.replication} copies, wanted {expected.copies}"))
    in_sync = int(state.configs.get("min.insync.replicas", "1"))
    if state.replication >= 3 and in_sync < 2:
        found.append(("in-sync", f"has min.insync.replicas={in_sync}, wanted 2"))
    cleanup = state.configs.get("cleanup.policy", "delete")
    if frozenset(cleanup.replace(" ", "").split(",")) != spec.cleanup:
        wanted = ",".join(sorted(spec.cleanup))
        found.append(("cleanup", f"has cleanup.policy={cleanup}, wanted {wanted}"))
    least_values: tuple[tuple[Kind, str, int | None], ...] = (
        ("retention", "retention.ms", spec.retention_ms),
        ("message size", "max.message.bytes", spec.max_message_bytes),
    )
    for kind, name, least in least_values:
        value = int(state.configs.get(name, "-1"))
        if least is not None and 0 <= value < least:
            found.append((kind, f"has {name}={value}, wanted at least {least}"))
    return found


def _enough_partitions(state: TopicState, wanted: int) -> bool:
    """Where nothing is kept by partition, more than wanted will do."""
    return state.partitions == wanted or (state.partitions > wanted and state.name not in SAME_PARTITIONS)


def _unequal_partitions(
    states: Mapping[str, TopicState], names: Sequence[str], prefix: str
) -> list[Deviation]:
    present = [states[name] for name in names if name in states]
    return [
        Deviation(
            prefix + state.name,
            "partitions",
            f"has {state.partitions} partitions, but {prefix}{present[0].name} has {present[0].partitions}: "
            "they must be equal",
        )
        for state in present[1:]
        if state.partitions != present[0].partitions
    ]
