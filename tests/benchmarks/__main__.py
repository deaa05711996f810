"""`python -m tests.benchmarks`: measure everything in one run and write docs/benchmarks.md."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from stream.kafka.broker import Broker
from stream.settings import Settings
from tests.benchmarks.corpus import load_corpus
from tests.benchmarks.gpu_page import get_section, put_section
from tests.benchmarks.machine import machine
from tests.benchmarks.parts import ALL_PARTS, PARTS, Run
from tests.benchmarks.table import page, results_table, stage_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
NOTES = (
    "Not measured here: a node with GPUs (target ≥ 250,000 reviews/s). Memory over 10⁷ labels: "
    "[operating](operating.md#capacity).",
    "The stand-in replaces only the model: every text is new and is tokenised, most of the time left.",
)


def main(
    reviews: Annotated[int, typer.Option(help="Reviews in the backlog of `score`.")] = 60_000,
    only: Annotated[str | None, typer.Option(help=f"One part, printed: {', '.join(PARTS)}.")] = None,
    out: Annotated[Path, typer.Option(help="The page to write when everything is measured.")] = PAGE,
) -> None:
    """Measure the parts on an embedded broker; progress on stderr, the table on stdout."""
    if only is not None and only not in PARTS:
        raise typer.BadParameter(f"{only} is none of {', '.join(PARTS)}", param_hint="--only")
    # It reports every retry on topics that are a moment old.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    settings = Settings()
    corpus = load_corpus()
    facts = machine(settings, corpus.source)
    with Broker() as broker:
        run = Run(broker, corpus, reviews, settings)
        asyncio.run(_measure(run, (only,) if only else ALL_PARTS))
    if only is None:
        before = out.read_text(encoding="utf-8") if out.exists() else ""
        text = page(facts, run.rows, run.stages, NOTES, run.sections)
        out.write_text(put_section(text, get_section(before)), encoding="utf-8")
    print(results_table(run.rows))
    if run.stages:
        print(stage_table(run.stages))
    for section in run.sections:
        print(section)


async def _measure(run: Run, parts: tuple[str, ...]) -> None:
    for part in parts:
        shown = len(run.rows)
        await getattr(run, part)()
        print(results_table(run.rows[shown:]), file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
