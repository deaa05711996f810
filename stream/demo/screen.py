"""What the demo shows: a live table on a terminal, a plain line now and then elsewhere."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from stream.demo.ledger import Ledger
from stream.events import LABELS, BrandSentiment, Scores, Window

BAR_CELLS = 28
PLAIN_SECONDS = 5.0
HISTORY = 10
WINDOW: Literal["5m"] = "5m"
# Colours of Okabe and Ito that the common kinds of colour blindness tell apart; the letters do without.
STYLES = {"negative": "black on #D55E00", "neutral": "black on #BBBBBB", "positive": "white on #0072B2"}
LETTERS = {"negative": "-", "neutral": "o", "positive": "+"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the demo is."""

    stage: str
    seconds: float
    """Since this stage began."""
    fed: int
    """Reviews whose delivery is confirmed."""

    def line(self, ledger: Ledger) -> str:
        """One line of counts; the lag is of the whole pipeline: reviews fed that have no outcome yet."""
        dead = ledger.dead.total()
        return (
            f"{self.stage} for {self.seconds:.0f} s: fed {self.fed:,}, labelled {ledger.labelled:,}, "
            f"dead letters {dead:,}, lag {max(0, self.fed - ledger.labelled - dead):,}, "
            f"in brands {ledger.in_brands:,}"
        )


class Screen:
    """Shows progress and brands; `live` is None where there is no terminal."""

    def __init__(self, console: Console, live: Live | None) -> None:
        self._console = console
        self._live = live
        self._told: Progress | None = None
        self._history: deque[tuple[float, int]] = deque(maxlen=HISTORY)

    def show(self, progress: Progress, ledger: Ledger) -> None:
        """Show this state; without a terminal only when the stage is new or some seconds have passed."""
        if self._live is not None:
            table = brand_table(list(ledger.brands.values()))
            self._live.update(Group(table, self._throughput(progress, ledger)), refresh=True)
            return
        last = self._told
        if last is None or last.stage != progress.stage or progress.seconds - last.seconds >= PLAIN_SECONDS:
            self._told = progress
            self.tell(self._throughput(progress, ledger))

    def tell(self, message: str) -> None:
        """Say something in words."""
        self._console.print(message, markup=False, highlight=False, soft_wrap=True)

    def _throughput(self, progress: Progress, ledger: Ledger) -> str:
        """The line of counts, with the labels a second of late."""
        now_seconds = time.monotonic()
        self._history.append((now_seconds, ledger.labelled))
        first_seconds, first_labelled = self._history[0]
        seconds = max(now_seconds - first_seconds, 0.001)
        return f"{progress.line(ledger)}, {(ledger.labelled - first_labelled) / seconds:,.0f} labels/s"


@contextmanager
def open_screen(console: Console) -> Iterator[Screen]:
    """A screen on this console; the last table stays when it closes."""
    if not console.is_terminal:
        yield Screen(console, None)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield Screen(console, live)


def brand_table(brands: Sequence[BrandSentiment]) -> Table:
    """Brands by name, with their last five minutes."""
    caption = "- negative   o neutral   + positive"
    table = Table(title=f"Brands, last {WINDOW}", caption=caption, box=box.SIMPLE)  # 80 columns are enough
    table.add_column("brand", no_wrap=True)
    table.add_column("reviews", justify="right")
    table.add_column("shares", width=BAR_CELLS)
    table.add_column("net, 95 % interval", justify="right", no_wrap=True)
    for brand in sorted(brands, key=lambda brand: brand.brand_key):
        window = brand.windows[WINDOW]
        table.add_row(
            Text(brand.brand),
            f"{_reviews(window):,}",
            share_bar(window.shares),
            Text(_net(window), "" if window.enough else "dim"),
        )
    return table


def share_bar(shares: Scores | None) -> Text:
    """A bar of 28 cells; the parts are rounded so that they fill it.

    >>> share_bar(Scores(negative=0.5, neutral=0.1, positive=0.4)).plain
    '--------------ooo+++++++++++'
    """
    bar = Text()
    if shares is None:
        return bar
    reached, drawn = 0.0, 0
    for label in LABELS:
        reached += getattr(shares, label) * BAR_CELLS
        cells = max(0, min(BAR_CELLS, round(reached)) - drawn)
        bar.append(LETTERS[label] * cells, STYLES[label])
        drawn += cells
    return bar


def _reviews(window: Window) -> int:
    return window.counts.negative + window.counts.neutral + window.counts.positive


def _net(window: Window) -> str:
    if window.net is None or window.intervals is None:
        return ""
    interval = window.intervals.net
    return f"{window.net:+.2f} [{interval.low:+.2f}, {interval.high:+.2f}]"
