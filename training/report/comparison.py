"""Every baseline at its own labels and at our accuracy, beside the model."""

from dataclasses import dataclass

import numpy as np

from training.data import Ints
from training.evaluate import Floats, fit_temperature, softmax
from training.operating import (
    OperatingPoint,
    accuracy_and_macro_f1,
    choose_label_weights,
    confusion_counts,
    frontier,
    weighted_labels,
)
from training.report.forecasts import Forecast
from training.report.intervals import Interval, paired_difference
from training.report.scores import (
    Answers,
    LabelScores,
    ProbabilityScores,
    score_labels,
    score_probabilities,
)

_CURVE_POINTS = 40
_LOGARITHM_FLOOR = 1e-30


@dataclass(frozen=True, slots=True)
class Split:
    """A model's answers on a split, and its true labels."""

    labels: Ints
    answers: Answers

    @property
    def accuracy_macro_f1(self) -> tuple[float, float]:
        """Of the labels given."""
        accuracy, macro_f1 = accuracy_and_macro_f1(confusion_counts(self.labels, self.answers.predicted))
        return float(accuracy), float(macro_f1)


@dataclass(frozen=True, slots=True)
class Curve:
    """Operating points on the scored rows, of weights chosen on validation: [points, 2]."""

    title: str
    accuracy_macro_f1: Floats
    own: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """A baseline beside the model.

    `equal` are its scores with the label weights that have the highest macro-F1 at no less than the
    model's accuracy on validation; differences are the model's less its own at those weights.
    """

    title: str
    note: str
    temperature: float
    own: LabelScores
    probabilities: ProbabilityScores | None
    equal: LabelScores
    point: OperatingPoint
    accuracy_difference: Interval
    macro_f1_difference: Interval
    curve: Curve


@dataclass(frozen=True, slots=True)
class Missing:
    """A baseline that could not be run, and why."""

    title: str
    reason: str


def calibrated(forecast: Forecast, labels: Ints) -> tuple[Forecast, float]:
    """The forecast at the temperature that suits `labels` of validation; a ranking stays as it is."""
    if not forecast.probabilistic:
        return forecast, 1.0
    logits, scored = (
        np.log(np.maximum(part, _LOGARITHM_FLOOR)) for part in (forecast.validation, forecast.scored)
    )
    temperature = fit_temperature(logits, labels)
    # Labels chosen by weight before the temperature are chosen by the weight's 1/T-th power after it.
    negative, neutral, positive = (weight ** (1 / temperature) for weight in forecast.own_weights)
    return (
        Forecast(
            softmax(logits / temperature),
            softmax(scored / temperature),
            (negative, neutral, positive),
            note=forecast.note,
        ),
        temperature,
    )


def compare(title: str, forecast: Forecast, validation: Split, scored: Split, seed: int) -> Compared:
    """`forecast` beside our answers, whose accuracy on validation is the one to reach."""
    treated, temperature = calibrated(forecast, validation.labels)
    own = Split(scored.labels, given_labels(treated.scored, treated.own_weights))
    floor, _ = validation.accuracy_macro_f1
    point = choose_label_weights(treated.validation, validation.labels, floor)
    equal = weighted_labels(treated.scored, point.label_weights)
    accuracy, macro_f1 = paired_difference(scored.labels, scored.answers.predicted, equal, seed)
    return Compared(
        title=title,
        note=treated.note,
        temperature=temperature,
        own=score_labels(own.labels, own.answers.predicted, seed),
        probabilities=score_probabilities(own.labels, own.answers, seed) if treated.probabilistic else None,
        equal=score_labels(scored.labels, equal, seed),
        point=point,
        accuracy_difference=accuracy,
        macro_f1_difference=macro_f1,
        curve=operating_curve(title, treated.validation, validation.labels, own),
    )


def given_labels(probabilities: Floats, label_weights: tuple[float, ...]) -> Answers:
    """Probabilities [rows, 3] with the labels that the weights choose."""
    return Answers(probabilities, weighted_labels(probabilities, label_weights))


def operating_curve(title: str, validation: Floats, validation_labels: Ints, scored: Split) -> Curve:
    """Accuracy and macro-F1 of the scored rows along the weights that are best on validation."""
    points = [
        Split(scored.labels, given_labels(scored.answers.probabilities, weights)).accuracy_macro_f1
        for weights in frontier(validation, validation_labels, _CURVE_POINTS)
    ]
    return Curve(title, np.array(points), scored.accuracy_macro_f1)
