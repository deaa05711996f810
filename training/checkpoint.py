"""The state of a run on disk: written atomically, resumed to the same end as an uninterrupted run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from training.batches import Encoded
from training.config import TrainingConfig, read_config
from training.errors import CheckpointError
from training.history import Entry, from_mappings, is_over
from training.model import SentimentModel

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

STATE_FILE, BEST_FILE, MODEL_FILE = "checkpoint.pt", "best.pt", "model.pt"
REPORT_FILE = "report.json"
CONFIG_FILE, TOKENIZER_FILE, VALIDATION_FILE = "config.json", "tokenizer.json", "validation.npz"


@dataclass(frozen=True, slots=True)
class Learner:
    """What one optimizer step changes."""

    model: SentimentModel
    optimizer: Optimizer
    scheduler: LRScheduler


@dataclass(frozen=True, slots=True)
class Position:
    """The next step: `step` batches of `epoch` are done."""

    epoch: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A finished run: the model in evaluation mode, its tokenizer's file, validation rows, and report."""

    model: SentimentModel
    tokenizer_file: Path
    validation: Encoded
    config: TrainingConfig
    report: Mapping[str, Any]


class Learning(Protocol):
    """What a state is made of: a `Learner`, or one with a model of another kind."""

    @property
    def model(self) -> nn.Module: ...
    @property
    def optimizer(self) -> Optimizer: ...
    @property
    def scheduler(self) -> LRScheduler: ...


def write_text(path: Path, text: str) -> None:
    """Write a file atomically."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def save_state(
    run_dir: Path,
    learner: Learning,
    position: Position,
    config: DataclassInstance,
    data_sha256: str,
    history: Sequence[Entry] = (),
) -> None:
    """Replace the run's state: weights, optimizer, scheduler, random generators, position, history."""
    _save(
        run_dir / STATE_FILE,
        {
            "config": asdict(config),
            "data_sha256": data_sha256,
            "position": asdict(position),
            "history": [asdict(entry) for entry in history],
            "model": learner.model.state_dict(),
            "optimizer": learner.optimizer.state_dict(),
            "scheduler": learner.scheduler.state_dict(),
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        },
    )


def load_state(run_dir: Path, learner: Learning, config: DataclassInstance, data_sha256: str) -> Position:
    """Put the run's state into `learner` and the random generators; returns where to go on.

    Raises:
        CheckpointError: there is no state, or it belongs to another configuration or other data.
    """
    state = _load(run_dir / STATE_FILE)
    differing = [name for name, value in asdict(config).items() if state["config"].get(name) != value]
    if differing:
        raise CheckpointError(
            f"{run_dir} was started with other values of {', '.join(differing)}. "
            "Give the same configuration, or another --out"
        )
    if state["data_sha256"] != data_sha256:
        raise CheckpointError(f"{run_dir} was started with other data. Give the same file, or another --out")
    learner.model.load_state_dict(state["model"])
    learner.optimizer.load_state_dict(state["optimizer"])
    learner.scheduler.load_state_dict(state["scheduler"])
    torch.set_rng_state(state["random"])
    if state["random_cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["random_cuda"])
    return Position(**state["position"])


def load_history(run_dir: Path) -> list[Entry]:
    """What the run's state says of the losses and scores so far.

    Raises:
        CheckpointError: there is no state, or it is broken.
    """
    return from_mappings(_load(run_dir / STATE_FILE)["history"])


def save_best(run_dir: Path, model: SentimentModel) -> None:
    """Keep the weights of the best epoch so far."""
    _save(run_dir / BEST_FILE, model.state_dict())


def load_best(run_dir: Path, config: TrainingConfig) -> Mapping[str, Any]:
    """The weights of the best epoch.

    Raises:
        CheckpointError: there are none, or training has not come to its end.
    """
    if not is_over(load_history(run_dir), config.epochs, config.patience):
        raise CheckpointError(f"{run_dir} is not trained to its end. Add --resume to its `fit` command")
    return _load(run_dir / BEST_FILE)


def save_model(run_dir: Path, model: SentimentModel, report: Mapping[str, Any], validation: Encoded) -> None:
    """Write the finished weights, the report, and the validation split that an export is checked on."""
    beside = run_dir / f"new.{VALIDATION_FILE}"
    np.savez_compressed(beside, ids=validation.ids, starts=validation.starts, labels=validation.labels)
    beside.replace(run_dir / VALIDATION_FILE)
    _save(run_dir / MODEL_FILE, model.state_dict())
    write_text(run_dir / REPORT_FILE, json.dumps(report, indent=2) + "\n")


def load_model(run_dir: Path) -> TrainedModel:
    """A finished run.

    Raises:
        CheckpointError: the run is not finished, or a file of it is missing or broken.
        ConfigError: `run_dir` is no run directory.
    """
    config = read_config(run_dir)
    weights = _load(run_dir / MODEL_FILE)
    try:
        report = json.loads((run_dir / REPORT_FILE).read_text(encoding="utf-8"))
        with np.load(run_dir / VALIDATION_FILE) as arrays:
            validation = Encoded(arrays["ids"], arrays["starts"], arrays["labels"])
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(
            f"{run_dir} is incomplete: {error}. Run `python -m training evaluate` with --tau"
        ) from error
    model = SentimentModel(weights["embedding.weight"].shape[0], config)
    model.load_state_dict(weights)
    return TrainedModel(model.eval(), run_dir / TOKENIZER_FILE, validation, config, report)


def _save(path: Path, content: Mapping[str, Any]) -> None:
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        torch.save(dict(content), file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _load(path: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(
            f"{path} is missing. Run `python -m training fit` without --resume, to its end"
        ) from None
    except Exception as error:  # torch.load raises whatever its unpickler meets
        raise CheckpointError(f"{path} cannot be read: {error}. Start again in another --out") from error
    return loaded
