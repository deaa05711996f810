"""The baselines on small reviews, and what they say where they cannot be run."""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from training.data import Reviews
from training.errors import ConfigError, DataError
from training.report.baselines import BASELINES, choose_baselines
from training.report.cache import cached_forecast
from training.report.comparison import Missing, Split, given_labels
from training.report.forecasts import Baseline, Forecast, Task, Unavailable
from training.report.session import run_baseline

M_PERTURB = -6
GOOD = ["works like a charm", "great sound and a bright screen", "I love it", "a happy buy", "good value"]
BAD = ["broke after a day", "a waste of money", "it never worked", "awful smell", "bad glue, sad child"]
OKAY = ["it is okay", "average, nothing more", "does its job", "neither here nor there", "so so"]


def reviews(times: int) -> Reviews:
    texts = [text for group in (BAD, OKAY, GOOD) for text in group] * times
    labels = np.tile(np.repeat([0, 1, 2], 5), times)
    count = len(texts)
    ids = [f"r{row}" for row in range(count)]
    return Reviews(ids, texts, labels, 2 * labels + 1, ["shop"] * count, ["train"] * count)


def task(soft_labels: Path | None = None, ancestor: Path | None = None) -> Task:
    return Task(reviews(8), reviews(1), reviews(2), 1, soft_labels, ancestor)


def forecast(name: str, given: Task) -> Forecast:
    made = BASELINES[name].forecast(given)
    assert isinstance(made, Forecast)
    assert made.validation.shape == (len(given.validation.texts), 3)
    assert made.scored.sum(1) == pytest.approx(np.ones(len(given.scored.texts)), abs=1e-5)
    return made


def accuracy(made: Forecast, given: Task) -> float:
    predicted = given_labels(made.scored, made.own_weights).predicted
    return float((predicted == given.scored.labels).mean())


def test_majority_gives_the_shares_of_the_train_split() -> None:
    given = task()
    rows = given.train.where(np.arange(len(given.train.texts)) < 12)  # 5 negative, 5 neutral, 2 positive
    made = forecast("majority", Task(rows, given.validation, given.scored, 1))
    assert made.scored[0] == pytest.approx([5 / 12, 5 / 12, 2 / 12])


def test_vader_gives_its_published_labels_and_only_ranks() -> None:
    module = pytest.importorskip("vaderSentiment.vaderSentiment", reason="needs the extra report")
    score = module.SentimentIntensityAnalyzer().polarity_scores
    given = task()
    made = forecast("vader", given)
    compound = np.array([score(text)["compound"] for text in given.scored.texts])
    published = np.where(compound >= 0.05, 2, np.where(compound <= -0.05, 0, 1))
    assert given_labels(made.scored, made.own_weights).predicted.tolist() == published.tolist()
    assert not made.probabilistic


@pytest.mark.parametrize("name", ["tfidf", "tfidf-plain"])
def test_words_are_learned_by_regression(name: str) -> None:
    pytest.importorskip("sklearn", reason="needs the extra report (scikit-learn)")
    assert accuracy(forecast(name, task()), task()) == 1


def test_regression_gives_nothing_to_a_class_it_never_saw() -> None:
    pytest.importorskip("sklearn", reason="needs the extra report (scikit-learn)")
    given = task()
    without = given.train.where(given.train.labels != 1)
    made = forecast("tfidf-plain", Task(without, given.validation, given.scored, 1))
    assert (made.scored[:, 1] == 0).all()


@contextmanager
def used_memory() -> Iterator[None]:
    """What this process allocates is not zero, as where others used it before (glibc's M_PERTURB)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        pytest.skip("this C library cannot fill what it allocates: no mallopt")
    mallopt(M_PERTURB, 1)
    try:
        yield
    finally:
        mallopt(M_PERTURB, 0)


def test_fasttext_learns_the_same_whatever_was_in_memory() -> None:
    pytest.importorskip("fasttext", reason="needs the extra report (fasttext-numpy2-wheel)")
    given = task()
    first = forecast("fasttext", given)
    with used_memory():
        second = forecast("fasttext", given)
    assert first.scored == pytest.approx(second.scored)
    assert "learning rate" in first.note


def write_soft_labels(path: Path, ids: Sequence[str]) -> Path:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra training (pyarrow)")
    import pyarrow

    columns: dict[str, list[object]] = {"review_id": list(ids)}
    for label, share in (("negative", 0.2), ("neutral", 0.1), ("positive", 0.7)):
        columns[f"log_p_{label}"] = [float(np.log(share))] * len(ids)
    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_the_teacher_is_found_by_review_id(tmp_path: Path) -> None:
    made = forecast("teacher", task(write_soft_labels(tmp_path / "soft.parquet", reviews(2).ids)))
    assert made.scored[3] == pytest.approx([0.2, 0.1, 0.7], rel=1e-5)


def test_soft_labels_of_other_reviews_are_refused_with_their_number(tmp_path: Path) -> None:
    file = write_soft_labels(tmp_path / "soft.parquet", reviews(2).ids[:20])
    with pytest.raises(DataError, match="lacks 10 of 30 review ids"):
        forecast("teacher", task(file))


@pytest.mark.parametrize("name", ["teacher", "ancestor"])
def test_what_was_not_given_says_how_to_give_it(name: str) -> None:
    made = BASELINES[name].forecast(task())
    assert isinstance(made, Unavailable)
    assert "--" in made.reason


def test_an_unknown_baseline_is_refused_with_the_list() -> None:
    with pytest.raises(
        ConfigError, match=r"no baseline 'bert'; there are all, none or any of majority, vader, "
    ):
        choose_baselines("majority,bert")


def test_baselines_are_chosen_by_name_once_and_in_order() -> None:
    assert [baseline.name for baseline in choose_baselines("vader, majority,vader")] == ["vader", "majority"]
    assert len(choose_baselines("all")) == len(BASELINES)
    assert choose_baselines("none") == []


def needs_what_is_not_installed(given: Task) -> Forecast:
    raise ModuleNotFoundError(f"for {len(given.train.texts)} rows", name="a_package_nobody_has")


def test_a_package_that_is_not_installed_leaves_a_row_that_says_so() -> None:
    given = task()
    split = Split(given.validation.labels, given_labels(np.eye(3)[given.validation.labels], (1.0, 1.0, 1.0)))
    absent = Baseline("absent", "Absent", 1, needs_what_is_not_installed)
    outcome = run_baseline(absent, given, split, split, lambda baseline, of: baseline.forecast(of))
    assert outcome == Missing("Absent", "needs the package a_package_nobody_has (extra report)")


class Counted:
    """A baseline's forecast that counts how often it was made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, given: Task) -> Forecast:
        self.made += 1
        shares = np.tile([0.2, 0.3, 0.5], (len(given.scored.texts), 1))
        return Forecast(shares, shares, (1.0, 2.0, 1.0), probabilistic=False, note="counted")


def test_a_forecast_is_made_once_for_the_same_rows(tmp_path: Path) -> None:
    counted = Counted()
    baseline = Baseline("counted", "Counted", 1, counted)
    first, again = (cached_forecast(tmp_path / "cache", ["digest"], baseline, task()) for _ in range(2))
    assert counted.made == 1
    assert isinstance(first, Forecast)
    assert isinstance(again, Forecast)
    assert again.scored.tolist() == first.scored.tolist()
    assert (again.own_weights, again.probabilistic, again.note) == ((1.0, 2.0, 1.0), False, "counted")
    cached_forecast(tmp_path / "cache", ["another digest"], baseline, task())
    assert counted.made == 2


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 cut short"])
def test_a_damaged_cache_is_made_again(tmp_path: Path, content: bytes) -> None:
    counted = Counted()
    baseline = Baseline("counted", "Counted", 1, counted)
    cached_forecast(tmp_path, [], baseline, task())
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert isinstance(cached_forecast(tmp_path, [], baseline, task()), Forecast)
    assert counted.made == 2
