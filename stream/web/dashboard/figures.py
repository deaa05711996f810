"""A window's figures side by side, none without its interval; those of too few reviews look it."""

from stream.events import LABELS, BrandSentiment, Interval, Window, WindowName
from stream.web.dashboard.nodes import node
from stream.web.dashboard.words import SIGNS, between, percent, signed, trend_words


def window_figures(brand: BrandSentiment, name: WindowName) -> None:
    """Net sentiment, the three shares, reviews, and the change against the week before."""
    window = brand.windows[name]
    few = {} if window.enough else {"data_few": ""}
    with node("dl", classes="bp-figures"):
        with node("div", **few):
            node("dt", "Net sentiment")
            node("dd", "none" if window.net is None else signed(window.net))
            node("dd", _net_note(window), "bp-note")
        for label in LABELS:
            with node("div", **few):
                _share(window, label)
        with node("div"):
            node("dt", f"Reviews in {name}")
            node("dd", f"{reviews(window):,}")
            node("dd", f"{window.late:,} came too late" if window.late else "", "bp-note")
        with node("div", **({} if brand.trend and brand.trend.clear else {"data_few": ""})):
            node("dt", "Change in 24 h")
            node("dd", "none" if brand.trend is None else signed(brand.trend.change))
            node("dd", "" if brand.trend is None else trend_words(brand.trend), "bp-note")


def reviews(window: Window) -> int:
    """How many are in a window."""
    return window.counts.negative + window.counts.neutral + window.counts.positive


def _net_note(window: Window) -> str:
    if window.intervals is None:
        return "no reviews in this window"
    interval = between(window.intervals.net)
    return interval if window.enough else f"{interval}; too few reviews to judge by"


def _share(window: Window, label: str) -> None:
    with node("dt"):
        node("span", label, f"bp-label {label}", data_sign=SIGNS[label])
    if window.shares is None or window.intervals is None:
        node("dd", "none")
        return
    interval: Interval = getattr(window.intervals, label)
    node("dd", percent(getattr(window.shares, label)))
    node("dd", f"{percent(interval.low)} to {percent(interval.high)}", "bp-note")
