"""What kafka-python's admin client is asked for, translated to values and to our errors."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError, for_code

from stream.errors import BrokerUnavailable, TopicError
from stream.kafka.connection import require_access
from stream.kafka.refusals import refusal
from stream.kafka.security import kafka_python_security
from stream.kafka.topic_specs import NewTopic, TopicState
from stream.settings import Settings

_CONFIGS = ("cleanup.policy", "retention.ms", "max.message.bytes", "min.insync.replicas")


@dataclass(frozen=True, slots=True)
class TopicUse:
    """What lies in a topic. `records` is the sum of end - begin offsets, transaction markers included."""

    records: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class GroupLag:
    """The consumer lag of one group on one topic (full names): end offsets minus committed offsets."""

    group: str
    topic: str
    partitions: int
    lag: int


def client_options(settings: Settings, timeout_seconds: float) -> dict[str, Any]:
    """Keyword arguments that every kafka-python client gets.

    Raises:
        SettingsError: a file of certificates or keys cannot be used.
    """
    milliseconds = int(timeout_seconds * 1000)
    return {
        "bootstrap_servers": settings.brokers.split(","),
        "client_id": f"{settings.topic_prefix}brandpulse",
        "bootstrap_timeout_ms": milliseconds,
        "request_timeout_ms": milliseconds,
        **kafka_python_security(settings),
    }


class Admin:
    """One connection to a cluster's administration; made by `connect`."""

    def __init__(self, client: KafkaAdminClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def brokers(self) -> int:
        """How many brokers there are."""
        return len(self._client.describe_cluster()["brokers"])

    def states(self, names: Collection[str]) -> dict[str, TopicState]:
        """Those of the topics (short names) that exist."""
        topics = self._described(names)
        if not topics:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic["name"]) for topic in topics]
        configs = self._client.describe_configs(resources, config_filter="all")["topic"]
        for name, known in configs.items():
            if not known:
                raise TopicAuthorizationFailedError(f"DescribeConfigs of topic {name}")
        found = {
            self._short(topic["name"]): TopicState(
                self._short(topic["name"]),
                len(topic["partitions"]),
                min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
                {name: configs[topic["name"]][name]["value"] for name in _CONFIGS},
            )
            for topic in topics
        }
        return {name: found[name] for name in names if name in found}

    def topic_id(self, name: str) -> str:
        """The identity of a topic (short name): one that is deleted and made again gets another (KIP-516)."""
        (topic,) = self._client.describe_topics([self._prefix + name])
        return str(topic["topic_id"])

    def create(self, topics: Collection[NewTopic]) -> list[str]:
        """Creates topics and waits until they have leaders; returns the short names of those it created.

        A topic that somebody else creates meanwhile is left as it is.

        Raises:
            TopicError: the cluster refused one or more; the message has its reasons.
        """
        if not topics:
            return []
        answer = self._client.create_topics(
            {
                self._prefix + topic.name: {
                    "num_partitions": topic.partitions,
                    "replication_factor": topic.replication,
                    "configs": dict(topic.configs),
                }
                for topic in topics
            },
            raise_errors=False,
        )["topics"]
        refused = [t for t in answer if t["error_code"] not in (0, TopicAlreadyExistsError.errno)]
        if refused:
            reasons = "; ".join(
                f"{t['name']}: {t.get('error_message') or for_code(t['error_code']).__name__}"
                for t in refused
            )
            raise TopicError(f"the cluster refused to create topics: {reasons}")
        self._client.wait_for_topics([topic["name"] for topic in answer])
        return [self._short(topic["name"]) for topic in answer if topic["error_code"] == 0]

    def uses(self, states: Mapping[str, TopicState]) -> dict[str, TopicUse]:
        """Records and bytes on disk (all copies) of topics that exist, by short name."""
        first = self._offsets(states, OffsetSpec.EARLIEST)
        end = self._offsets(states, OffsetSpec.LATEST)
        records: dict[str, int] = defaultdict(int)
        for partition, offset in end.items():
            records[partition.topic] += offset - first[partition]
        sizes: dict[str, int] = defaultdict(int)
        for broker in self._client.describe_log_dirs([self._prefix + name for name in states]):
            for directory in broker["log_dirs"]:
                for topic in directory["topics"]:
                    sizes[topic["name"]] += sum(part["partition_size"] for part in topic["partitions"])
        return {name: TopicUse(records[self._prefix + name], sizes[self._prefix + name]) for name in states}

    def lags(self, states: Mapping[str, TopicState]) -> list[GroupLag]:
        """The lag of every group that has committed offsets on these topics, by group and topic."""
        groups = [group["group_id"] for group in self._client.list_groups()]
        if not groups:
            return []
        end = self._offsets(states, OffsetSpec.LATEST)
        lags: dict[tuple[str, str], list[int]] = defaultdict(list)
        for group, committed in self._client.list_group_offsets(groups).items():
            for partition, position in committed.items():
                if partition in end and position.offset >= 0:
                    lags[group, partition.topic].append(max(0, end[partition] - position.offset))
        return [GroupLag(group, topic, len(each), sum(each)) for (group, topic), each in sorted(lags.items())]

    def _described(self, names: Collection[str]) -> list[dict[str, Any]]:
        # By name: a list of all topics would leave out, without a word, those that we may not see.
        topics = self._client.describe_topics([self._prefix + name for name in names])
        for topic in topics:
            if topic["error_code"] == TopicAuthorizationFailedError.errno:
                raise TopicAuthorizationFailedError(f"Describe of topic {topic['name']}")
        return [topic for topic in topics if topic["error_code"] == 0]

    def _offsets(self, states: Mapping[str, TopicState], spec: OffsetSpec) -> dict[TopicPartition, int]:
        wanted = {
            TopicPartition(self._prefix + state.name, partition): spec
            for state in states.values()
            for partition in range(state.partitions)
        }
        if not wanted:
            return {}
        return {
            partition: found.offset
            for partition, found in self._client.list_partition_offsets(wanted).items()
        }

    def _short(self, name: str) -> str:
        return name.removeprefix(self._prefix)


@contextmanager
def connect(settings: Settings, timeout_seconds: float = 10.0) -> Iterator[Admin]:
    """An `Admin` for the cluster of the settings.

    Raises:
        BrokerUnavailable: no broker answered in time, or it broke off an answer.
        AccessRefused: the cluster does not let us in, or not do what was asked.
    """
    require_access(settings)
    try:
        client = KafkaAdminClient(**client_options(settings, timeout_seconds))
    except (KafkaError, OSError, ValueError) as error:
        raise BrokerUnavailable(
            f"no broker answers at {settings.brokers} within {timeout_seconds:.0f} s "
            f"({type(error).__name__}). Name the cluster by --brokers or BRANDPULSE_BROKERS, "
            "or start one here: brandpulse broker"
        ) from error
    try:
        yield Admin(client, settings.topic_prefix)
    except KafkaError as error:
        raise refusal(error) or BrokerUnavailable(
            f"the cluster at {settings.brokers} did not do as asked: {error}"
        ) from error
    finally:
        client.close()
