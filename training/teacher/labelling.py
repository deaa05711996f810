"""The teacher's soft labels for every row, resumable to the same result."""

from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import torch

from training.batches import collate, plan_batches
from training.data import LABELS, Ints
from training.errors import CheckpointError
from training.teacher.model import TeacherModel
from training.teacher.tuning import Lesson, teacher_logits

LABELLED_FILE = "labelled.npz"
_BATCH_ROWS = 128

Soft = npt.NDArray[np.float32]


def plan_labelling(lesson: Lesson) -> list[Ints]:
    """The batches of all rows, as row indices."""
    budget = _BATCH_ROWS * lesson.config.label_tokens
    return plan_batches(lesson.rows.lengths, _BATCH_ROWS, budget, (lesson.config.seed,))


def label_softly(lesson: Lesson, model: TeacherModel, resume: bool, tell: Callable[[int, int], None]) -> Soft:
    """Natural log-probabilities of every row, [rows, 3]; `tell` hears rows done, and of how many.

    With `resume`, go on from the batches that were labelled before, if any.

    Raises:
        CheckpointError: what was labelled before cannot be read.
    """
    plan, rows_total = plan_labelling(lesson), len(lesson.rows.labels)
    file = lesson.run_dir / LABELLED_FILE
    soft = np.zeros((rows_total, len(LABELS)), np.float32)
    batches_done = _load(file, soft) if resume and file.exists() else 0
    rows_done = sum(map(len, plan[:batches_done]))
    model.eval()
    for number, rows in enumerate(plan[batches_done:], batches_done + 1):
        with torch.inference_mode():
            logits = teacher_logits(model, collate(lesson.rows, rows), lesson.device)
        soft[rows] = torch.log_softmax(logits, 1).cpu().numpy()
        rows_done += len(rows)
        if number % lesson.config.checkpoint_steps == 0 or number == len(plan):
            _save(file, number, soft)
        tell(rows_done, rows_total)
    return soft


def _save(file: Path, batches_done: int, soft: Soft) -> None:
    beside = file.with_name(f"new.{file.name}")
    np.savez(beside, batches_done=batches_done, log_probabilities=soft)
    beside.replace(file)


def _load(file: Path, soft: Soft) -> int:
    """Fill `soft` with what the file has; returns the number of batches that it holds."""
    try:
        with file.open("rb") as opened, np.load(opened) as arrays:
            soft[:] = arrays["log_probabilities"]
            return int(arrays["batches_done"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise CheckpointError(
            f"{file} cannot be read: {error}. Remove it: only the labelling starts again"
        ) from error
