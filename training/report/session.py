"""From a bundle and data files to a report."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import numpy as np

from training.bundled import BundledModel, open_bundle
from training.data import LABELS, Reviews, files_sha256
from training.report.baselines import choose_baselines
from training.report.cache import cached_forecast
from training.report.comparison import Compared, Missing, Split, compare, operating_curve
from training.report.findings import Findings, Mistake, Origin, Variant
from training.report.forecasts import Baseline, Forecast, Task, Unavailable
from training.report.history import read_history
from training.report.intervals import Interval
from training.report.request import Request, choose_rows, describe_rows
from training.report.scores import (
    Answers,
    class_stars,
    score_labels,
    score_probabilities,
    star_error,
)
from training.report.slices import SliceScores, by_length, by_source, by_style, length_names, score_slices

_MISTAKES = 30
_OURS = "this model"

Outcome = Compared | Missing
Recall = Callable[[Baseline, Task], Forecast | Unavailable]


def evaluate_bundle(request: Request, now: datetime, say: Callable[[str], None]) -> Findings:
    """All scores of the bundle and of the baselines; `say` hears what goes on.

    Raises:
        TrainingError: an option, a file or the bundle cannot be used.
    """
    baselines = choose_baselines(request.baselines)
    history = read_history(request.run)
    model = open_bundle(request.bundle)
    say("reading the data")
    task = choose_rows(request)
    say(f"{model.manifest.name}: {len(task.validation.texts) + len(task.scored.texts):,} reviews")
    validation, scored = (_answer(model, part) for part in (task.validation, task.scored))
    answered = (scored.labels, scored.answers, request.seed)
    recall = partial(cached_forecast, request.out / ".cache", _key(request))

    def outcomes() -> Iterator[Outcome]:
        for each in baselines:
            say(each.title)
            yield run_baseline(each, task, validation, scored, recall)

    return Findings(
        origin=_origin(request, model, task, now),
        split=scored,
        labels=score_labels(scored.labels, scored.answers.predicted, request.seed),
        probabilities=score_probabilities(*answered),
        star_error=_star_error(task, scored, request.seed),
        curve=operating_curve(_OURS, validation.answers.probabilities, validation.labels, scored),
        baselines=list(outcomes()),
        sources=_by_size(score_slices(by_source(task.scored.sources), *answered)),
        lengths=_in_order(score_slices(by_length(task.scored.texts), *answered)),
        styles=_by_size(score_slices(by_style(task.scored.texts), *answered)),
        variants=_variants(model),
        history=history,
        mistakes=worst_mistakes(task.scored, scored.answers),
    )


def worst_mistakes(reviews: Reviews, answers: Answers) -> list[Mistake]:
    """The rows with a wrong label, the most confident first, at most 30."""
    wrong = np.flatnonzero(answers.predicted != reviews.labels)
    confidence = answers.confidence
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:_MISTAKES]
    return [
        Mistake(
            reviews.ids[row],
            reviews.sources[row],
            int(reviews.stars[row]),
            LABELS[answers.predicted[row]],
            float(confidence[row]),
        )
        for row in worst.tolist()
    ]


def _answer(model: BundledModel, reviews: Reviews) -> Split:
    probabilities = model.probabilities(reviews.texts)
    return Split(reviews.labels, Answers(probabilities, model.labels(probabilities).astype(np.int64)))


def run_baseline(baseline: Baseline, task: Task, validation: Split, scored: Split, recall: Recall) -> Outcome:
    """The baseline beside our answers on both splits, or why it could not be run."""
    try:
        forecast = recall(baseline, task)
    except ModuleNotFoundError as error:
        return Missing(baseline.title, f"needs the package {error.name} (extra report)")
    if isinstance(forecast, Unavailable):
        return Missing(baseline.title, forecast.reason)
    return compare(baseline.title, forecast, validation, scored, task.seed)


def _key(request: Request) -> list[str]:
    """What a baseline's answers depend on."""
    scored = [request.split, f"unseen {request.unseen}", *request.only_sources]
    return [files_sha256(request.data), f"seed {request.seed}", *scored]


def _origin(request: Request, model: BundledModel, task: Task, now: datetime) -> Origin:
    digest = files_sha256(request.data)
    return Origin(
        bundle=model.manifest.name,
        bundle_digest=model.digest,
        variant=model.variant,
        label_weights=model.label_weights,
        data_files=[file.name for file in request.data],
        data_sha256=digest,
        learned_from=_learned_from(model.manifest.provenance.get("data_sha256"), digest),
        rows=describe_rows(request, task),
        seed=request.seed,
        command=request.command,
        now=now,
    )


def _variants(model: BundledModel) -> list[Variant]:
    """What the bundle's manifest says of each of its models."""
    measured = model.manifest.validation.get("variants", {})
    fields = ("flips", "accuracy", "macro_f1", "reviews_per_second", "bytes")
    return [
        Variant(name, *(measured.get(name, {}).get(field) for field in fields))
        for name in model.manifest.models
    ]


def _learned_from(known: object, digest: str) -> str:
    if known == digest:
        return "the train split of the same files"
    return "other files, or it does not say: see to it that they hold none of the rows scored here"


def _star_error(task: Task, scored: Split, seed: int) -> Interval | None:
    means = class_stars(task.train.labels, task.train.stars)
    return None if means is None else star_error(scored.answers.probabilities, task.scored.stars, means, seed)


def _by_size(slices: list[SliceScores]) -> list[SliceScores]:
    """The largest first."""
    return sorted(slices, key=lambda each: -each.rows)


def _in_order(slices: list[SliceScores]) -> list[SliceScores]:
    """The shortest first."""
    return sorted(slices, key=lambda each: length_names().index(each.name))
