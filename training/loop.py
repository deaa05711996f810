"""The training loop: length-bucketed batches, AdamW, warm-up and cosine, validation after each epoch."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.batches import Encoded, collate, plan_batches
from training.checkpoint import Learner, Position, load_state, save_state
from training.config import TrainingConfig
from training.data import Ints
from training.errors import TrainingError
from training.evaluate import Evaluation, Floats, evaluate
from training.model import SentimentModel

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
    vocab_size: int
    train: Encoded
    validation: Encoded
    data_sha256: str
    run_dir: Path
    device: torch.device


def fit(task: Task, resume: bool, report: Callable[[Progress], None]) -> SentimentModel:
    """Train to the end, saving the state as it goes, and return the model in evaluation mode.

    With `resume`, go on from the saved state; on one machine the outcome is that of a run never
    interrupted.

    Raises:
        CheckpointError: there is nothing to resume, or it is the state of another run.
    """
    config = task.config
    plans = [
        plan_batches(task.train.lengths, config.batch_rows, config.batch_tokens, (config.seed, epoch))
        for epoch in range(config.epochs)
    ]
    steps_total = sum(map(len, plans))
    learner = make_learner(config, task.vocab_size, steps_total, task.device)
    start = load_state(task.run_dir, learner, config, task.data_sha256) if resume else Position()
    steps_done = sum(map(len, plans[: start.epoch])) + start.step
    for epoch in range(start.epoch, config.epochs):
        first = start.step if epoch == start.epoch else 0
        loss = math.nan
        for step, rows in enumerate(plans[epoch][first:], first + 1):
            loss = train_step(learner, task, rows)
            steps_done += 1
            if step % config.checkpoint_steps == 0:
                save_state(task.run_dir, learner, Position(epoch, step), config, task.data_sha256)
            report(Progress(epoch, steps_done, steps_total, loss, None))
        save_state(task.run_dir, learner, Position(epoch + 1), config, task.data_sha256)
        logits = predict(learner.model, task.validation, task.device)
        evaluation = evaluate(logits, task.validation.labels)
        report(Progress(epoch, steps_done, steps_total, loss, evaluation))
    return learner.model.eval()


def make_learner(config: TrainingConfig, vocab_size: int, steps_total: int, device: torch.device) -> Learner:
    """A fresh model, seeded by the configuration, with AdamW (arXiv:1711.05101)."""
    torch.manual_seed(config.seed)
    model = SentimentModel(vocab_size, config).to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    warmup_steps = max(1, round(config.warmup_share * steps_total))

    def factor(step: int) -> float:
        """Linear warm-up, then half a cosine to zero (arXiv:1608.03983 without restarts)."""
        if step < warmup_steps:
            return (step + 1) / warmup_steps
        return 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / max(1, steps_total - warmup_steps)))

    return Learner(model, optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor))


def train_step(learner: Learner, task: Task, rows: Ints) -> float:
    """One optimizer step on these rows of the training split; returns their mean loss in nats.

    Raises:
        TrainingError: the loss is not finite.
    """
    learner.model.train()
    batch = collate(task.train, rows)
    logits = learner.model(
        torch.from_numpy(batch.token_ids).to(task.device), torch.from_numpy(batch.lengths).to(task.device)
    )
    loss = nn.functional.cross_entropy(
        logits,
        torch.from_numpy(batch.labels).to(task.device),
        label_smoothing=task.config.label_smoothing,
    )
    if not torch.isfinite(loss):
        raise TrainingError(f"the loss became {float(loss)}. Start again with a lower learning_rate")
    learner.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(learner.model.parameters(), task.config.gradient_norm)
    learner.optimizer.step()
    learner.scheduler.step()
    return float(loss.detach())


def predict(model: SentimentModel, data: Encoded, device: torch.device) -> Floats:
    """Logits of every row, [rows, 3], in the order of the rows."""
    model.eval()
    logits = np.empty((len(data.labels), model.classifier.out_features))
    with torch.inference_mode():
        for rows in plan_batches(data.lengths, _EVALUATION_ROWS, _EVALUATION_TOKENS, (0,)):
            batch = collate(data, rows)
            token_ids, lengths = torch.from_numpy(batch.token_ids), torch.from_numpy(batch.lengths)
            logits[rows] = model(token_ids.to(device), lengths.to(device)).cpu().numpy()
    return logits
