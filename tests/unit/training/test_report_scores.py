"""Scores, slices and comparisons of a report against numbers worked out by hand."""

import numpy as np
import pytest

from training.evaluate import softmax
from training.report.comparison import Split, calibrated, compare, given_labels
from training.report.forecasts import Forecast
from training.report.scores import (
    Answers,
    class_stars,
    score_labels,
    score_probabilities,
    star_error,
)
from training.report.slices import by_length, by_source, by_style, score_slices


def test_scores_by_hand() -> None:
    scores = score_labels(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2]), seed=1)
    assert scores.confusion.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert scores.accuracy.value == 0.75
    assert [f1.value for f1 in scores.f1] == pytest.approx([2 / 3, 2 / 3, 1])
    assert [share.value for share in scores.precision] == [0.5, 1, 1]
    assert [share.value for share in scores.recall] == [1, 0.5, 1]
    assert scores.macro_f1.value == pytest.approx(7 / 9)
    assert scores.accuracy.low <= 0.75 <= scores.accuracy.high


def test_a_class_without_rows_does_not_pull_the_mean_down() -> None:
    assert score_labels(np.array([0, 2]), np.array([0, 2]), seed=1).macro_f1.value == 1


def test_confidence_is_that_of_the_label_given() -> None:
    answers = given_labels(np.array([[0.5, 0.3, 0.2]]), (1.0, 2.0, 1.0))
    assert answers.predicted.tolist() == [1]
    assert answers.confidence.tolist() == [0.3]
    scores = score_probabilities(np.array([1]), answers, seed=1)
    assert scores.ece.value == pytest.approx(0.7)
    assert scores.nll.value == pytest.approx(-np.log(0.3))


def test_stars_by_hand() -> None:
    means = class_stars(np.array([0, 0, 1, 2, 2]), np.array([1, 2, 3, 5, 0]))
    assert means is not None
    assert means.tolist() == [1.5, 3, 5]
    error = star_error(np.array([[1.0, 0, 0], [0, 0.5, 0.5], [0, 0, 1]]), np.array([1, 5, 0]), means, seed=1)
    assert error is not None
    assert error.value == pytest.approx((0.5 + 1.0) / 2)


def test_without_stars_there_is_no_error_in_stars() -> None:
    assert class_stars(np.array([0, 1, 2]), np.array([0, 0, 0])) is None
    assert star_error(np.eye(3), np.zeros(3, dtype=np.int64), np.array([1.5, 3, 5]), seed=1) is None


def test_small_sources_are_one_group() -> None:
    groups = by_source(["shop"] * 100 + ["stall"] * 99 + ["barrow"])
    assert groups[0] == ["shop"]
    assert groups[100] == groups[199] == ["2 smaller sources"]


@pytest.mark.parametrize(
    ("words", "name"),
    [(1, "1–3"), (3, "1–3"), (4, "4–7"), (15, "8–15"), (40, "16–40"), (100, "41–100"), (101, "> 100")],
)
def test_lengths_are_counted_in_words(words: int, name: str) -> None:
    assert by_length(["good " * words]) == [[name]]


@pytest.mark.parametrize(
    ("text", "styles"),
    [
        ("Works well, I like it.", ["none of these"]),
        ("works well i like it", ["all lower-case", "no punctuation"]),
        ("NEVER BUY THIS AGAIN!", ["shouting"]),
        ("OK!", ["none of these"]),
        ("Lovely 😍.", ["emoji"]),
        ("Model 4500, 2021, 128 GB.", ["many digits"]),
    ],
)
def test_styles(text: str, styles: list[str]) -> None:
    assert by_style([text]) == [styles]


def test_a_row_counts_in_every_group_it_is_in() -> None:
    answers = Answers(np.eye(3), np.array([0, 1, 1]))
    scored = {
        each.name: (each.rows, each.accuracy.value)
        for each in score_slices([["a", "b"], ["a"], ["b"]], np.array([0, 1, 2]), answers, seed=1)
    }
    assert scored == {"a": (2, 1.0), "b": (2, 0.5)}


def forecast_and_labels(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.choice(3, 3000, p=[0.2, 0.1, 0.7])
    return random.normal(size=(3000, 3)) + 2 * np.eye(3)[labels], labels


def test_the_temperature_of_a_baseline_keeps_its_labels() -> None:
    logits, labels = forecast_and_labels(1)
    sharp = softmax(3 * logits)
    before = Forecast(sharp, sharp, (1.0, 4.0, 1.0))
    after, temperature = calibrated(before, labels)
    assert temperature > 1
    assert (
        given_labels(before.scored, before.own_weights).predicted.tolist()
        == given_labels(after.scored, after.own_weights).predicted.tolist()
    )


def test_a_ranking_is_not_calibrated() -> None:
    logits, labels = forecast_and_labels(1)
    ranking = Forecast(softmax(logits), softmax(logits), probabilistic=False)
    assert calibrated(ranking, labels) == (ranking, 1.0)
    split = Split(labels, given_labels(softmax(logits), (1.0, 1.0, 1.0)))
    assert compare("ranking", ranking, split, split, seed=1).probabilities is None


def test_a_worse_model_is_behind_at_our_accuracy_and_says_where_it_cannot_reach_it() -> None:
    logits, labels = forecast_and_labels(2)
    noise = np.random.default_rng(3).normal(size=logits.shape) * 2
    ours = Split(labels, given_labels(softmax(logits), (1.0, 1.0, 1.0)))
    worse = softmax(logits + noise)
    compared = compare("worse", Forecast(worse, worse), ours, ours, seed=1)
    assert not compared.point.floor_reached
    assert compared.macro_f1_difference.low > 0
    same = compare(
        "same", Forecast(ours.answers.probabilities, ours.answers.probabilities), ours, ours, seed=1
    )
    assert same.point.floor_reached
    assert same.equal.accuracy.value >= ours.accuracy_macro_f1[0]
