"""The Faust app of a worker says what is wrong before it does anything."""

import asyncio
from pathlib import Path

import pytest

from stream.errors import SettingsError
from stream.kafka.app import create_app
from stream.settings import Settings
from tests.contract.test_faust import Heard


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def make() -> None:
        create_app(Settings(data_dir=tmp_path / "file"), "group", "topic", Heard())

    with pytest.raises(
        SettingsError, match=r"cannot write to .*/file: Not a directory; .*BRANDPULSE_DATA_DIR"
    ):
        asyncio.run(make())
