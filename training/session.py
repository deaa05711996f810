"""What the commands do, with files read and written: thin steps around the pure parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from training.batches import Encoded, encode_reviews
from training.checkpoint import CONFIG_FILE, STATE_FILE, TOKENIZER_FILE, load_weights, write_text
from training.config import TrainingConfig, read_config
from training.data import Reviews, files_sha256, log_prior, read_reviews
from training.errors import CheckpointError
from training.evaluate import Evaluation
from training.finish import HeldOut, finish, sweep
from training.loop import Progress, Task, fit
from training.model import SentimentModel
from training.tokenizer import train_tokenizer

TAUS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)


@dataclass(frozen=True, slots=True)
class Observers:
    """Who is told how far the slow steps are: encoding by (split, rows, of), training by each step."""

    encoding: Callable[[str, int, int], None]
    training: Callable[[Progress], None]


def fit_run(
    config: TrainingConfig,
    data: Sequence[Path],
    run_dir: Path,
    resume: bool,
    device: torch.device,
    tell: Observers,
) -> Evaluation:
    """Train from `data` into `run_dir`; returns the finished model's scores on the validation split.

    Raises:
        TrainingError: data, configuration or run directory cannot be used.
    """
    if (run_dir / STATE_FILE).exists() and not resume:
        raise CheckpointError(f"{run_dir} holds a run already. Add --resume, or choose another --out")
    reviews = read_reviews(data)
    train = _subset(reviews.split("train"), config)
    tokenizer = _open_run(run_dir, config, train, resume)
    task = Task(
        config=config,
        vocab_size=tokenizer.get_vocab_size(),
        train=_encode(train, "train", tokenizer, config, tell),
        validation=_encode(reviews.split("validation"), "validation", tokenizer, config, tell),
        data_sha256=files_sha256(data),
        run_dir=run_dir,
        device=device,
    )
    model = fit(task, resume, tell.training)
    held_out = HeldOut(
        task.validation,
        _encode(reviews.split("test"), "test", tokenizer, config, tell),
        log_prior(train.labels),
        data,
        task.data_sha256,
        len(train.labels),
    )
    return finish(run_dir, model, held_out, config, config.prior_tau)


def evaluate_run(
    run_dir: Path, data: Sequence[Path], tau: float | None, device: torch.device, tell: Observers
) -> list[tuple[float, Evaluation]]:
    """Validation scores by tau of the run's last state; with `tau`, write its finished model anew.

    Raises:
        TrainingError: data or run directory cannot be used.
    """
    config = read_config(run_dir)
    tokenizer = Tokenizer.from_file(str(run_dir / TOKENIZER_FILE))
    model = SentimentModel(tokenizer.get_vocab_size(), config).to(device)
    model.load_state_dict(load_weights(run_dir, config))
    reviews = read_reviews(data)
    train = _subset(reviews.split("train"), config)
    validation, test = (
        _encode(reviews.split(split), split, tokenizer, config, tell) for split in ("validation", "test")
    )
    held_out = HeldOut(validation, test, log_prior(train.labels), data, files_sha256(data), len(train.labels))
    scores = sweep(model, held_out, list(TAUS))
    if tau is not None:
        finish(run_dir, model, held_out, config, tau)
    return scores


def _open_run(run_dir: Path, config: TrainingConfig, train: Reviews, resume: bool) -> Tokenizer:
    """The tokenizer of the run: the one it was started with, or a new one."""
    if resume:
        if read_config(run_dir) != config:
            raise CheckpointError(f"{run_dir} was started with another configuration: see its {CONFIG_FILE}")
        return Tokenizer.from_file(str(run_dir / TOKENIZER_FILE))
    run_dir.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(train.texts, config.vocab_size, config.max_chars, config.max_tokens)
    write_text(run_dir / TOKENIZER_FILE, tokenizer.to_str(pretty=False))
    write_text(run_dir / CONFIG_FILE, config.to_json())
    return tokenizer


def _subset(reviews: Reviews, config: TrainingConfig) -> Reviews:
    """`train_rows` rows of a seeded choice, in the order of the data; all where it is 0."""
    if not config.train_rows or config.train_rows >= len(reviews.labels):
        return reviews
    rows = np.random.default_rng(config.seed).permutation(len(reviews.labels))[: config.train_rows]
    chosen = np.zeros(len(reviews.labels), dtype=np.bool_)
    chosen[rows] = True
    return reviews.where(chosen)


def _encode(
    reviews: Reviews, split: str, tokenizer: Tokenizer, config: TrainingConfig, tell: Observers
) -> Encoded:
    max_tokens = config.train_tokens if split == "train" else config.max_tokens
    rows = len(reviews.labels)
    return encode_reviews(
        reviews, tokenizer, config.max_chars, max_tokens, lambda done: tell.encoding(split, done, rows)
    )
