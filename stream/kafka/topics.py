"""Creating, checking and describing the topics; what the workers demand of them at their start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stream.errors import TopicError
from stream.kafka.admin import GroupLag, TopicUse, connect
from stream.kafka.topic_specs import (
    CHANGELOG,
    SAME_PARTITIONS,
    TOPICS,
    Deviation,
    Expectation,
    NewTopic,
    TopicState,
    deviations,
    plan,
)
from stream.settings import PREFIX, Settings

__all__ = ["CHANGELOG", "Created", "Description", "check", "create", "describe", "require_topics", "topic_id"]

# What a worker cannot live with; the rest is the operator's choice, which `check` names.
_FATAL = ("missing", "partitions", "cleanup")


@dataclass(frozen=True, slots=True)
class Created:
    """What `create` did, and what it found and left alone."""

    created: Sequence[NewTopic]
    kept: Mapping[str, TopicState]
    deviations: Sequence[Deviation]


@dataclass(frozen=True, slots=True)
class Description:
    """The topics that exist by short name, what is in them, and who reads them how far behind."""

    states: Mapping[str, TopicState]
    uses: Mapping[str, TopicUse]
    lags: Sequence[GroupLag]


def create(settings: Settings, partitions: int | None = None, replication: int | None = None) -> Created:
    """Creates the topics that are missing; never alters one that exists.

    Where no count of partitions is given, that of the settings counts, if there is one.

    Raises:
        BrokerUnavailable: no broker answered in time.
        TopicError: the cluster refused to create one.
    """
    with connect(settings) as admin:
        expected = Expectation(admin.brokers(), partitions or settings.partitions, replication)
        states = admin.states(TOPICS)
        planned = plan(states, expected)
        names = admin.create(planned)
        after = admin.states(TOPICS)
    return Created(
        [topic for topic in planned if topic.name in names],
        {name: state for name, state in after.items() if name not in names},
        deviations(after, expected, prefix=settings.topic_prefix),
    )


def check(
    settings: Settings, partitions: int | None = None, replication: int | None = None
) -> list[Deviation]:
    """Every deviation of every topic; partitions as in `create`.

    Raises:
        BrokerUnavailable: no broker answered in time.
    """
    with connect(settings) as admin:
        expected = Expectation(admin.brokers(), partitions or settings.partitions, replication)
        return deviations(admin.states(TOPICS), expected, prefix=settings.topic_prefix)


def describe(settings: Settings) -> Description:
    """The topics as they are.

    Raises:
        BrokerUnavailable: no broker answered in time.
    """
    with connect(settings) as admin:
        states = admin.states(TOPICS)
        return Description(states, admin.uses(states), admin.lags(states))


def require_topics(
    settings: Settings,
    names: Sequence[str],
    same_partitions: Sequence[str] = (),
    timeout_seconds: float = 10.0,
) -> dict[str, int]:
    """The partition count of each topic, by short name, once all are as a worker needs them.

    They must exist and clean up as they should. Those of `same_partitions` must have equally many, and those
    that are keyed by brand as many as the settings say, where they do.

    Raises:
        TopicError: they are not; the message lists every problem and the command that mends it.
        BrokerUnavailable: no broker answered in time.
    """
    with connect(settings, timeout_seconds) as admin:
        states = admin.states(names)
    _require_partitions(settings, states)
    found = deviations(
        states,
        Expectation(brokers=1),
        prefix=settings.topic_prefix,
        names=names,
        same_partitions=same_partitions,
    )
    problems = [deviation for deviation in found if deviation.kind in _FATAL]
    if problems:
        raise TopicError(explain(settings, problems))
    return {name: states[name].partitions for name in names}


def _require_partitions(settings: Settings, states: Mapping[str, TopicState]) -> None:
    """Raise TopicError where a brand would be looked for in another partition than that of its past."""
    wanted = settings.partitions
    others = [
        f"{settings.topic(name)} has {state.partitions}"
        for name, state in states.items()
        if name in SAME_PARTITIONS and state.partitions != wanted
    ]
    if wanted and others:
        raise TopicError(
            f"{PREFIX}PARTITIONS is {wanted}, but at {settings.brokers} {', '.join(others)}: brands would "
            f"change their partition. Set {PREFIX}PARTITIONS to the count that these topics were made with, "
            f"or name others by {PREFIX}TOPIC_PREFIX"
        )


def topic_id(settings: Settings, name: str) -> str:
    """The identity of a topic that exists, by short name: one made again under the same name has another.

    Raises:
        BrokerUnavailable: no broker answered in time.
    """
    with connect(settings) as admin:
        return admin.topic_id(name)


def explain(settings: Settings, problems: Sequence[Deviation]) -> str:
    """The problems one a line, and what to do about them."""
    lines = [f"topics at {settings.brokers} are not as they must be:", *(f"  {each}" for each in problems)]
    if any(problem.kind == "missing" for problem in problems):
        prefix = f" --topic-prefix {settings.topic_prefix}" if settings.topic_prefix else ""
        lines.append(
            f"Create those that are missing: brandpulse topics create --brokers {settings.brokers}{prefix}"
        )
    if any(problem.kind != "missing" for problem in problems):
        lines.append(
            "Topics that exist are never altered by brandpulse: alter them with your cluster's tools, or "
            "delete them and run brandpulse topics create."
        )
    return "\n".join(lines)
