"""docs/images/growth-PART.png: figures against work, for a light and a dark page."""

from collections.abc import Iterable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter, StrMethodFormatter

from tests.benchmarks.drawing import INK, save, style
from tests.benchmarks.growth_figures import Found, Part, power
from tests.benchmarks.soak_plot import STYLES

PANEL_INCHES = 3.0
CLOSE = 150


def plot(part: Part, found: Found, path: Path) -> None:
    """Write the plot, a panel for each figure."""
    with style(title_size=8):
        count = len(part.figures)
        canvas = Figure(figsize=(PANEL_INCHES * count, 2.6), layout="constrained")
        for axes, figure in zip(canvas.subplots(1, count, squeeze=False).flat, part.figures, strict=True):
            _draw(axes, part, found, figure)
        save(canvas, path)


def _draw(axes: Axes, part: Part, found: Found, figure: str) -> None:
    colour, _ = STYLES[0]
    values = [point.figures[figure] for point in found.points]
    axes.loglog([point.at for point in found.points], values, "o-", color=colour, markersize=4, linewidth=1.2)
    grows = power(found.points, figure)
    axes.set_title(figure if grows is None else f"{figure} ~ x^{grows:.2f}")
    axes.set_xlabel(part.axis)
    axes.set_ylim(*_limits(values))
    works = [point.at for point in found.points]
    # One label a decade where there are many, so that none lies on another.
    subs = (1, 2, 5) if max(works) < CLOSE * min(works) else (1,)
    axes.xaxis.set_major_locator(LogLocator(subs=subs, numticks=8))
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    axes.grid(color=INK, alpha=0.2, linewidth=0.6)


def _limits(values: Iterable[float]) -> tuple[float, float]:
    """At least a decade, so that what is constant looks so."""
    lowest, highest = min(values), max(values)
    spare = max(1.3, (10 * lowest / highest) ** 0.5)
    return lowest / spare, highest * spare
