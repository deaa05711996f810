"""What the command `fit` does, with files read and written: thin steps around the pure parts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from training.batches import Encoded, encode_reviews
from training.checkpoint import CONFIG_FILE, STATE_FILE, TOKENIZER_FILE, load_best, write_text
from training.config import TrainingConfig, read_config
from training.data import Reviews, file_sha256, files_sha256
from training.epochs import Course
from training.errors import CheckpointError, DataError
from training.evaluate import Evaluation, Floats
from training.finish import HeldOut, finish
from training.loop import Observers, Task, fit
from training.model import SentimentModel
from training.soft_labels import read_soft_labels
from training.texts.names import BRANDS, PRODUCTS
from training.tokenizer import train_tokenizer


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a run learns from: labelled rows of files, perhaps a teacher's opinion, perhaps not all sources.

    Rows of `leave_out` are in no split of the run; with `only`, rows of other sources are not trained on.
    """

    reviews: Reviews
    files: Sequence[Path]
    soft_labels: Path | None = None
    leave_out: Sequence[str] = ()
    only: Sequence[str] = ()

    def sha256(self) -> str:
        """Identifies all of it."""
        teacher = file_sha256(self.soft_labels) if self.soft_labels else ""
        parts = [files_sha256(self.files), teacher, *sorted(self.leave_out), "", *sorted(self.only)]
        return parts[0] if not any(parts[1:]) else hashlib.sha256("\n".join(parts).encode()).hexdigest()


def fit_run(
    config: TrainingConfig,
    lessons: Lessons,
    run_dir: Path,
    resume: bool,
    device: torch.device,
    tell: Observers,
) -> Evaluation:
    """Train into `run_dir`; returns the finished model's scores on the validation split.

    Raises:
        TrainingError: data, configuration or run directory cannot be used.
    """
    if (run_dir / STATE_FILE).exists() and not resume:
        raise CheckpointError(f"{run_dir} holds a run already. Add --resume, or choose another --out")
    kept = _without(lessons.reviews, lessons.leave_out)
    train = _subset(_only(kept.split("train"), lessons.only), config)
    soft = read_soft_labels(lessons.soft_labels, train.ids) if lessons.soft_labels else None
    tokenizer = _open_run(run_dir, config, train, resume)
    validation = _encode(kept, "validation", tokenizer, config, tell)
    course = Course(train, soft, tokenizer, config)
    task = Task(config, course, validation, lessons.sha256(), run_dir, device)
    fit(task, resume, tell)
    model = SentimentModel(tokenizer.get_vocab_size(), config).to(device)
    model.load_state_dict(load_best(run_dir, config))
    held_out = HeldOut(
        validation=validation,
        test=_encode(kept, "test", tokenizer, config, tell),
        data_files=lessons.files,
        data_sha256=files_sha256(lessons.files),
        train_rows=len(train.labels),
        teacher=_teacher(lessons.soft_labels, soft),
        left_out=lessons.leave_out,
    )
    return finish(run_dir, model, tokenizer, held_out, config)


def _without(reviews: Reviews, sources: Sequence[str]) -> Reviews:
    _check_sources(reviews, sources)
    return reviews.where(~np.isin(reviews.sources, list(sources))) if sources else reviews


def _only(reviews: Reviews, sources: Sequence[str]) -> Reviews:
    _check_sources(reviews, sources)
    return reviews.where(np.isin(reviews.sources, list(sources))) if sources else reviews


def _check_sources(reviews: Reviews, sources: Sequence[str]) -> None:
    there = set(reviews.sources)
    unknown = sorted(set(sources) - there)
    if unknown:
        raise DataError(f"no source {', '.join(unknown)}; there are {', '.join(sorted(there))}")


def _subset(reviews: Reviews, config: TrainingConfig) -> Reviews:
    """`train_rows` rows of a seeded choice, in the order of the data; all where it is 0."""
    if not config.train_rows or config.train_rows >= len(reviews.labels):
        return reviews
    rows = np.random.default_rng(config.seed).permutation(len(reviews.labels))[: config.train_rows]
    chosen = np.zeros(len(reviews.labels), dtype=np.bool_)
    chosen[rows] = True
    return reviews.where(chosen)


def _open_run(run_dir: Path, config: TrainingConfig, train: Reviews, resume: bool) -> Tokenizer:
    """The tokenizer of the run: the one it was started with, or a new one."""
    if resume:
        if read_config(run_dir) != config:
            raise CheckpointError(f"{run_dir} was started with another configuration: see its {CONFIG_FILE}")
        return Tokenizer.from_file(str(run_dir / TOKENIZER_FILE))
    run_dir.mkdir(parents=True, exist_ok=True)
    names = (*BRANDS, *PRODUCTS) if config.swap_names else ()
    tokenizer = train_tokenizer(train.texts, config.vocab_size, config.max_chars, config.max_tokens, names)
    write_text(run_dir / TOKENIZER_FILE, tokenizer.to_str(pretty=False))
    write_text(run_dir / CONFIG_FILE, config.to_json())
    return tokenizer


def _encode(
    reviews: Reviews, split: str, tokenizer: Tokenizer, config: TrainingConfig, tell: Observers
) -> Encoded:
    rows = reviews.split(split)
    total = len(rows.labels)
    return encode_reviews(
        rows, tokenizer, config.max_chars, config.max_tokens, lambda done: tell.encoding(split, done, total)
    )


def _teacher(file: Path | None, soft: Floats | None) -> str:
    return "" if file is None or soft is None else f"{file.name} (SHA-256 {file_sha256(file)})"
