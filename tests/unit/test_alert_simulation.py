"""What the simulation of alerts counts as caught, as false, and as a rival's match."""

import numpy as np
import pytest

from tests.benchmarks.alert_page import matched
from tests.benchmarks.alert_rivals import Opening, Rivals
from tests.benchmarks.alert_score import Caught, Score, score
from tests.benchmarks.alert_world import WARM_UP_DAYS, Planned, World

START = (WARM_UP_DAYS + 2) * 1440
INCIDENT = Planned(0, "negative_share", 0.4, START, START + 180)


def world() -> World:
    made = World(brands=2, days=20, seed=1)
    made.incidents = [INCIDENT]
    for _ in made.hours():
        pass
    return made


def scored(*minutes: int, brand: int = 0) -> Score:
    openings = [Opening("ours", brand, "negative_share", minute) for minute in minutes]
    return score(world(), "negative_share", openings)


@pytest.mark.parametrize("after", [1, 60, 180])
def test_an_alert_during_an_incident_catches_it(after: int) -> None:
    found = scored(START + after)
    assert (found.false_alerts, found.alerts) == (0, 1)
    assert [one.minutes for one in found.caught] == [after]


def test_the_first_alert_counts_and_others_are_repetitions() -> None:
    found = scored(START + 90, START + 30)
    assert [one.minutes for one in found.caught] == [30]
    assert found.alerts == 2


def test_a_late_alert_is_neither_caught_nor_false() -> None:
    found = scored(START + 181, START + 180 + 24 * 60)
    assert (found.false_alerts, found.alerts, found.detection_rate) == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("minute", "brand"), [(START - 1, 0), (START + 180 + 24 * 60 + 1, 0), (START + 1, 1)]
)
def test_an_alert_without_an_incident_is_false(minute: int, brand: int) -> None:
    assert scored(minute, brand=brand).false_alerts == 1


def test_nothing_counts_while_baselines_warm_up() -> None:
    assert scored(WARM_UP_DAYS * 1440 - 1).false_alerts == 0


def test_an_incident_changes_the_reviews_of_its_minutes_alone() -> None:
    made = World(brands=2, days=20, seed=1)
    quiet = World(brands=2, days=20, seed=1)
    made.incidents = [Planned(0, "volume", 50.0, 90, 150)]
    quiet.incidents = []
    reviews = np.concatenate([hour for (hour, _), _ in zip(made.hours(), range(4), strict=False)], axis=1)
    usual = np.concatenate([hour for (hour, _), _ in zip(quiet.hours(), range(4), strict=False)], axis=1)
    assert (reviews[:, :60] == usual[:, :60]).all()
    assert reviews[0, 90:150].sum() > 20 * usual[0].sum() / 4


def score_of(false_alerts: int, detection_rate: float) -> Score:
    caught = [Caught(INCIDENT, 5 if number < detection_rate * 10 else None) for number in range(10)]
    return Score(false_alerts, 10.0, caught, 0)


def test_a_rule_is_matched_at_the_threshold_that_catches_as_much() -> None:
    sweep = [score_of(1000, 0.8), score_of(10, 0.4), score_of(0, 0.2)]
    assert matched(sweep, 0.8) == pytest.approx(100)
    assert matched(sweep, 0.6) == pytest.approx(10)
    assert matched(sweep, 0.9) is None


def test_the_rules_open_on_what_they_are_about_and_end_with_it() -> None:
    rivals = Rivals(brands=1, hours=24 * 10)
    calm, torn = np.array([10]), np.array([1])
    for hour in range(24 * 9):
        negatives = torn + (hour % 5 == 0)
        rivals.look(hour, calm, negatives, hour * 60)
        rivals.end_hour(hour, calm, negatives)
    assert not any(
        rule.openings for rule in rivals.rules if rule.threshold >= (0.05 if rule.name == "5 points" else 3)
    )
    for hour in range(24 * 9, 24 * 10):
        rivals.look(hour, calm, calm, hour * 60)
        rivals.end_hour(hour, calm, calm)
    opened = {rule.name for rule in rivals.rules if rule.openings and rule.kind == "negative_share"}
    assert opened == {"3 sigma", "5 points"}
    assert all(len(rule.openings) <= 1 for rule in rivals.rules if rule.kind == "negative_share")
