"""docs/images/scorecard.png: what a reader sees first, readable on a light and on a dark page."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib import rc
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.benchmarks.drawing import INK, save, style
from tests.benchmarks.scorecard.contestants import ONE_PROCESS, OURS
from tests.benchmarks.scorecard.load import SHARES
from tests.benchmarks.scorecard.results import Card, Results

OUR_COLOUR, OTHER_COLOUR = "#d98200", "#2e8bc0"
"""Told apart with any colour vision (after Okabe and Ito)."""


def draw(results: Results, directory: Path) -> None:
    """Write the plot."""
    cards = [card for card in results.cards.values() if card.rounds][::-1]
    with style():
        rc("axes", axisbelow=True)
        figure = Figure(figsize=(10, 3.2), layout="constrained")
        rate, cpu, delay = figure.subplots(1, 3, sharey=True)
        _bars(rate, cards, "reviews a second", lambda card: card.per_second)
        _bars(
            cpu,
            cards,
            "CPU seconds for a million reviews",
            lambda card: card.median(lambda one: one.cpu_seconds_per_million),
        )
        _delays(delay, cards)
        save(figure, directory / "scorecard.png")


def _bars(axes: Axes, cards: Sequence[Card], title: str, of: Callable[[Card], float]) -> None:
    colours = [OUR_COLOUR if card.name in (OURS, ONE_PROCESS) else OTHER_COLOUR for card in cards]
    bars = axes.barh([card.title for card in cards], [of(card) for card in cards], color=colours)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3, color=INK)
    axes.set_xscale("log")
    axes.margins(x=0.2)
    axes.set_title(title)
    axes.grid(axis="x", color=INK, alpha=0.2, linewidth=0.6)


def _delays(axes: Axes, cards: Sequence[Card]) -> None:
    for place, card in enumerate(cards):
        if card.loaded is None:
            continue
        last = card.loaded.delays[-1]
        reached = [ms for ms in (last.p50_ms, last.p99_ms, last.p999_ms) if math.isfinite(ms)]
        colour = OUR_COLOUR if card.name in (OURS, ONE_PROCESS) else OTHER_COLOUR
        axes.plot(reached, [place] * len(reached), color=colour, linewidth=1.5)
        for ms, marker in zip(reached, "o|D", strict=False):
            axes.plot(ms, place, marker, color=colour, markersize=5)
    axes.set_xscale("log")
    axes.set_title(f"ms at {SHARES[-1]:.0%}: ● p50, | p99, ◆ p99.9")
    axes.grid(axis="x", color=INK, alpha=0.2, linewidth=0.6)
