"""Another bundle under a running worker: adopted, refused, or unusable, and the old one meanwhile at work."""

import asyncio
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from stream.metrics import create_metrics
from stream.scoring.rollout import Rollout
from stream.settings import DEFAULT_BUNDLE, Settings
from tests.unit.scoring.fakes import FakeRecord, ignore, review_json

PARTITIONS = {"reviews-dlq": 1, "review-sentiment": 1}
TEXTS = (
    "great sound and a strong battery",
    "broke after one day, awful",
    "it is okay for the price",
    "love it, works like new",
    "do not buy, money lost",
)


class Worker:
    """A rollout on a copy of the bundle that ships, and the ways to change that copy."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.bundle = directory / "bundle"
        shutil.copytree(DEFAULT_BUNDLE, self.bundle)
        self._metrics = create_metrics("score")
        made = Settings(bundle=self.bundle, provider="cpu", threads=1, shadow_reviews=40, **settings)
        self.rollout = Rollout(made, self._metrics, PARTITIONS, ignore)

    def replace(self, **changed: Any) -> None:
        """Another manifest in the place of the old one, as by a rename."""
        manifest = json.loads((self.bundle / "manifest.json").read_bytes()) | changed
        beside = self.bundle.with_name("manifest.new")
        beside.write_text(json.dumps(manifest))
        os.replace(beside, self.bundle / "manifest.json")

    def chunk(self) -> Sequence[FakeRecord]:
        values = [review_json(f"{text}, {number}") for number in range(8) for text in TEXTS]
        return [FakeRecord(value, offset=offset) for offset, value in enumerate([*values, b"no review"])]

    def model(self) -> str:
        """Which model the labels of a pass name."""
        [scored] = self.rollout.pipeline.run([self.chunk()])
        [(_, messages)] = [item for item in scored.outbox.items() if item[0][0] == "review-sentiment"]
        return str(orjson.loads(messages[0][1] or b"")["model"])

    async def look(self) -> None:
        """Twice: what still changes is left alone."""
        await self.rollout.look()
        await self.rollout.look()

    async def pass_by(self) -> None:
        """Enough live reviews for a decision."""
        self.rollout.offer([self.chunk()])
        await asyncio.get_running_loop().run_in_executor(self.rollout._thread, lambda: None)
        await asyncio.sleep(0)

    def on_trial(self) -> str:
        trial = self.rollout._trial
        return trial.model.name if trial else ""

    def tried(self) -> dict[str, float]:
        [family] = list(self._metrics.bundles.collect())
        return {
            sample.labels["result"]: sample.value
            for sample in family.samples
            if sample.name.endswith("_total")
        }


def test_a_bundle_that_says_the_same_takes_over_between_two_passes(tmp_path: Path) -> None:
    async def test() -> None:
        worker = Worker(tmp_path, shadow_most_slowdown=1000)
        before = worker.model()
        worker.replace(name="younger")
        await worker.look()
        assert worker.model() == before, "not before it was tried"
        await worker.pass_by()
        assert worker.model().startswith("younger@")
        assert worker.tried() == {"adopted": 1}

    asyncio.run(test())


def test_a_bundle_that_changes_labels_is_refused_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        worker = Worker(tmp_path, shadow_most_slowdown=1000)
        before = worker.model()
        worker.replace(name="gloomy", label_weights=[1000.0, 1.0, 1.0])
        await worker.look()
        await worker.pass_by()
        assert worker.model() == before
        assert worker.tried() == {"refused": 1}
        await worker.look()
        await worker.pass_by()
        assert worker.tried() == {"refused": 1}, "tried again though nothing changed"

    asyncio.run(test())
    assert "new bundle refused model=gloomy@" in caplog.text
    assert "of the labels differ" in caplog.text
    assert "battery" not in caplog.text


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("altered", "was altered"),
        ("goldens", "does not reproduce its golden texts"),
        ("format", "bundle format 99"),
    ],
)
def test_a_bad_bundle_changes_nothing_until_it_is_mended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str, said: str
) -> None:
    async def test() -> None:
        worker = Worker(tmp_path, shadow_most_slowdown=1000)
        before = worker.model()
        good = {path.name: path.read_bytes() for path in worker.bundle.iterdir()}
        match what:
            case "altered":
                (worker.bundle / "model.int8.onnx").write_bytes(b"no model")
            case "goldens":
                worker.replace(temperature=5.0)
            case _:
                worker.replace(format_version=99)
        await worker.look()
        await worker.pass_by()
        assert worker.model() == before
        assert worker.tried() == {"unusable": 1}
        for name, content in good.items():
            (worker.bundle / name).write_bytes(content)
        worker.replace(name="mended")
        await worker.look()
        await worker.pass_by()
        assert worker.model().startswith("mended@")

    asyncio.run(test())
    assert said in caplog.text


def test_a_bundle_that_is_away_or_still_being_copied_is_left_alone(tmp_path: Path) -> None:
    async def test() -> None:
        worker = Worker(tmp_path)
        worker.bundle.rename(tmp_path / "away")
        await worker.look()
        (tmp_path / "away").rename(worker.bundle)
        await worker.look()
        worker.replace(name="half")
        await worker.rollout.look()
        worker.replace(name="whole")
        await worker.rollout.look()
        assert worker.on_trial() == ""
        await worker.rollout.look()
        assert worker.on_trial().startswith("whole@")
        assert worker.tried() == {}

    asyncio.run(test())
