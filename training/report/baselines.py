"""The baselines by name; those of words are in `word_baselines`."""

import math
from collections.abc import Sequence

import numpy as np

from training.bundled import open_bundle
from training.data import log_prior
from training.errors import ConfigError
from training.evaluate import Floats
from training.report.forecasts import Baseline, Forecast, Task, Unavailable
from training.report.word_baselines import fasttext, tfidf_plain, tfidf_weighted
from training.soft_labels import read_soft_labels

_VADER_SPREAD = 3.0  # puts every pair of thresholds within reach of the label weights
_VADER_THRESHOLD = 0.05


def majority(task: Task) -> Forecast:
    """The class shares of the train split, whatever the text says."""
    shares = np.exp(log_prior(task.train.labels))
    validation, scored = (np.tile(shares, (len(part.texts), 1)) for part in (task.validation, task.scored))
    return Forecast(validation, scored)


def vader(task: Task) -> Forecast:
    """VADER's compound score c (Hutto and Gilbert 2014), as the ranking softmax(-3c, 0, 3c).

    A pair of label weights on it is a pair of thresholds on c; the published one, ±0.05, is its own.
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    score = SentimentIntensityAnalyzer().polarity_scores

    def ranking(texts: Sequence[str]) -> Floats:
        compound = np.array([score(text)["compound"] for text in texts])
        raised = np.exp(np.outer(compound, [-_VADER_SPREAD, 0.0, _VADER_SPREAD]))
        result: Floats = raised / raised.sum(1, keepdims=True)
        return result

    own = (1.0, math.exp(_VADER_SPREAD * _VADER_THRESHOLD), 1.0)
    return Forecast(ranking(task.validation.texts), ranking(task.scored.texts), own, probabilistic=False)


def ancestor(task: Task) -> Forecast | Unavailable:
    """The bundle of a run with the preset `seed`, with the label weights of its manifest."""
    if task.ancestor is None:
        return Unavailable("not given: --ancestor BUNDLE of a run with --preset seed")
    model = open_bundle(task.ancestor)
    validation, scored = (model.probabilities(part.texts) for part in (task.validation, task.scored))
    negative, neutral, positive = model.label_weights
    return Forecast(validation, scored, (negative, neutral, positive))


def teacher(task: Task) -> Forecast | Unavailable:
    """The soft labels that the model learned from, by review id."""
    if task.soft_labels is None:
        return Unavailable("not given: --soft-labels FILE")
    path = task.soft_labels
    validation, scored = (np.exp(read_soft_labels(path, part.ids)) for part in (task.validation, task.scored))
    return Forecast(validation, scored)


BASELINES = {
    baseline.name: baseline
    for baseline in (
        Baseline("majority", "Majority class", 1, majority, cached=False),
        Baseline("vader", "VADER", 1, vader),
        Baseline("tfidf", "TF-IDF + logistic regression, class-weighted", 1, tfidf_weighted),
        Baseline("tfidf-plain", "TF-IDF + logistic regression", 1, tfidf_plain),
        Baseline("fasttext", "fastText, word bigrams", 2, fasttext),
        Baseline("ancestor", "Ancestor", 1, ancestor, cached=False),
        Baseline("teacher", "Teacher", 1, teacher, cached=False),
    )
}


def choose_baselines(names: str) -> list[Baseline]:
    """The baselines in a comma-separated list, or `all`, or `none`.

    Raises:
        ConfigError: a name is unknown.
    """
    if names in ("all", "none"):
        return list(BASELINES.values()) if names == "all" else []
    wanted = [name.strip() for name in names.split(",")]
    unknown = [name for name in wanted if name not in BASELINES]
    if unknown:
        known = ", ".join(BASELINES)
        raise ConfigError(
            f"no baseline {', '.join(map(repr, unknown))}; there are all, none or any of {known}"
        )
    return [BASELINES[name] for name in dict.fromkeys(wanted)]
