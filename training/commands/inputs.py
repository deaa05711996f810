"""What several commands make of their options: a configuration, and labelled reviews."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from training.config import PRESETS, TrainingConfig
from training.errors import ConfigError

if TYPE_CHECKING:
    from training.data import Reviews


def preset_config(preset: str, overrides: Sequence[str] | None) -> TrainingConfig:
    """The preset of that name, changed.

    Raises:
        ConfigError: there is none of that name, or an override is wrong.
    """
    if preset not in PRESETS:
        raise ConfigError(f"no preset {preset!r}; there are {', '.join(PRESETS)}")
    return PRESETS[preset].with_overrides(overrides or [])


def read_labelled(
    data: Sequence[Path], seed: int, columns: Sequence[str] | None, drop_contradictory: bool
) -> Reviews:
    """The reviews of all files; a line says what their splits are. Equal seeds make equal splits.

    Raises:
        DataError: files, columns or rows cannot be used.
    """
    from training.data import read_reviews
    from training.reading.labelling import parse_columns

    return read_reviews(
        data,
        seed,
        columns=parse_columns(columns or []),
        drop_contradictory=drop_contradictory,
        tell=typer.echo,
    )
