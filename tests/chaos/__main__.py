"""`python -m tests.chaos`: break a cluster in every way while reviews flow, and write docs/reliability.md."""

import asyncio
import logging
import re
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from stream.kafka.jars import KAFKA_VERSION
from stream.settings import Settings
from tests.benchmarks.machine import machine
from tests.chaos.faults import Fault, FillDisk
from tests.chaos.load import Load
from tests.chaos.page import page
from tests.chaos.scene import Scene, scene_in
from tests.chaos.schedule import FAULTS
from tests.chaos.storm import Outcome, Storm
from tests.chaos.verdict import Verdict, judge

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def main(
    reviews: Annotated[int, typer.Option(help="At least so many; faults go round until then.")] = 1_000_000,
    pace: Annotated[float, typer.Option(help="Reviews a second, fewer where the machine is slow.")] = 3_000,
    only: Annotated[str, typer.Option(help="Faults whose names match this, printed; all: the page.")] = "",
    out: Annotated[Path, typer.Option(help="The page to write.")] = PAGE,
    logs: Annotated[Path | None, typer.Option(help="Where the workers' logs are kept.")] = None,
) -> None:
    """Print what happens; exit 1 unless every count is exact."""
    # It reports every attempt to reach a node that is away.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    faults = [fault for fault in FAULTS if re.search(only, fault.name)]
    if not faults:
        raise typer.BadParameter(f"no fault's name matches {only}", param_hint="--only")
    facts = [fact for fact in machine(Settings(), "") if fact[0] not in ("Kafka", "texts")]
    with (
        tempfile.TemporaryDirectory(prefix="brandpulse-chaos-") as directory,
        scene_in(Path(directory), f"c{uuid.uuid4().hex[:6]}-") as scene,
    ):
        facts += [
            ("Kafka", f"{KAFKA_VERSION}, three embedded nodes on the same cores"),
            ("database of history", scene.database_url.partition(":")[0]),
            ("pace", f"{pace:,.0f} reviews a second, fewer while the machine cannot bear them"),
        ]
        outcome, verdict = _break(scene, faults, reviews, pace, logs)
    text = page(facts, outcome, verdict)
    print(text)
    verdict.assert_exact()
    if not only:
        verdict.assert_telling("aborted")
        out.write_text(text, encoding="utf-8")


def _break(
    scene: Scene, faults: Sequence[Fault], reviews: int, pace: float, logs: Path | None
) -> tuple[Outcome, Verdict]:
    if scene.disk is None:
        print("left out, since it needs root to mount a small file system: the full disk")
        faults = [fault for fault in faults if not isinstance(fault, FillDisk)]
    load = Load(time.time_ns() // 1_000_000)
    try:
        outcome = asyncio.run(Storm(scene, load, pace).rage(faults, reviews))
        return outcome, asyncio.run(judge(scene, load, outcome))
    except BaseException:
        print(scene.tails())
        raise
    finally:
        if logs is not None:
            scene.keep_logs(logs)


if __name__ == "__main__":
    # The values of a million reviews would be printed for an hour.
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
