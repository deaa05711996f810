"""Plots as SVG that stand inside a page, on light and on dark paper: ink is the page's own colour."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours for all kinds of colour vision, those that show on white and on black.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY = (
    "#0b7cc4",
    "#d98a00",
    "#009e73",
    "#d55e00",
    "#b8689a",
    "#4aa6dd",
)
INK = "#010203"  # replaced by the page's colour
OTHERS = ((ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (VERMILION, "v"), (SKY, "P"), (INK, "X"), (ORANGE, "*"))


@contextmanager
def style() -> Iterator[None]:
    """Within it, plots have the report's look."""
    from matplotlib import rc, rc_context

    with rc_context():
        rc("font", family="sans-serif", size=10)
        rc("text", color=INK)
        rc("axes", edgecolor=INK, labelcolor=INK, titlesize=11, titlelocation="left", axisbelow=True)
        rc("axes.spines", top=False, right=False)
        rc("xtick", color=INK)
        rc("ytick", color=INK)
        rc("legend", frameon=False)
        rc("svg", fonttype="none", hashsalt="brandpulse")
        yield


def new_figure(width: float, height: float, columns: int = 1) -> tuple["Figure", list["Axes"]]:
    """A figure of `width` x `height` inches with `columns` plots side by side, each with a faint grid."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    plots = list(figure.subplots(1, columns, squeeze=False)[0])
    for axes in plots:
        axes.grid(color=INK, alpha=0.12, linewidth=0.7)
    return figure, plots


def to_svg(figure: "Figure", name: str, description: str) -> str:
    """The figure as an SVG element; `name` keeps its ids apart from those of the page's other plots."""
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawn = out.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", drawn)
    drawn = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", drawn)
    drawn = drawn.replace(INK, "currentColor")
    label = escape(description, quote=True)
    return drawn.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
