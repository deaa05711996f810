"""docs/images/soak.png: everything that is judged, over time, readable on a light and on a dark page."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from pathlib import Path

from matplotlib.figure import Figure as Canvas

from tests.benchmarks.drawing import INK, save, style
from tests.benchmarks.soak_samples import ROLES, SOURCES, Figure, Sample, lag_of, of_worker

STYLES = (("#2e8bc0", "-"), ("#d98200", "--"), ("#119a74", "-."), ("#b8689a", ":"))
"""Told apart with any colour vision (after Okabe and Ito), and without any by their dashes."""
Curves = Mapping[str, Figure]


def _panels() -> dict[str, Curves]:
    return {
        "resident memory, MiB": {role: of_worker(role, "resident_mib") for role in ROLES},
        "file descriptors": {role: of_worker(role, "descriptors") for role in ROLES},
        "threads": {role: of_worker(role, "threads") for role in ROLES},
        "produced → label readable, ms": {"p50": attrgetter("p50_ms"), "p99": attrgetter("p99_ms")},
        "consumer lag, offsets": {role: lag_of(role) for role in SOURCES},
        "RocksDB on disk, MiB": {"brands": attrgetter("rocksdb_mib")},
    }


def plot(samples: Sequence[Sample], path: Path) -> None:
    """Write the plot."""
    minutes = [sample.seconds / 60 for sample in samples]
    with style():
        figure = Canvas(figsize=(9, 4.6), layout="constrained")
        panels = _panels()
        for axes, (title, curves) in zip(figure.subplots(2, 3).flat, panels.items(), strict=True):
            styles = STYLES[1:] if list(curves) == ["brands"] else STYLES
            for (name, of), (colour, dashes) in zip(curves.items(), styles, strict=False):
                axes.plot(minutes, [of(s) for s in samples], dashes, color=colour, linewidth=1.2, label=name)
            axes.set_title(title)
            axes.set_xlabel("minutes")
            axes.set_ylim(bottom=0)
            axes.grid(color=INK, alpha=0.2, linewidth=0.6)
            axes.legend(frameon=False, fontsize=7)
        save(figure, path)
