"""`python -m tests.benchmarks.soak`: an hour under steady load, and whether anything grows.

Exits 1 if something does, if a worker started over, or if a label is lost or doubled. A run of the full
hour, or longer, writes docs/soak.md and its plot.
"""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from stream.kafka.broker import Broker
from stream.settings import Settings
from tests.benchmarks.corpus import load_corpus
from tests.benchmarks.machine import machine
from tests.benchmarks.soak_page import costs, facts, judge, page, results, verdict
from tests.benchmarks.soak_plot import plot
from tests.benchmarks.soak_reviews import Reviews
from tests.benchmarks.soak_run import Plan, Soaked, soak
from tests.benchmarks.soak_samples import Sample
from tests.benchmarks.table import markdown_table

DOCS = Path(__file__).resolve().parents[2] / "docs"
MINUTES = 60.0


def main(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long, after the burst.")] = MINUTES,
    share: Annotated[float, typer.Option(min=0.05, max=0.95, help="Load, as a share of capacity.")] = 0.5,
    out: Annotated[
        Path | None, typer.Option(help="Where soak.md and images/soak.png go [docs, if it was an hour].")
    ] = None,
) -> None:
    """Soak a worker of each role on an embedded Kafka; progress on stderr, the tables on stdout."""
    # It reports every retry on topics that are a moment old.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    corpus = load_corpus()
    about = machine(Settings(), corpus.source)
    with Broker() as broker:
        soaked = _watched(broker.bootstrap, Reviews(corpus), Plan(minutes * 60, share))
    judged = judge(soaked.samples)
    print(
        "\n\n".join(
            (results(judged), costs(soaked), markdown_table(("", ""), facts(soaked)), verdict(judged))
        )
    )
    if out := out or (DOCS if minutes >= MINUTES else None):
        plot(soaked.samples, out / "images" / "soak.png")
        (out / "soak.md").write_text(page(about, soaked, judged), encoding="utf-8")
    grows = any(one.trend.growing for one in judged)
    exact = soaked.labels == soaked.reviews and not soaked.doubled
    raise typer.Exit(int(grows or not exact or soaked.started_over > 0))


def _watched(bootstrap: str, reviews: Reviews, plan: Plan) -> Soaked:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("workers start, capacity is measured", total=plan.seconds)

        def seen(sample: Sample) -> None:
            resident = sum(each.resident_mib for each in sample.workers.values())
            said = f"{sample.labels:,} labels, p99 {sample.p99_ms:.0f} ms, all workers {resident:,.0f} MiB"
            progress.update(task, completed=sample.seconds, description=said)

        return asyncio.run(soak(bootstrap, reviews, plan, seen))


if __name__ == "__main__":
    typer.run(main)
