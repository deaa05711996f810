"""What the plots of the pages share: readable on a light and on a dark page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matplotlib import rc, rc_context
from matplotlib.figure import Figure

INK = "#808080"


@contextmanager
def style(title_size: int = 9) -> Iterator[None]:
    """Within it, plots have the pages' look."""
    with rc_context():
        rc("font", size=8)
        rc("text", color=INK)
        rc("axes", edgecolor=INK, labelcolor=INK, titlelocation="left", titlesize=title_size)
        rc("axes.spines", top=False, right=False)
        rc("xtick", color=INK)
        rc("ytick", color=INK)
        yield


def save(figure: Figure, path: Path) -> None:
    """Write it where a page shows it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, transparent=True)
