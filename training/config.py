"""Everything that decides the outcome of a training run, in one frozen object."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from training.errors import ConfigError

_SIZES = ("vocab_size", "max_tokens", "train_tokens", "max_chars", "embedding_size", "hidden_size")
_PACE = ("epochs", "batch_rows", "batch_tokens", "learning_rate", "gradient_norm", "checkpoint_steps")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One training run; two runs with equal configurations and data on one machine end equal.

    Raises:
        ConfigError: fields are out of range or contradict each other; all of them in one message.
    """

    seed: int = 1
    vocab_size: int = 10_000
    max_tokens: int = 200
    train_tokens: int = 64  # training rows are cut here: half the time; use gains from more
    max_chars: int = 2_000
    embedding_size: int = 128
    hidden_size: int = 96
    dropout: float = 0.3
    epochs: int = 2
    train_rows: int = 0  # 0: all
    batch_rows: int = 128
    batch_tokens: int = 8_192  # padded: rows x longest
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.05
    gradient_norm: float = 1.0
    label_smoothing: float = 0.05
    prior_tau: float = 0.15  # strength of the logit adjustment against class imbalance; 0: none
    checkpoint_steps: int = 400

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise ConfigError("; ".join(problems) + ". Fields: training/config.py")

    def _problems(self) -> list[str]:
        problems = [f"{name} must be above 0" for name in _SIZES + _PACE if getattr(self, name) <= 0]
        shares = ("dropout", "warmup_share", "label_smoothing")
        problems += [f"{name} must lie in [0, 1)" for name in shares if not 0 <= getattr(self, name) < 1]
        not_below_0 = ("train_rows", "weight_decay", "prior_tau")
        problems += [f"{name} must not be below 0" for name in not_below_0 if getattr(self, name) < 0]
        if self.batch_tokens < self.max_tokens:
            problems.append("batch_tokens must hold at least one row of max_tokens")
        if self.train_tokens > self.max_tokens:
            problems.append("train_tokens must not exceed max_tokens, where texts are cut in use")
        if self.max_chars < self.max_tokens:
            problems.append("max_chars below max_tokens would leave tokens that no text can fill")
        return problems

    def to_json(self) -> str:
        """All fields as a JSON object."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The configuration with these fields.

        Raises:
            ConfigError: a field is unknown or out of range.
        """
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ConfigError(f"unknown fields: {', '.join(unknown)}. Fields: training/config.py")
        return cls(**values)

    def with_overrides(self, assignments: list[str]) -> Self:
        """A copy changed by `name=value` texts; values are JSON.

        >>> TrainingConfig().with_overrides(["epochs=1"]).epochs
        1

        Raises:
            ConfigError: an assignment does not parse, names no field, or gives a wrong type or range.
        """
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        changes: dict[str, Any] = {}
        for assignment in assignments:
            name, _, text = assignment.partition("=")
            if name not in known:
                raise ConfigError(f"{name!r} is no field; there are {', '.join(known)}")
            changes[name] = _parse(name, text, type(known[name]))
        return replace(self, **changes)


def _parse(name: str, text: str, kind: type) -> int | float:
    try:
        return float(text) if kind is float else int(text)
    except ValueError:
        raise ConfigError(f"{name}={text}: not a number of type {kind.__name__}") from None


PRESETS: Mapping[str, TrainingConfig] = {
    "base": TrainingConfig(),
    "quick": TrainingConfig(epochs=1, train_rows=60_000),
    "tiny": TrainingConfig(
        vocab_size=300,
        max_tokens=16,
        train_tokens=12,
        embedding_size=8,
        hidden_size=8,
        epochs=2,
        batch_rows=8,
        train_rows=64,
    ),
}


def read_config(run_dir: Path) -> TrainingConfig:
    """The configuration that a run directory was trained with.

    Raises:
        ConfigError: there is none, or it does not parse.
    """
    try:
        return TrainingConfig.from_mapping(json.loads((run_dir / "config.json").read_text()))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{run_dir} is no run directory of `python -m training fit`: {error}") from error
