"""Configurations refuse nonsense, all of it at once."""

from pathlib import Path

import pytest

from training.config import PRESETS, TrainingConfig, read_config
from training.errors import ConfigError


def test_all_problems_come_together() -> None:
    with pytest.raises(ConfigError, match=r"epochs must be above 0; dropout .*; precision must be one of"):
        TrainingConfig(epochs=0, dropout=1.0, precision="fp8")


@pytest.mark.parametrize(
    ("assignment", "message"), [("epoch=1", "no field"), ("epochs=many", "int"), ("epochs=-1", "above 0")]
)
def test_wrong_overrides_are_refused(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainingConfig().with_overrides([assignment])


@pytest.mark.parametrize("preset", PRESETS)
def test_a_configuration_survives_its_file(tmp_path: Path, preset: str) -> None:
    config = PRESETS[preset].with_overrides(["dropout=0.25", "seed=7"])
    (tmp_path / "config.json").write_text(config.to_json())
    assert read_config(tmp_path) == config


def test_a_directory_without_configuration_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no run directory"):
        read_config(tmp_path)
