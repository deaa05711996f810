"""How cost grows with work: `python -m tests.benchmarks.growth [--only brands,texts]`.

What a part found is kept under runs/growth, and docs/growth.md is made of all that is there.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from stream.kafka.broker import Broker
from stream.settings import Settings
from tests.benchmarks import growth_brands, growth_score
from tests.benchmarks.corpus import Corpus, load_corpus
from tests.benchmarks.growth_figures import Found, Part, Point
from tests.benchmarks.growth_page import page
from tests.benchmarks.growth_parts import PARTS
from tests.benchmarks.growth_plot import plot
from tests.benchmarks.machine import machine

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "runs" / "growth"
AMOUNTS = {
    "processes": [1, 2, 4],
    "partitions": [4, 8, 16, 32, 64],
    "brands": [100, 1_000, 10_000, 100_000, 1_000_000],
    "texts": [10, 30, 100, 300, 1_000, 2_000],
}
BACKLOG = 10_000_000
ALL = ",".join(part.name for part in PARTS)


def main(
    only: Annotated[str, typer.Option(help="Parts, comma-separated.")] = ALL,
    most: Annotated[int | None, typer.Option(min=1, help="No amounts above this.")] = None,
    backlog: Annotated[int, typer.Option(min=1_000, help="Reviews of the backlog.")] = BACKLOG,
    out: Annotated[Path, typer.Option(help="Where growth.md and images go.")] = ROOT / "docs",
) -> None:
    """Measure on embedded brokers; progress on stderr."""
    # It reports every retry on topics that are a moment old.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    wanted = only.split(",")
    if unknown := set(wanted) - {part.name for part in PARTS}:
        raise typer.BadParameter(f"no such part: {', '.join(sorted(unknown))}", param_hint="--only")
    amounts = {name: [one for one in its if most is None or one <= most] for name, its in AMOUNTS.items()}
    corpus = load_corpus()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for part in (part for part in PARTS if part.name in wanted):
            steps = len(amounts[part.name]) if part.name in amounts else growth_score.LOOKS - 1
            task = progress.add_task(part.title, total=steps)
            asyncio.run(_find(part, amounts, backlog, corpus, partial(progress.advance, task)))
    _write(out)


async def _find(
    part: Part, amounts: Mapping[str, list[int]], backlog: int, corpus: Corpus, seen: Callable[[], object]
) -> None:
    """Keep each point as it is found: a run that is cut off leaves what it had."""
    found = Found(machine(Settings(), corpus.source), [])
    with Broker() as broker:
        async for point in _points(part.name, broker.bootstrap, amounts, backlog, corpus):
            found.points.append(point)
            _keep(part, found)
            seen()


def _points(
    name: str, bootstrap: str, amounts: Mapping[str, list[int]], backlog: int, corpus: Corpus
) -> AsyncIterator[Point]:
    match name:
        case "processes":
            return growth_score.measure_processes(bootstrap, amounts[name], corpus)
        case "partitions":
            return growth_score.measure_partitions(bootstrap, amounts[name], corpus)
        case "brands":
            return growth_brands.measure_brands(bootstrap, amounts[name])
        case "texts":
            return growth_score.measure_texts(amounts[name], corpus)
        case _:
            return growth_score.measure_backlog(bootstrap, backlog, corpus)


def _keep(part: Part, found: Found) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{part.name}.json").write_bytes(msgspec.json.encode(found))


def _write(out: Path) -> None:
    """The page and its plots, of everything that is kept."""
    found = {
        part.name: msgspec.json.decode(path.read_bytes(), type=Found)
        for part in PARTS
        if (path := KEPT / f"{part.name}.json").exists()
    }
    for part in PARTS:
        if part.name in found:
            plot(part, found[part.name], out / "images" / f"growth-{part.name}.png")
    (out / "growth.md").write_text(page(PARTS, found), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
