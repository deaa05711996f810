"""`python -m tests.benchmarks.shares`: how good the estimated shares are; writes docs/shares.md.

REVIEWS_DATA names the directory with reviews.parquet. The tables by models that never saw the reviews need
the runs of `python -m tests.benchmarks.shares.crossfit` and of `python -m training unseen`; without them the
page lacks these tables and says so.
"""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from stream.estimation.bins import BINS
from stream.estimation.fitted import FITTED
from stream.estimation.shift import EM_STEPS
from stream.scoring.inference import load_model
from stream.settings import Settings
from tests.benchmarks.shares.crossfit import fold_dirs, read_scores, score_by_run
from tests.benchmarks.shares.fitting import Lessons, fit, write_constants
from tests.benchmarks.shares.judging import RESAMPLED, SHIFTED, Judgement, judge
from tests.benchmarks.shares.methods import measure
from tests.benchmarks.shares.page import page, tables
from tests.benchmarks.shares.reviews import Reviews, Scored, read_reviews, scored_by_bundle
from tests.benchmarks.shares.windows import find_groups, halves, natural, resampled, shifted
from training.checkpoint import REPORT_FILE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "shares.md"
UNSEEN = Path("runs") / "unseen" / "group-1"


def main(
    fit_again: Annotated[
        bool, typer.Option("--fit", help="Fit the constants again, on their groups.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The page to write.")] = PAGE,
) -> None:
    """Judge counted labels, mean scores, adjusted counts, EM and ours; progress on stderr."""
    directory = os.environ.get("REVIEWS_DATA")
    if not directory:
        print("skipped: REVIEWS_DATA names no directory with reviews.parquet", file=sys.stderr)
        return
    reviews = read_reviews(Path(directory))
    settings = Settings()
    model = load_model(settings)
    shipped = scored_by_bundle(reviews, model, settings, _tell)
    crossfit = read_scores(reviews, fold_dirs())
    if fit_again:
        if crossfit is None:
            sys.exit(
                "run `python -m tests.benchmarks.shares.crossfit` first: constants are fitted on its scores"
            )
        _tell("fitting")
        write_constants(fit(_lessons(reviews, shipped, crossfit)), model.name)
        _tell("constants written; run again without --fit")
        return
    judgements = _judgements(reviews, shipped, crossfit)
    print(tables(judgements))
    out.write_text(page(judgements, FITTED, EM_STEPS), encoding="utf-8")


def _lessons(reviews: Reviews, shipped: Scored, crossfit: Scored) -> Lessons:
    groups, _ = halves(reviews, find_groups(reviews, crossfit.known))
    validation = reviews.splits == "validation"
    shipped_groups, _ = halves(reviews, find_groups(reviews, validation))
    return Lessons(
        natural(reviews, crossfit, groups),
        resampled(reviews, crossfit, groups, RESAMPLED),
        shifted(reviews, crossfit, groups, SHIFTED),
        natural(reviews, shipped, shipped_groups),
        shifted(reviews, shipped, shipped_groups, SHIFTED),
        measure(reviews, shipped, validation, BINS),
        shipped.units[validation] / shipped.units[validation].sum(axis=1, keepdims=True),
    )


def _judgements(reviews: Reviews, shipped: Scored, crossfit: Scored | None) -> dict[str, Judgement | None]:
    """By what was judged; None for what is not there."""
    validation = reviews.splits == "validation"
    found: dict[str, Judgement | None] = {"crossfit": None, "shipped": None, "unseen": None}
    if crossfit is not None:
        _tell("judging the cross-fitted scores")
        _, groups = halves(reviews, find_groups(reviews, crossfit.known))
        classifier = measure(reviews, crossfit, validation, BINS)
        found["crossfit"] = judge(reviews, crossfit, groups, classifier, FITTED)
    _tell("judging the shipped model on its test split")
    groups = find_groups(reviews, reviews.splits == "test")
    classifier = measure(reviews, shipped, validation, BINS)
    found["shipped"] = judge(reviews, shipped, groups, classifier, FITTED)
    if (UNSEEN / REPORT_FILE).exists():
        found["unseen"] = _judge_unseen(reviews)
    return found


def _judge_unseen(reviews: Reviews) -> Judgement:
    """Groups of the shops that the model of `python -m training unseen` never saw."""
    report = json.loads((UNSEEN / REPORT_FILE).read_text(encoding="utf-8"))
    left_out = np.isin(reviews.sources, report["provenance"]["left_out"])
    _tell("judging shops that the model never saw")
    score_by_run(reviews, np.flatnonzero(left_out | (reviews.splits != "train")), UNSEEN)
    model = read_scores(reviews, [UNSEEN])
    assert model is not None, "this is a bug: it was scored a moment ago"
    classifier = measure(reviews, model, (reviews.splits == "validation") & ~left_out, BINS)
    return judge(reviews, model, find_groups(reviews, left_out), classifier, FITTED)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
