"""`python -m tests.benchmarks.scorecard`: ours beside what people would use instead, in one run."""

import asyncio
import logging
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from stream.kafka.broker import Broker
from stream.settings import Settings
from tests.benchmarks.corpus import load_corpus
from tests.benchmarks.machine import machine
from tests.benchmarks.peers.transformer import write_transformer
from tests.benchmarks.scorecard.arena import Arena
from tests.benchmarks.scorecard.contestants import CONTESTANTS, ROOT, Contestant
from tests.benchmarks.scorecard.page import page, summary
from tests.benchmarks.scorecard.parts import PARTS, Run
from tests.benchmarks.scorecard.plots import draw
from tests.benchmarks.scorecard.results import Card, Results, save

DOCS = ROOT / "docs"
KEPT = ROOT / "test-output" / "scorecard.json"
ROUNDS = 3
BACKLOG = 450_000


def main(
    parts: Annotated[str, typer.Option(help=f"Some of {', '.join(PARTS)}, comma-separated.")] = "",
    only: Annotated[str, typer.Option(help=f"Some of {', '.join(CONTESTANTS)}, comma-separated.")] = "",
    rounds: Annotated[int, typer.Option(help="Over the backlog, one for each in turn.")] = ROUNDS,
    backlog: Annotated[
        int, typer.Option(help="Reviews in it: more than the fastest labels in 12 s.")
    ] = BACKLOG,
    vcpu_hour_eur: Annotated[float, typer.Option(help="Price of a vCPU for an hour.")] = 0.04,
) -> None:
    """Measure; progress on stderr, the table on stdout.

    All parts of all contestants write docs/scorecard.md.
    """
    chosen_parts = _chosen(parts, PARTS, "--parts")
    chosen = [CONTESTANTS[name] for name in _chosen(only, CONTESTANTS, "--only")]
    if "drain" not in chosen_parts:
        # The others load each with what it can do: one round tells.
        chosen_parts, rounds = ["drain", *chosen_parts], 1
    # aiokafka reports every retry on topics that are a moment old, the quantizer gives advice.
    logging.disable(logging.ERROR)
    results = asyncio.run(_measure(chosen_parts, chosen, rounds, backlog))
    save(results, KEPT)
    if not parts and not only:
        (DOCS / "scorecard.md").write_text(page(results, vcpu_hour_eur), encoding="utf-8")
        draw(results, DOCS / "images")
    print(summary(results, vcpu_hour_eur))


async def _measure(parts: list[str], contestants: list[Contestant], rounds: int, backlog: int) -> Results:
    settings, corpus = Settings(), load_corpus()
    cards = {
        each.name: Card(each.name, each.title, each.guarantee, each.lines, each.heavy) for each in contestants
    }
    results = Results(machine(settings, corpus.source), cards)
    for each in contestants:
        if not each.installed:
            cards[each.name].faults.append(f"{each.environment} could not be made: make scorecard says why")
    present = {each.name: each for each in contestants if each.installed}
    with Broker() as broker, tempfile.TemporaryDirectory(prefix="scorecard-") as directory:
        heavy = Path(directory) / "transformer"
        write_transformer(settings.bundle, heavy)
        async with Arena(broker.bootstrap, Path(directory) / "runs") as arena:
            run = Run(arena, corpus, present, {False: settings.bundle, True: heavy}, rounds, backlog, results)
            for part in parts:
                await PARTS[part](run)
    return results


def _chosen(named: str, known: Collection[str], option: str) -> list[str]:
    names = [name for name in named.split(",") if name]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name} is none of {', '.join(known)}", param_hint=option)
    return names or list(known)


if __name__ == "__main__":
    typer.run(main)
