"""What a report consists of, whichever way it is written: headings, paragraphs, tables, figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.report.intervals import Interval

Cell = str | int | float | Interval | None


@dataclass(frozen=True, slots=True)
class Heading:
    """Of a section; level 1 is the title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text; `quiet` for remarks below a table."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Text to copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """The few numbers to see first: (name, number, remark)."""

    tiles: Sequence[tuple[str, Cell, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a header; `marked` rows, by index, are the model's own."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    marked: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Figure:
    """An SVG without outer references, what it shows, and the words for those who cannot see it."""

    svg: str
    caption: str


Block = Heading | Paragraph | Code | Tiles | Table | Figure


def plain(cell: Cell) -> str:
    """A cell as text; an interval as "value [low, high]", None as a dash."""
    match cell:
        case None:
            return "–"
        case Interval(value, low, high):
            return f"{value:.4f} [{low:.4f}, {high:.4f}]"
        case float():
            return f"{cell:.4f}"
        case int():
            return f"{cell:,}"
        case str():
            return cell
