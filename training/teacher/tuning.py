"""Fine-tuning the teacher: length-bucketed batches, AdamW, mixed precision, resumable to the same end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from training.batches import Batch, Encoded, collate, plan_batches
from training.checkpoint import Position, load_state, save_state
from training.data import Ints
from training.errors import TrainingError
from training.precision import mixed_precision
from training.teacher.config import TeacherConfig
from training.teacher.model import TeacherModel, load_teacher


@dataclass(frozen=True, slots=True)
class Lesson:
    """The rows that are trained on, all rows to be labelled, and where the state is kept."""

    config: TeacherConfig
    train: Encoded
    rows: Encoded
    data_sha256: str
    run_dir: Path
    device: torch.device


@dataclass(frozen=True, slots=True)
class TeacherLearner:
    """What one optimizer step of the teacher changes."""

    model: TeacherModel
    optimizer: Optimizer
    scheduler: LRScheduler


def plan_lesson(lesson: Lesson) -> list[list[Ints]]:
    """The batches of each epoch, as indices of the rows that are trained on."""
    config, lengths = lesson.config, lesson.train.lengths
    budget = config.batch_rows * config.max_tokens
    return [
        plan_batches(lengths, config.batch_rows, budget, (config.seed, epoch))
        for epoch in range(config.epochs)
    ]


def fine_tune(lesson: Lesson, resume: bool, tell: Callable[[int, int, float], None]) -> TeacherModel:
    """Train the teacher to the end, saving the state as it goes; with `resume`, from the saved state.

    `tell` hears steps done, of how many, and the loss.

    Raises:
        CheckpointError: the state is missing or broken, or that of another run.
        TrainingError: the loss is not finite.
    """
    config, plans = lesson.config, plan_lesson(lesson)
    steps_total = sum(map(len, plans))
    learner = make_teacher_learner(config, steps_total, lesson.device)
    start = load_state(lesson.run_dir, learner, config, lesson.data_sha256) if resume else Position()
    steps_done = sum(map(len, plans[: start.epoch])) + start.step
    for epoch in range(start.epoch, config.epochs):
        first = start.step if epoch == start.epoch else 0
        for step, rows in enumerate(plans[epoch][first:], first + 1):
            loss = _step(learner, lesson, rows)
            steps_done += 1
            if step % config.checkpoint_steps == 0:
                save_state(lesson.run_dir, learner, Position(epoch, step), config, lesson.data_sha256)
            tell(steps_done, steps_total, loss)
        save_state(lesson.run_dir, learner, Position(epoch + 1), config, lesson.data_sha256)
    return learner.model.eval()


def make_teacher_learner(config: TeacherConfig, steps_total: int, device: torch.device) -> TeacherLearner:
    """The pretrained teacher with AdamW, its fresh head at a rate of its own; linear warm-up and decay.

    Source: Devlin et al. 2019 (arXiv:1810.04805), appendix A.
    """
    model = load_teacher(config).to(device)
    optimizer = torch.optim.AdamW(
        [
            {"params": [*model.encoder.parameters()], "lr": config.learning_rate},
            {"params": [*model.classifier.parameters()], "lr": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
    )
    warmup = max(1, round(config.warmup_share * steps_total))

    def factor(step: int) -> float:
        return min((step + 1) / warmup, max(0.0, (steps_total - step) / max(1, steps_total - warmup)))

    return TeacherLearner(model, optimizer, LambdaLR(optimizer, factor))


def teacher_logits(model: TeacherModel, batch: Batch, device: torch.device) -> Tensor:
    """Logits [rows, 3] in single precision; matrix products in bfloat16 where the device is fast at it."""
    with mixed_precision(device, "auto"):
        logits: Tensor = model(
            torch.from_numpy(batch.token_ids).to(device), torch.from_numpy(batch.lengths).to(device)
        )
    return logits


def _step(learner: TeacherLearner, lesson: Lesson, rows: Ints) -> float:
    learner.model.train()
    batch = collate(lesson.train, rows)
    loss = nn.functional.cross_entropy(
        teacher_logits(learner.model, batch, lesson.device),
        torch.from_numpy(batch.labels).to(lesson.device),
        label_smoothing=lesson.config.label_smoothing,
    )
    if not torch.isfinite(loss):
        raise TrainingError(
            f"the teacher's loss became {float(loss)}. Start again with a lower learning_rate"
        )
    learner.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(learner.model.parameters(), lesson.config.gradient_norm)
    learner.optimizer.step()
    learner.scheduler.step()
    return float(loss.detach())
