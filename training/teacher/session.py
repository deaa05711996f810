"""What the command `teach` does, with files read and written: fine-tune, label every row, say how long."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.batches import Encoded
from training.checkpoint import CONFIG_FILE, STATE_FILE, write_text
from training.data import Ints, Reviews, log_prior
from training.errors import CheckpointError, DataError
from training.evaluate import Evaluation, evaluate
from training.soft_labels import write_soft_labels
from training.teacher.config import TeacherConfig
from training.teacher.labelling import label_softly, plan_labelling
from training.teacher.model import encode_for_teacher
from training.teacher.tuning import Lesson, fine_tune, plan_lesson

SOFT_LABELS_FILE = "soft_labels.parquet"
_WARM_STEPS, _TIMED_STEPS = 3, 40
_LABELLING_COST = 1 / 3  # of a token in training: it has no backward pass, which costs two forward ones


@dataclass(frozen=True, slots=True)
class TeachObservers:
    """Who is told how far it is: encoding by (rows, of), training by (steps done, of, loss),
    labelling by (rows done, of), and, soon after the start of training, how many seconds are left."""

    encoding: Callable[[int, int], None]
    training: Callable[[int, int, float], None]
    labelling: Callable[[int, int], None]
    estimate: Callable[[float], None]


def teach_run(
    config: TeacherConfig,
    reviews: Reviews,
    run_dir: Path,
    resume: bool,
    device: torch.device,
    clock: Callable[[], float],
    tell: TeachObservers,
) -> Evaluation:
    """Fine-tune on the training split and write soft labels for every row of every split.

    With `resume`, go on where the run was interrupted; on one machine the outcome is that of a run never
    interrupted. Returns the scores of the soft labels on the validation split. `clock` gives seconds.

    Raises:
        TrainingError: data, configuration or run directory cannot be used.
    """
    going_on = (run_dir / STATE_FILE).exists()
    if going_on and not resume:
        raise CheckpointError(f"{run_dir} holds a teacher already. Add --resume, or choose another --out")
    lesson = _encode(config, reviews, run_dir, device, tell)
    run_dir.mkdir(parents=True, exist_ok=True)
    if not going_on:
        write_text(run_dir / CONFIG_FILE, config.to_json())
    model = fine_tune(lesson, going_on, estimating(lesson, clock, tell))
    soft = label_softly(lesson, model, going_on, tell.labelling).astype(np.float64)
    write_soft_labels(run_dir / SOFT_LABELS_FILE, reviews.ids, soft)
    validation = np.asarray(reviews.splits) == "validation"
    return evaluate(soft[validation], reviews.labels[validation])


def choose_rows(config: TeacherConfig, reviews: Reviews) -> Ints:
    """Row indices of the training split without the sources left out; `rows` of them, by the seed.

    Raises:
        DataError: a source left out does not exist, or a class has no row.
    """
    unknown = sorted(set(config.leave_out) - set(reviews.sources))
    if unknown:
        known = ", ".join(sorted(set(reviews.sources)))
        raise DataError(f"--leave-out: no source is named {', '.join(unknown)}; there are {known}")
    left_out = np.isin(np.asarray(reviews.sources), config.leave_out)
    rows = np.flatnonzero((np.asarray(reviews.splits) == "train") & ~left_out)
    rows = np.random.default_rng(config.seed).permutation(rows)[: config.rows or None]
    log_prior(reviews.labels[rows])
    return rows


def _encode(
    config: TeacherConfig, reviews: Reviews, run_dir: Path, device: torch.device, tell: TeachObservers
) -> Lesson:
    """The rows that are trained on and all rows, each with as many tokens as its step takes."""
    trained = choose_rows(config, reviews)
    total = len(trained) + len(reviews.ids)

    def encoded(texts: Sequence[str], labels: Ints, max_tokens: int) -> Encoded:
        return encode_for_teacher(texts, labels, config, max_tokens, lambda done: tell.encoding(done, total))

    texts = [reviews.texts[row] for row in trained.tolist()]
    train = encoded(texts, reviews.labels[trained], config.max_tokens)
    rows = encoded(reviews.texts, reviews.labels, config.label_tokens)
    return Lesson(config, train, rows, fingerprint(reviews, rows), run_dir, device)


def fingerprint(reviews: Reviews, data: Encoded) -> str:
    """SHA-256 of all that the outcome depends on beside the configuration, hexadecimal."""
    digest = hashlib.sha256()
    for column in (reviews.ids, reviews.sources, reviews.splits):
        digest.update("\0".join(column).encode())
    for array in (data.ids, data.starts, data.labels):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def estimating(
    lesson: Lesson, clock: Callable[[], float], tell: TeachObservers
) -> Callable[[int, int, float], None]:
    """An observer of training that passes all on, and tells the seconds left after the first steps."""
    costs = _padded_tokens(lesson.train.lengths, [rows for plan in plan_lesson(lesson) for rows in plan])
    labelling = _LABELLING_COST * sum(_padded_tokens(lesson.rows.lengths, plan_labelling(lesson)))
    seen: list[tuple[int, float]] = []  # steps done, and when

    def observe(steps_done: int, steps: int, loss: float) -> None:
        if len(seen) < _TIMED_STEPS:
            seen.append((steps_done, clock()))
            if len(seen) == _TIMED_STEPS:
                (first, since), (last, now) = seen[_WARM_STEPS], seen[-1]
                tell.estimate((now - since) / sum(costs[first:last]) * (sum(costs[last:]) + labelling))
        tell.training(steps_done, steps, loss)

    return observe


def _padded_tokens(lengths: Ints, plan: list[Ints]) -> list[int]:
    return [len(rows) * int(lengths[rows].max()) for rows in plan]
