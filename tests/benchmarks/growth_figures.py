"""What is found about growth: points on curves, and the power that each grows with. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Point:
    """Figures, by name, at one amount of work."""

    at: float
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """What one run of a part found."""

    facts: list[tuple[str, str]]
    """About the machine."""
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Part:
    """One question: what grows, and what is looked at meanwhile."""

    name: str
    title: str
    axis: str
    figures: tuple[str, ...]
    note: str


def power(points: Sequence[Point], figure: str) -> float | None:
    """The b of a x^b through the points, least squares of the logarithms; None where there is none.

    >>> power([Point(1, {"s": 3}), Point(10, {"s": 300})], "s")
    2.0
    """
    both = [(point.at, point.figures[figure]) for point in points]
    if len({at for at, _ in both}) < 2 or min(min(pair) for pair in both) <= 0:
        return None
    at, values = np.log(np.array(both)).T
    return round(float(np.polyfit(at, values, 1)[0]), 2) + 0.0  # never -0.0
