"""What the demo shows, on a terminal and without one."""

import io

import pytest
from rich.console import Console

from stream.demo.ledger import Ledger
from stream.demo.screen import BAR_CELLS, Progress, brand_table, open_screen, share_bar
from stream.events import BrandSentiment, Counts, FoldedTo, Interval, Intervals, Scores, Series, Window


def brand(name: str, counts: Counts, shares: Scores | None) -> BrandSentiment:
    part = Interval(low=0.1, high=0.9)
    net = None if shares is None else shares.positive - shares.negative
    intervals = Intervals(negative=part, neutral=part, positive=part, net=Interval(low=-0.25, high=0.5))
    window = Window(
        start=0,
        end=1,
        counts=counts,
        counted=shares,
        shares=shares,
        net=net,
        intervals=None if shares is None else intervals,
        enough=counts.positive >= 3,
        late=0,
    )
    nothing = Series(start=0, step=60_000, negative=[], neutral=[], positive=[])
    return BrandSentiment(
        brand=name,
        brand_key=name.lower(),
        as_of=1,
        windows={"5m": window, "1h": window, "24h": window, "7d": window},
        trend=None,
        minutes=nothing,
        hours=nothing,
        model="m",
        origin=FoldedTo(partition=0, offset=1),
    )


@pytest.mark.parametrize(
    ("shares", "bar"),
    [
        ((1.0, 0.0, 0.0), "-" * 28),
        ((0.0, 0.0, 1.0), "+" * 28),
        ((0.2, 0.3, 0.5), "------oooooooo++++++++++++++"),
        ((1 / 3, 1 / 3, 1 / 3), "---------oooooooooo+++++++++"),
    ],
)
def test_the_bar_is_filled_by_the_shares(shares: tuple[float, float, float], bar: str) -> None:
    negative, neutral, positive = shares
    drawn = share_bar(Scores(negative=negative, neutral=neutral, positive=positive)).plain
    assert drawn == bar
    assert len(drawn) == BAR_CELLS


def test_the_table_shows_brands_with_net_sentiment_and_interval() -> None:
    console = Console(file=io.StringIO(), width=80)
    full = brand(
        "Bolt", Counts(negative=1, neutral=2, positive=3000), Scores(negative=0.1, neutral=0.1, positive=0.8)
    )
    empty = brand("Acme [sic]", Counts(negative=0, neutral=0, positive=0), None)
    console.print(brand_table([full, empty]))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "3,003" in shown
    assert "+0.70 [-0.25, +0.50]" in shown
    assert shown.index("Acme [sic]") < shown.index("Bolt")


def test_without_a_terminal_lines_come_now_and_then() -> None:
    console = Console(file=io.StringIO(), force_terminal=False, width=200)
    ledger = Ledger({}, labelled=7)
    with open_screen(console) as screen:
        for seconds in (0.0, 0.5, 1.0, 5.0, 5.5):
            screen.show(Progress("feeding", seconds, 10), ledger)
        screen.show(Progress("finishing", 0.0, 10), ledger)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "feeding for 0 s",
        "feeding for 5 s",
        "finishing for 0 s",
    ]
    assert "fed 10, labelled 7, dead letters 0, lag 3" in lines[0]


def test_on_a_terminal_the_table_is_live() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    ledger = Ledger({})
    ledger.brands[b"acme"] = brand("Acme", Counts(negative=0, neutral=0, positive=1), None)
    with open_screen(console) as screen:
        screen.show(Progress("feeding", 1.0, 1), ledger)
    assert isinstance(console.file, io.StringIO)
    assert "Acme" in console.file.getvalue()
