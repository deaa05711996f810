"""What is to be evaluated, and which rows that means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.data import read_reviews
from training.errors import ConfigError, DataError
from training.report.forecasts import Task


@dataclass(frozen=True, slots=True)
class Request:
    """What to evaluate. `only_sources` keeps the rows of these to score, all where it is empty.

    With `unseen`, baselines learn and are tuned without these sources, as the model should have. `columns`
    and `drop_contradictory` are those of `read_reviews`.
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
    columns: Mapping[str, str]
    drop_contradictory: bool


def choose_rows(request: Request) -> Task:
    """The rows to learn from, to tune on and to score.

    Raises:
        DataError: a source is unknown, or a split is empty.
        ConfigError: the options contradict each other.
    """
    reviews = read_reviews(
        request.data,
        request.seed,
        columns=request.columns,
        drop_contradictory=request.drop_contradictory,
        needed=("train", "validation"),
    )
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


def describe_rows(request: Request, task: Task) -> str:
    """The rows of `task`, in words."""
    split = "all splits" if request.split == "all" else f"the split {request.split}"
    of = f" of {', '.join(request.only_sources)}" if request.only_sources else ""
    unseen = ", which the baselines never saw" if request.unseen else ""
    scored, train, validation = (
        f"{len(part.texts):,}" for part in (task.scored, task.train, task.validation)
    )
    return f"{scored} rows{of} in {split}{unseen}; {train} to learn from, {validation} to tune on"
