"""docs/growth.md: how cost grows with work. From values to text; pure."""

from collections.abc import Iterator, Mapping, Sequence

from tests.benchmarks.forms import mebibytes, seconds
from tests.benchmarks.growth_brands import PEAK, RECOVERED
from tests.benchmarks.growth_figures import Found, Part, Point, power
from tests.benchmarks.table import Row, at_most, machine_table, markdown_table, results_table

RECOVERED_BRANDS, MOST_SECONDS = 100_000, 15
HELD_BRANDS, MOST_MIB = 1_000_000, 4_096

HEAD = """\
# How cost grows with work

Written by `python -m tests.benchmarks.growth`; do not edit. `--only` measures some parts again, the
others keep what they found.

Workers, an embedded Kafka of one node and the load share the cores. Both axes are logarithmic; *grows as* is
the b of a·x^b through the points: 0 is constant, 1 is in proportion, -1 halves when the work doubles."""


def page(parts: Sequence[Part], found: Mapping[str, Found]) -> str:
    """The whole page, of the parts that were measured."""
    sections = [HEAD]
    if targets := list(_targets(found)):
        sections.append(results_table(targets))
    for part in parts:
        if part.name in found:
            sections += _section(part, found[part.name])
    return "\n\n".join(sections) + "\n"


def _section(part: Part, found: Found) -> list[str]:
    image = f"![{part.title}](images/growth-{part.name}.png)"
    rows = [
        (f"{point.at:,.0f}", *(form(point.figures[name]) for name in part.figures)) for point in found.points
    ]
    powers = (power(found.points, name) for name in part.figures)
    rows.append(("grows as", *("" if grows is None else f"x^{grows:.2f}" for grows in powers)))
    table = markdown_table((part.axis, *part.figures), rows)
    return [f"## {part.title}", part.note, image, table, machine_table(found.facts)]


def _targets(found: Mapping[str, Found]) -> Iterator[Row]:
    for point in found["brands"].points if "brands" in found else ():
        yield from _target(point)


def _target(point: Point) -> Iterator[Row]:
    if point.at == RECOVERED_BRANDS:
        what = f"{RECOVERED_BRANDS:,} brands: {RECOVERED}"
        yield at_most(what, point.figures[RECOVERED], MOST_SECONDS, seconds)
    if point.at == HELD_BRANDS:
        what = f"{HELD_BRANDS:,} brands: {PEAK}"
        yield at_most(what, point.figures[PEAK], MOST_MIB, mebibytes)


def form(value: float) -> str:
    """Three digits, or all before the point.

    >>> form(1234.5), form(12.345), form(0.5)
    ('1,234', '12.3', '0.50')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
