"""The training loop: batches of one length, AdamW, warm-up and cosine, validation after each epoch."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.batches import Encoded, collate, plan_batches, plan_equal_lengths
from training.checkpoint import (
    Learner,
    Position,
    load_history,
    load_state,
    save_best,
    save_state,
    write_text,
)
from training.config import TrainingConfig
from training.data import Ints
from training.epochs import Course, Material
from training.errors import TrainingError
from training.evaluate import Evaluation, Floats, evaluate_probabilities, softmax
from training.history import HISTORY_FILE, Entry, best_epoch, is_over, validation_scores
from training.losses import mixed_loss
from training.model import SentimentModel
from training.operating import choose_label_weights
from training.precision import mixed_precision
from training.pretrained import pretrained_vectors
from training.tokenizer import UNKNOWN_ID

_EVALUATION_ROWS, _EVALUATION_TOKENS = 512, 32_768


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands after a step; `evaluation` (validation split) only at the end of an epoch."""

    epoch: int
    steps_done: int
    steps_total: int
    loss: float
    evaluation: Evaluation | None


@dataclass(frozen=True, slots=True)
class Task:
    """One run: what is learnt from what, where its state is kept."""

    config: TrainingConfig
    course: Course
    validation: Encoded
    data_sha256: str
    run_dir: Path
    device: torch.device


@dataclass(frozen=True, slots=True)
class Observers:
    """Who is told how far the slow steps are: encoding by (what, rows, of), training by each step."""

    encoding: Callable[[str, int, int], None]
    training: Callable[[Progress], None]


def fit(task: Task, resume: bool, tell: Observers) -> None:
    """Train until the epochs are over or macro-F1 on validation rises no more, saving the state as it goes.

    The best epoch's weights are kept in the run directory. With `resume`, go on from the saved state; on
    one machine the outcome is that of a run never interrupted.

    Raises:
        CheckpointError: there is nothing to resume, or it is the state of another run.
    """
    config = task.config
    steps_an_epoch = math.ceil(task.course.rows() / config.batch_rows)
    learner = make_learner(task, steps_an_epoch * config.epochs)
    start, history = Position(), list[Entry]()
    if resume:
        start = load_state(task.run_dir, learner, config, task.data_sha256)
        history = load_history(task.run_dir)
    for epoch in range(start.epoch, config.epochs):
        if is_over(history, config.epochs, config.patience):
            break
        _train_epoch(task, learner, Position(epoch, start.step if epoch == start.epoch else 0), history, tell)


def make_learner(task: Task, steps_total: int) -> Learner:
    """A fresh model, seeded by the configuration, with AdamW (arXiv:1711.05101)."""
    config = task.config
    torch.manual_seed(config.seed)
    model = SentimentModel(task.course.tokenizer.get_vocab_size(), config)
    if config.pretrained:
        vectors = pretrained_vectors(task.course.tokenizer, config.pretrained, config.embedding_size)
        with torch.no_grad():
            model.embedding.weight.copy_(torch.from_numpy(vectors))
    model = model.to(task.device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    warmup_steps = max(1, round(config.warmup_share * steps_total))

    def factor(step: int) -> float:
        """Linear warm-up, then half a cosine to zero (arXiv:1608.03983 without restarts)."""
        if step < warmup_steps:
            return (step + 1) / warmup_steps
        share = (step - warmup_steps) / max(1, steps_total - warmup_steps)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, share)))

    return Learner(model, optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor))


def _train_epoch(
    task: Task, learner: Learner, start: Position, history: list[Entry], tell: Observers
) -> None:
    """The rest of an epoch from its step `start.step`, then its validation; `history` grows."""
    config, epoch, rows = task.config, start.epoch, task.course.rows()
    material = task.course.epoch(epoch, lambda done: tell.encoding(f"epoch {epoch + 1}", done, rows))
    plan = plan_equal_lengths(material.encoded.lengths, config.batch_rows, (config.seed, epoch))
    losses: list[float] = []

    def progress(step: int, evaluation: Evaluation | None) -> Progress:
        steps = len(plan)
        return Progress(epoch, epoch * steps + step, config.epochs * steps, losses[-1], evaluation)

    for step, chosen in enumerate(plan[start.step :], start.step + 1):
        losses.append(train_step(learner, task, material, chosen))
        tell.training(progress(step, None))
        if step % config.checkpoint_steps == 0 and step < len(plan):
            _write_down(history, epoch + step / len(plan), losses)
            save_state(task.run_dir, learner, Position(epoch, step), config, task.data_sha256, history)
    evaluation = validate(learner.model, task)
    tell.training(progress(len(plan), evaluation))
    _write_down(history, epoch + 1, losses, validation_scores(evaluation))
    if best_epoch(history) == epoch:
        save_best(task.run_dir, learner.model)
    write_text(task.run_dir / HISTORY_FILE, json.dumps([asdict(entry) for entry in history]) + "\n")
    save_state(task.run_dir, learner, Position(epoch + 1), config, task.data_sha256, history)


def _write_down(
    history: list[Entry], epochs: float, losses: list[float], validation: dict[str, float] | None = None
) -> None:
    """Move the losses since the last entry into a new one."""
    steps_before = history[-1].step if history else 0
    history.append(Entry(steps_before + len(losses), epochs, float(np.mean(losses)), validation))
    losses.clear()


def train_step(learner: Learner, task: Task, material: Material, rows: Ints) -> float:
    """One optimizer step on these rows of the epoch's material; returns their mean loss in nats.

    Raises:
        TrainingError: the loss is not finite.
    """
    learner.model.train()
    batch, device, config = collate(material.encoded, rows), task.device, task.config
    token_ids = torch.from_numpy(batch.token_ids)
    if config.token_dropout:
        token_ids = token_ids.masked_fill(torch.rand(token_ids.shape) < config.token_dropout, UNKNOWN_ID)
    with mixed_precision(device, config.precision):
        logits = learner.model(token_ids.to(device), torch.from_numpy(batch.lengths))
    loss = mixed_loss(
        logits.float(),
        torch.from_numpy(batch.labels).to(device),
        torch.from_numpy(material.soft[rows]).to(device),
        torch.from_numpy(material.soft_weight[rows]).to(device),
        temperature=config.soft_temperature,
        label_smoothing=config.label_smoothing,
    )
    if not torch.isfinite(loss):
        raise TrainingError(f"the loss became {float(loss)}. Start again with a lower learning_rate")
    learner.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(learner.model.parameters(), config.gradient_norm)
    learner.optimizer.step()
    learner.scheduler.step()
    return float(loss.detach())


def validate(model: SentimentModel, task: Task) -> Evaluation:
    """Scores on the validation split, at the label weights that are best there."""
    probabilities = softmax(predict(model, task.validation, task.device))
    labels = task.validation.labels
    point = choose_label_weights(probabilities, labels, task.config.accuracy_floor)
    return evaluate_probabilities(probabilities, labels, label_weights=point.label_weights)


def predict(model: SentimentModel, data: Encoded, device: torch.device) -> Floats:
    """Logits of every row, [rows, 3], in the order of the rows."""
    model.eval()
    logits = np.empty((len(data.labels), model.classifier.out_features))
    with torch.inference_mode():
        for rows in plan_batches(data.lengths, _EVALUATION_ROWS, _EVALUATION_TOKENS, (0,)):
            batch = collate(data, rows)
            scores = model(torch.from_numpy(batch.token_ids).to(device), torch.from_numpy(batch.lengths))
            logits[rows] = scores.cpu().numpy()
    return logits
