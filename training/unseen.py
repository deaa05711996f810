"""Sources held out: what a model is worth on shops that it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from training.batches import encode_reviews
from training.checkpoint import REPORT_FILE, STATE_FILE, TrainedModel, load_model
from training.config import TrainingConfig
from training.data import Reviews
from training.evaluate import softmax
from training.loop import Observers, predict
from training.operating import weighted_labels
from training.report.scores import Answers
from training.report.slices import SliceScores, by_source, score_slices
from training.session import Lessons, fit_run

SEEN, UNSEEN = "test split of the sources trained on", "all sources left out"


@dataclass(frozen=True, slots=True)
class GroupScores:
    """A group held out: scores on the sources trained on, on all those left out, then on each of these."""

    left_out: Sequence[str]
    scores: Sequence[SliceScores]


def hold_out(
    config: TrainingConfig,
    lessons: Lessons,
    groups: Sequence[Sequence[str]],
    out: Path,
    device: torch.device,
    tell: Observers,
) -> list[GroupScores]:
    """Train without each group in turn, into a directory of its own under `out`, and score it.

    A run that is there is gone on with, a finished one is scored as it is.

    Raises:
        TrainingError: data, configuration or a run directory cannot be used.
    """
    found = []
    for number, group in enumerate(groups, 1):
        run_dir = out / f"group-{number}"
        lessons_without = replace(lessons, leave_out=tuple(group))
        if not (run_dir / REPORT_FILE).exists():
            fit_run(config, lessons_without, run_dir, (run_dir / STATE_FILE).exists(), device, tell)
        found.append(GroupScores(group, _score(run_dir, lessons.reviews, group, config, device, tell)))
    return found


def _score(
    run_dir: Path,
    reviews: Reviews,
    group: Sequence[str],
    config: TrainingConfig,
    device: torch.device,
    tell: Observers,
) -> list[SliceScores]:
    left_out = np.isin(reviews.sources, list(group))
    trained = load_model(run_dir)
    seen, unseen = reviews.where(~left_out).split("test"), reviews.where(left_out)
    names = [[SEEN]] * len(seen.ids) + [[UNSEEN, *sources] for sources in by_source(unseen.sources)]
    both = [_answers(trained, part, device, tell) for part in (seen, unseen)]
    answers = Answers(
        np.concatenate([part.probabilities for part in both]),
        np.concatenate([part.predicted for part in both]),
    )
    return score_slices(names, np.concatenate([seen.labels, unseen.labels]), answers, config.seed)


def _answers(trained: TrainedModel, reviews: Reviews, device: torch.device, tell: Observers) -> Answers:
    tokenizer, config, rows = (
        Tokenizer.from_file(str(trained.tokenizer_file)),
        trained.config,
        len(reviews.ids),
    )
    encoded = encode_reviews(
        reviews,
        tokenizer,
        config.max_chars,
        config.max_tokens,
        lambda done: tell.encoding("rows to score", done, rows),
    )
    logits = predict(trained.model.to(device), encoded, device)
    probabilities = softmax(logits / float(trained.report["temperature"]))
    return Answers(probabilities, weighted_labels(probabilities, tuple(trained.report["label_weights"])))


def unseen_table(found: Sequence[GroupScores]) -> str:
    """The scores of each group as Markdown: what is lost where the shop is new."""
    lines = ["| rows | n | accuracy | macro-F1 | ECE |", "|---|--:|---|---|--:|"]
    for group in found:
        seen, unseen = group.scores[0], group.scores[1]
        lines += [_line(scores) for scores in group.scores]
        accuracy = unseen.accuracy.value - seen.accuracy.value
        macro_f1 = unseen.macro_f1.value - seen.macro_f1.value
        lines.append(f"| **drop** | | **{accuracy:+.3f}** | **{macro_f1:+.3f}** | |")
    return "\n".join(lines) + "\n"


def _line(scores: SliceScores) -> str:
    accuracy, macro_f1 = (
        f"{part.value:.3f} ({part.low:.3f} to {part.high:.3f})" for part in (scores.accuracy, scores.macro_f1)
    )
    return f"| {scores.name} | {scores.rows:,} | {accuracy} | {macro_f1} | {scores.ece.value:.3f} |"
