"""The figures of a card as a section of docs/benchmarks.md: pure, from values to text."""

from collections.abc import Iterable

from tests.benchmarks.gpu_parts import Found
from tests.benchmarks.table import machine_table, markdown_table

BEGIN, END = "<!-- gpu: begin, written by make bench-gpu -->", "<!-- gpu: end -->"

UNPROVEN = """\
## On a GPU

Unproven: no figure here is of a card yet. `make test-gpu` and `make bench-gpu` need an NVIDIA card and
`onnxruntime-gpu`; `make bench-gpu` puts its figures in the place of this section."""


def section(facts: Iterable[tuple[str, str]], found: Found) -> str:
    """Everything that was measured on one card."""
    parts = ["## On a GPU", machine_table(facts), "Seconds until a model is loaded and warmed up:"]
    parts.append(
        markdown_table(("variant", "seconds"), [(name, f"{spent:.1f}") for name, spent in found.load.items()])
    )
    parts += [
        "Texts of real lengths, tokenised and packed beforehand, one process:",
        _rates(("variant", "padded tokens a batch"), found.packed),
        "Rows that are all equally long:",
        _rates(("variant", "rows", "tokens a row"), found.shapes),
        "Processes on one card, from text to label, without Kafka:",
        _rates(("variant", "processes"), found.processes),
    ]
    return "\n\n".join(parts)


def put_section(page: str, text: str) -> str:
    """The page with `text` between the markers, at its end where it has none."""
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        return f"{page.rstrip()}\n\n{BEGIN}\n{text}\n{END}\n"
    return f"{page[:begin]}{BEGIN}\n{text}\n{page[end:]}"


def get_section(page: str) -> str:
    """What is between the markers; that nothing is proven where there are none.

    >>> get_section(put_section("", "figures"))
    'figures'
    """
    begin, end = page.find(BEGIN), page.find(END)
    return UNPROVEN if begin < 0 or end < begin else page[begin + len(BEGIN) : end].strip("\n")


def _rates(
    head: tuple[str, ...], rates: dict[tuple[str, int], float] | dict[tuple[str, int, int], float]
) -> str:
    rows = [
        (*(f"{part:,}" if isinstance(part, int) else part for part in key), f"{rate:,.0f}")
        for key, rate in rates.items()
    ]
    return markdown_table((*head, "reviews/s"), rows)
