"""A site whose history is here and whose topics are still empty."""

import asyncio
from pathlib import Path

import pytest

from tests.unit.web.samples import Stage, stage


@pytest.fixture
def site(tmp_path: Path) -> Stage:
    made = stage(tmp_path)
    asyncio.run(made.site.history.look())
    return made
