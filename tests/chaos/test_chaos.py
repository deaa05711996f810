"""Workers, brokers and what lies between them fail while reviews flow; then every review is counted."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from tests.chaos.load import Load
from tests.chaos.scene import scene_in
from tests.chaos.schedule import BOUNDED_FAULTS
from tests.chaos.storm import Storm
from tests.chaos.verdict import judge

REVIEWS = int(os.environ.get("CHAOS_REVIEWS", "100000"))
PACE = 1_500.0

pytestmark = [pytest.mark.kafka, pytest.mark.chaos, pytest.mark.usefixtures("embedded_kafka")]


def test_nothing_is_lost_or_doubled(topic_prefix: str, tmp_path: Path) -> None:
    load = Load(time.time_ns() // 1_000_000)
    with scene_in(tmp_path, topic_prefix) as scene:
        try:
            outcome = asyncio.run(Storm(scene, load, PACE).rage(BOUNDED_FAULTS, REVIEWS))
            verdict = asyncio.run(judge(scene, load, outcome))
            verdict.assert_exact()
            verdict.assert_telling()
        except BaseException:
            print(scene.tails())
            raise
    print(f"{outcome.reviews:,} reviews, lost 0, doubled 0, disordered 0: {dict(verdict.counts)}")
