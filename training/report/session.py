"""From a bundle and data files to a report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from training.bundled import BundledModel, open_bundle
from training.data import LABELS, Reviews, files_sha256, read_reviews
from training.errors import ConfigError, DataError
from training.report.baselines import choose_baselines
from training.report.cache import cached_forecast
from training.report.comparison import Compared, Missing, Split, compare, operating_curve
from training.report.findings import Findings, Mistake, Origin
from training.report.forecasts import Baseline, Forecast, Task
from training.report.history import read_history
from training.report.intervals import Interval
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


@dataclass(frozen=True, slots=True)
class Request:
    """What to evaluate. `only_sources` keeps the rows of these to score, all where it is empty.

    With `unseen`, baselines learn and are tuned without these sources, as the model should have.
    """

    bundle: Path
    data: Sequence[Path]
    out: Path
    split: str
    baselines: str
    run: Path | None
    soft_labels: Path | None
    ancestor: Path | None
    only_sources: tuple[str, ...]
    unseen: bool
    seed: int
    command: str


def evaluate_bundle(request: Request, now: datetime, say: Callable[[str], None]) -> Findings:
    """All scores of the bundle and of the baselines; `say` hears what goes on.

    Raises:
        TrainingError: an option, a file or the bundle cannot be used.
    """
    baselines = choose_baselines(request.baselines)
    history = read_history(request.run)
    model = open_bundle(request.bundle)
    say("reading the data")
    task = _task(request)
    say(f"{model.manifest.name}: {len(task.validation.texts) + len(task.scored.texts):,} reviews")
    validation, scored = (_answer(model, part) for part in (task.validation, task.scored))
    answered = (scored.labels, scored.answers, request.seed)
    return Findings(
        origin=_origin(request, model, task, now),
        split=scored,
        labels=score_labels(scored.labels, scored.answers.predicted, request.seed),
        probabilities=score_probabilities(*answered),
        star_error=_star_error(task, scored, request.seed),
        curve=operating_curve(_OURS, validation.answers.probabilities, validation.labels, scored),
        baselines=[_compare(each, task, validation, scored, request, say) for each in baselines],
        sources=_by_size(score_slices(by_source(task.scored.sources), *answered)),
        lengths=_in_order(score_slices(by_length(task.scored.texts), *answered)),
        styles=_by_size(score_slices(by_style(task.scored.texts), *answered)),
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


def _task(request: Request) -> Task:
    reviews = read_reviews(request.data, request.seed)
    unknown = sorted(set(request.only_sources) - set(reviews.sources))
    if unknown:
        raise DataError(f"no rows of the sources {unknown}; there are {sorted(set(reviews.sources))}")
    named = np.array([source in request.only_sources for source in reviews.sources], dtype=np.bool_)
    if request.unseen and not request.only_sources:
        raise ConfigError("--unseen needs --only-sources: the sources that the model never saw")
    if request.split == "all" and not request.unseen:
        raise ConfigError("--split all would score rows that were learned from; it needs --unseen")
    seen = reviews.where(~named) if request.unseen else reviews
    scored = reviews.where(named) if request.only_sources else reviews
    scored = scored if request.split == "all" else scored.split(request.split)
    train, validation = seen.split("train"), seen.split("validation")
    return Task(train, validation, scored, request.seed, request.soft_labels, request.ancestor)


def _answer(model: BundledModel, reviews: Reviews) -> Split:
    probabilities = model.probabilities(reviews.texts)
    return Split(reviews.labels, Answers(probabilities, model.labels(probabilities).astype(np.int64)))


def _compare(
    baseline: Baseline,
    task: Task,
    validation: Split,
    scored: Split,
    request: Request,
    say: Callable[[str], None],
) -> Compared | Missing:
    say(baseline.title)
    of = [files_sha256(request.data), request.split, *request.only_sources]
    of += [f"unseen {request.unseen}", f"seed {request.seed}"]
    try:
        forecast = cached_forecast(request.out / ".cache", baseline, task, of)
    except ImportError as error:
        return Missing(baseline.title, f"needs the package {error.name} (extra evaluation)")
    if isinstance(forecast, Forecast):
        return compare(baseline.title, forecast, validation, scored, request.seed)
    return Missing(baseline.title, forecast.reason)


def _origin(request: Request, model: BundledModel, task: Task, now: datetime) -> Origin:
    split = "all splits" if request.split == "all" else f"the split {request.split}"
    of = f" of {', '.join(request.only_sources)}" if request.only_sources else ""
    unseen = ", which the baselines never saw" if request.unseen else ""
    return Origin(
        bundle=model.manifest.name,
        bundle_digest=model.digest,
        variant=model.variant,
        label_weights=model.label_weights,
        data_files=[file.name for file in request.data],
        data_sha256=files_sha256(request.data),
        rows=f"{len(task.scored.texts):,} rows{of} in {split}{unseen}; "
        f"{len(task.train.texts):,} to learn from, {len(task.validation.texts):,} to tune on",
        seed=request.seed,
        command=request.command,
        now=now,
    )


def _star_error(task: Task, scored: Split, seed: int) -> Interval | None:
    means = class_stars(task.train.labels, task.train.stars)
    return None if means is None else star_error(scored.answers.probabilities, task.scored.stars, means, seed)


def _by_size(slices: list[SliceScores]) -> list[SliceScores]:
    """The largest first."""
    return sorted(slices, key=lambda each: -each.rows)


def _in_order(slices: list[SliceScores]) -> list[SliceScores]:
    """The shortest first."""
    return sorted(slices, key=lambda each: length_names().index(each.name))
