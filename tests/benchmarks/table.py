"""The figures as Markdown: pure, from values to text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

BAR_CHARACTERS = 40

METHOD = """\
Every figure is of one run on one machine. What counts is the ratio, because absolute rates say as much
about the machine as about the program: the whole way (Kafka, decode, tokenise, model, calibrate, encode,
transaction) against nothing but runs of the same model on the same texts, tokenised, packed by length and
divided over the cores beforehand. The bare model is measured before and after the worker and the mean is
taken; a spread much above 10 % means that neighbours on the machine moved the figures. Broker, worker and
load share the cores. Rates of a worker are taken between 10 % and 90 % of a backlog, those of `score` from
the times on the labels, all of which are read back under `read_committed` and counted. All texts differ, so
the cache of known texts never answers. Repeat it with `make bench`; `python -m tests.benchmarks --help`
shows how to measure one part."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `met` is None where there is no target."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None


def at_least(what: str, value: float, target: float, form: Callable[[float], str]) -> Row:
    """A row whose figure should not be below its target.

    >>> at_least("ratio", 0.5, 0.9, "{:.2f}".format)
    Row(what='ratio', measured='0.50', target='≥ 0.90', met=False)
    """
    return Row(what, form(value), f"≥ {form(target)}", value >= target)


def at_most(what: str, value: float, target: float, form: Callable[[float], str]) -> Row:
    """A row whose figure should not be above its target."""
    return Row(what, form(value), f"≤ {form(target)}", value <= target)


def results_table(rows: Iterable[Row]) -> str:
    """The figures with their targets."""
    verdict = {True: "met", False: "**missed**", None: ""}
    return markdown_table(
        ("what", "measured", "target", ""), [(r.what, r.measured, r.target, verdict[r.met]) for r in rows]
    )


def machine_table(facts: Iterable[tuple[str, str]]) -> str:
    """What it was measured on."""
    return markdown_table(("", ""), list(facts))


def stage_table(microseconds: Mapping[str, float]) -> str:
    """Microseconds a review by stage, with a bar for each.

    >>> print(stage_table({"decode": 1.0, "model": 3.0}))
    | stage | µs a review | share | |
    |---|---|---|---|
    | decode | 1.0 | 25 % | `██████████` |
    | model | 3.0 | 75 % | `██████████████████████████████` |
    """
    total = sum(microseconds.values())
    rows = [
        (stage, f"{spent:.1f}", f"{spent / total:.0%}".replace("%", " %"), f"`{_bar(spent / total)}`")
        for stage, spent in microseconds.items()
    ]
    return markdown_table(("stage", "µs a review", "share", ""), rows)


def page(
    facts: Iterable[tuple[str, str]],
    rows: Sequence[Row],
    stages: Mapping[str, float],
    notes: Sequence[str],
    sections: Sequence[str] = (),
) -> str:
    """The whole of docs/benchmarks.md; `sections` are Markdown, each with its heading."""
    missed = [row.what for row in rows if row.met is False]
    verdict = f"Missed here: {'; '.join(missed)}." if missed else "Every target with a figure here is met."
    parts = [
        "# Benchmarks",
        "Written by `make bench`; do not edit.",
        "Beside what people would use instead: [scorecard](scorecard.md).",
        machine_table(facts),
        "## Results",
        results_table(rows),
        verdict,
        *notes,
    ]
    if stages:
        parts += ["## The pipeline by stage", "One thread, no Kafka.", stage_table(stages)]
    return "\n\n".join([*parts, *sections, "## Method", METHOD]) + "\n"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells under a head."""
    lines = [head, ["---"] * len(head), *rows]
    first, second, *rest = (_line(cells) for cells in lines)
    return "\n".join([first, second.replace(" ", ""), *rest])


def _line(cells: Sequence[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _bar(share: float) -> str:
    return "█" * max(1, round(share * BAR_CHARACTERS))
