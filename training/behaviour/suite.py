"""Running the behaviour suite: a function from texts to probabilities in, a report out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.behaviour.cases import Case, Directed, Labelled, Unchanged, all_cases
from training.behaviour.expand import lines
from training.behaviour.swapping import SWAPS, SwapResult, judge_swap
from training.behaviour.uncertain import UNCERTAIN
from training.data import LABELS
from training.operating import weighted_labels

Floats = npt.NDArray[np.float64]
Predict = Callable[[Sequence[str]], Floats]  # texts -> calibrated probabilities [rows, 3]

SEED = 1
MARGIN = 0.1  # of probability, as in CheckList's directional tests
SURE = 0.8
_NEUTRAL = LABELS.index("neutral")


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that failed: its text, what it was changed into, and what was wanted and found."""

    text: str
    changed: str | None
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class CapabilityResult:
    """The cases of one capability; `test` is MFT, INV or DIR, CheckList's names."""

    capability: str
    test: str
    cases: int
    failures: tuple[Failure, ...]

    @property
    def rate(self) -> float:
        """The share of cases that failed."""
        return len(self.failures) / self.cases


@dataclass(frozen=True, slots=True)
class UncertainResult:
    """Texts that cannot be judged: how large their largest probability is.

    `sure` are those of which negative or positive has a probability above 0.8. It is above the share of
    the most frequent class, so that a calibrated model that recognises nothing stays below it.
    """

    kind: str
    cases: int
    mean: float
    p90: float
    sure: tuple[str, ...]

    @property
    def rate(self) -> float:
        """The share of texts about which it is confidently wrong."""
        return len(self.sure) / self.cases


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """What the suite found, by capability."""

    capabilities: tuple[CapabilityResult, ...]
    swaps: tuple[SwapResult, ...]
    uncertain: tuple[UncertainResult, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Labels and probabilities by text."""

    rows: Mapping[str, int]
    labels: npt.NDArray[np.int64]
    probabilities: Floats

    def label(self, text: str) -> int:
        """The index of the label."""
        return int(self.labels[self.rows[text]])

    def probability(self, text: str, label: int) -> float:
        """The calibrated probability of a label."""
        return float(self.probabilities[self.rows[text], label])

    def of(self, texts: Sequence[str]) -> "Answers":
        """The same for these texts, in their order."""
        rows = [self.rows[text] for text in texts]
        return Answers({}, self.labels[rows], self.probabilities[rows])


def run_suite(predict: Predict, label_weights: Sequence[float], seed: int = SEED) -> SuiteReport:
    """Put every case to `predict`, all texts in one call; the label is argmax(probabilities * weights)."""
    cases = all_cases(seed)
    uncertain = {kind: lines(block) for kind, block in UNCERTAIN.items()}
    asked = [text for case in cases for text in _texts(case)]
    asked += [text for swap in SWAPS for text in swap.texts()]
    asked += [text for texts in uncertain.values() for text in texts]
    texts = list(dict.fromkeys(asked))
    probabilities = predict(texts)
    labels = weighted_labels(probabilities, tuple(label_weights))
    answers = Answers({text: row for row, text in enumerate(texts)}, labels, probabilities)
    swaps = []
    for swap in SWAPS:
        chosen = answers.of(swap.texts())
        swaps.append(judge_swap(swap, chosen.labels, chosen.probabilities))
    return SuiteReport(
        _by_capability(cases, answers),
        tuple(swaps),
        tuple(_unsure(kind, texts, answers) for kind, texts in uncertain.items()),
    )


def failure(case: Case, answers: Answers) -> Failure | None:
    """What is wrong with the answers to a case, if anything."""
    if isinstance(case, Labelled):
        found = answers.label(case.text)
        wanted = " or ".join(LABELS[label] for label in case.accepted)
        return None if found in case.accepted else Failure(case.text, None, wanted, LABELS[found])
    if isinstance(case, Unchanged):
        before, after = answers.label(case.text), answers.label(case.changed)
        return None if before == after else Failure(case.text, case.changed, LABELS[before], LABELS[after])
    low, high = (answers.probability(text, case.label) for text in (case.text, case.changed))
    if high >= low - MARGIN:
        return None
    name = LABELS[case.label]
    return Failure(case.text, case.changed, f"{name} at least {low:.2f}", f"{name} {high:.2f}")


def _texts(case: Case) -> tuple[str, ...]:
    return (case.text,) if isinstance(case, Labelled) else (case.text, case.changed)


def _test(case: Case) -> str:
    return {Labelled: "MFT", Unchanged: "INV", Directed: "DIR"}[type(case)]


def _by_capability(cases: Sequence[Case], answers: Answers) -> tuple[CapabilityResult, ...]:
    results = []
    for capability, test in dict.fromkeys((case.capability, _test(case)) for case in cases):
        chosen = [case for case in cases if case.capability == capability]
        failures = tuple(found for case in chosen if (found := failure(case, answers)))
        results.append(CapabilityResult(capability, test, len(chosen), failures))
    return tuple(results)


def _unsure(kind: str, texts: Sequence[str], answers: Answers) -> UncertainResult:
    probabilities = answers.of(texts).probabilities
    largest = probabilities.max(1)
    sure = np.delete(probabilities, _NEUTRAL, axis=1).max(1) > SURE
    return UncertainResult(
        kind,
        len(texts),
        float(largest.mean()),
        float(np.quantile(largest, 0.9)),
        tuple(text for text, chosen in zip(texts, sure, strict=True) if chosen),
    )
