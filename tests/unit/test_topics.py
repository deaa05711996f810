"""Specifications against described topics, case by case; no cluster takes part."""

from dataclasses import replace

import pytest

from stream.events import EVENTS
from stream.kafka.topic_specs import (
    CHANGELOG,
    REVIEWS_CHANGELOG,
    SAME_PARTITIONS,
    TOPICS,
    Expectation,
    TopicState,
    deviations,
    plan,
)

ONE_BROKER, THREE_BROKERS = Expectation(brokers=1), Expectation(brokers=3)


def as_specified(replication: int = 1, partitions: int = 8) -> dict[str, TopicState]:
    return {
        name: TopicState(name, partitions, replication, spec.configs(replication))
        for name, spec in TOPICS.items()
    }


def with_config(name: str, config: str, value: str, replication: int = 1) -> dict[str, TopicState]:
    states = as_specified(replication)
    state = states[name]
    return states | {name: replace(state, configs={**state.configs, config: value})}


def test_every_event_has_a_topic_and_the_brands_their_changelogs() -> None:
    assert set(TOPICS) == {*EVENTS, CHANGELOG, REVIEWS_CHANGELOG}


@pytest.mark.parametrize("expected", [ONE_BROKER, THREE_BROKERS])
def test_what_is_created_as_planned_does_not_deviate(expected: Expectation) -> None:
    states = {
        topic.name: TopicState(topic.name, topic.partitions, topic.replication, topic.configs)
        for topic in plan({}, expected)
    }
    assert deviations(states, expected) == []


def test_three_brokers_keep_three_copies_with_two_in_sync() -> None:
    assert {
        (topic.replication, topic.configs["min.insync.replicas"]) for topic in plan({}, THREE_BROKERS)
    } == {(3, "2")}
    assert {topic.replication for topic in plan({}, Expectation(brokers=9))} == {3}
    assert {topic.replication for topic in plan({}, Expectation(brokers=2))} == {2}
    assert all("min.insync.replicas" not in topic.configs for topic in plan({}, ONE_BROKER))


def test_a_plan_holds_only_what_is_missing() -> None:
    assert [topic.name for topic in plan(as_specified(), ONE_BROKER)] == []
    states = as_specified()
    del states["brand-hours"]
    assert [topic.name for topic in plan(states, ONE_BROKER)] == ["brand-hours"]


def test_a_missing_topic_gets_the_partitions_of_those_it_must_match() -> None:
    states = {"review-sentiment": replace(as_specified()["review-sentiment"], partitions=24)}
    counts = {topic.name: topic.partitions for topic in plan(states, ONE_BROKER)}
    assert counts == {"reviews": 8, "brand-alerts": 8, "reviews-dlq": 8} | {
        name: 24 for name in SAME_PARTITIONS if name != "review-sentiment"
    }


def test_demanded_partitions_and_copies_win() -> None:
    planned = plan({}, Expectation(brokers=3, partitions=2, replication=1))
    assert {(topic.partitions, topic.replication) for topic in planned} == {(2, 1)}


@pytest.mark.parametrize(
    ("states", "expected", "kind", "says"),
    [
        (
            with_config("reviews", "retention.ms", "3600000"),
            ONE_BROKER,
            "retention",
            "p-reviews: has retention.ms=3600000, wanted at least 604800000",
        ),
        (
            with_config("reviews", "cleanup.policy", "compact"),
            ONE_BROKER,
            "cleanup",
            "p-reviews: has cleanup.policy=compact, wanted delete",
        ),
        (
            with_config("reviews", "max.message.bytes", "1048588"),
            ONE_BROKER,
            "message size",
            "p-reviews: has max.message.bytes=1048588, wanted at least 4194304",
        ),
        (
            with_config("reviews", "min.insync.replicas", "1", replication=3),
            THREE_BROKERS,
            "in-sync",
            "p-reviews: has min.insync.replicas=1, wanted 2",
        ),
        (
            as_specified(replication=3)
            | {"reviews": TopicState("reviews", 8, 1, TOPICS["reviews"].configs(1))},
            THREE_BROKERS,
            "replication",
            "p-reviews: has 1 copies, wanted 3",
        ),
        (
            as_specified() | {"reviews": TopicState("reviews", 4, 1, TOPICS["reviews"].configs(1))},
            Expectation(brokers=1, partitions=8),
            "partitions",
            "p-reviews: has 4 partitions, wanted 8",
        ),
        (
            as_specified() | {CHANGELOG: TopicState(CHANGELOG, 4, 1, TOPICS[CHANGELOG].configs(1))},
            ONE_BROKER,
            "partitions",
            f"p-{CHANGELOG}: has 4 partitions, but p-review-sentiment has 8: they must be equal",
        ),
        (
            {name: state for name, state in as_specified().items() if name != "reviews"},
            ONE_BROKER,
            "missing",
            "p-reviews: is missing",
        ),
    ],
)
def test_each_deviation_is_named(
    states: dict[str, TopicState], expected: Expectation, kind: str, says: str
) -> None:
    (found,) = deviations(states, expected, prefix="p-")
    assert found.kind == kind
    assert str(found) == says


@pytest.mark.parametrize(
    ("config", "value"),
    [("retention.ms", "-1"), ("retention.ms", "9999999999999"), ("max.message.bytes", "9999999")],
)
def test_more_than_asked_for_is_no_deviation(config: str, value: str) -> None:
    assert deviations(with_config("reviews", config, value), ONE_BROKER) == []


def test_only_what_is_not_keyed_by_brand_may_have_more_partitions_than_asked_for() -> None:
    grown = {name: replace(state, partitions=16) for name, state in as_specified().items()}
    found = deviations(grown, Expectation(brokers=1, partitions=8))
    assert [each.topic for each in found] == [name for name in TOPICS if name in SAME_PARTITIONS]


def test_policies_compare_as_sets() -> None:
    assert deviations(with_config("brand-alerts", "cleanup.policy", "delete, compact"), ONE_BROKER) == []


def test_only_the_topics_asked_for_are_looked_at() -> None:
    states = {"reviews": as_specified()["reviews"]}
    assert deviations(states, ONE_BROKER, names=["reviews"]) == []
