"""Does a learned batch size beat a fixed one at equal p99? `python -m tests.benchmarks.batcher`.

Writes docs/batching.md and its plot, in 10 minutes at most; with days of another length, for a quick look,
it only prints.
"""

import asyncio
import logging
import tempfile
from contextlib import AsyncExitStack
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import matplotlib.pyplot as plt
import typer

from stream.kafka.broker import Broker
from stream.settings import Settings
from tests.benchmarks.batcher_day import Day, Player, create_player
from tests.benchmarks.batcher_page import LEARNED, Days, costs_table, page, table, verdict
from tests.benchmarks.batcher_passes import pass_costs
from tests.benchmarks.corpus import Corpus, load_corpus
from tests.benchmarks.machine import machine
from tests.benchmarks.parts import note
from tests.benchmarks.place import Place

DOCS = Path(__file__).resolve().parents[2] / "docs"
DAY_SECONDS = 12.0
FIXED_ROWS = (100, 300, 1_000, 3_000)
LEARNED_CHUNK_RECORDS = 250
"""It takes whole chunks: smaller ones let it choose more finely."""
FIRST_PEAK = 0.5
"""Of the first day, as a share of the best rate at which a worker drains."""
STRIDE, STEP, MOST_DAYS = 1.3, 1.12, 8
"""How much busier the next day is: while one is far from the target, and near it."""
SHIPPED = f"at most {Settings().batch_rows:,} rows (shipped)"


def main(
    day_seconds: Annotated[float, typer.Option(help="Seconds that a day takes.")] = DAY_SECONDS,
    out: Annotated[Path, typer.Option(help="Where batching.md and images/batching.png go.")] = DOCS,
) -> None:
    """Play the days; progress on stderr, the tables on stdout."""
    # It reports every retry on topics that are a moment old.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    settings, corpus = Settings(), load_corpus()
    target_ms = float(settings.latency_target_ms)
    facts = machine(settings, corpus.source)
    costs = pass_costs(settings, corpus)
    with Broker() as broker:
        days = asyncio.run(_play(broker.bootstrap, corpus, day_seconds, target_ms))
    print("\n\n".join([costs_table(costs), table(days, target_ms), verdict(days, target_ms)]))
    if day_seconds == DAY_SECONDS:
        text = page(facts, days, costs, target_ms, day_seconds)
        (out / "batching.md").write_text(text, encoding="utf-8")
        _plot(days, target_ms, out / "images" / "batching.png")


async def _play(bootstrap: str, corpus: Corpus, day_seconds: float, target_ms: float) -> Days:
    """Ever busier days, the workers in turn; one that has missed the target plays no more."""
    days: dict[str, list[Day]] = {}
    async with AsyncExitStack() as stack:
        players: dict[str, Player] = {}
        for name, (arguments, settings) in _contenders().items():
            note(f"start: {name}")
            place = Place(bootstrap, Path(tempfile.mkdtemp(prefix="brandpulse-bench-")))
            players[name] = await stack.enter_async_context(create_player(place, corpus, arguments, settings))
        peak = FIRST_PEAK * max(player.drained_per_second for player in players.values())
        for _ in range(MOST_DAYS):
            for name, player in list(players.items()):
                day = await _better_day(player, peak, day_seconds, target_ms)
                note(f"{name}: {peak:,.0f}/s, p50 {day.p50_ms:.0f}, p99 {day.p99_ms:.0f} ms")
                days.setdefault(name, []).append(day)
                if day.p99_ms > target_ms:
                    del players[name]
            best_ms = min(its[-1].p99_ms for its in days.values())
            peak *= STRIDE if best_ms < target_ms / 5 else STEP
            if not players:
                break
    return days


async def _better_day(player: Player, peak_per_second: float, day_seconds: float, target_ms: float) -> Day:
    """One that misses the target is played once more."""
    day = await player.play(peak_per_second, day_seconds, target_ms)
    if day.p99_ms <= target_ms:
        return day
    again = await player.play(peak_per_second, day_seconds, target_ms)
    return min(day, again, key=attrgetter("p99_ms"))


def _contenders() -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    """What is started, with which settings."""
    shipped = Settings()
    found: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
    for rows in FIXED_ROWS:
        name = SHIPPED if rows == shipped.batch_rows else f"at most {rows:,} rows"
        settings = {"BATCH_ROWS": str(rows), "CHUNK_RECORDS": str(min(rows, shipped.chunk_records))}
        found[name] = ("stream", "score"), settings
    settings = {"CHUNK_RECORDS": str(LEARNED_CHUNK_RECORDS), "BUNDLE_WATCH_SECONDS": "0"}
    found[LEARNED] = ("tests.benchmarks.batcher_worker",), settings
    return found


def _plot(days: Days, target_ms: float, path: Path) -> None:
    """p99 against the peak, and over the last day that the shipped one and the learned one both played."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True)
    colours = {name: f"C{number}" for number, name in enumerate(days)}
    for name, its in days.items():
        peaks, p99s_ms = [day.peak_per_second for day in its], [day.p99_ms for day in its]
        left.plot(peaks, p99s_ms, "o-", color=colours[name], label=name)
    both = min(len(days[SHIPPED]), len(days[LEARNED])) - 1
    for name in (SHIPPED, LEARNED):
        day = days[name][both]
        label = f"{name}, {day.peak_per_second:,.0f}/s"
        right.step(range(24), day.hourly_p99_ms, where="post", color=colours[name], label=label)
    for axis in (left, right):
        axis.axhline(target_ms, color="0.6", linewidth=1)
        axis.legend(fontsize=8)
    left.set(xlabel="peak of the day, reviews/s", ylabel="p99 produced to readable, ms", yscale="log")
    right.set(xlabel="hour of the day")
    figure.savefig(path, dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    typer.run(main)
