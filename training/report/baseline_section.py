"""The report's section on the baselines."""

from collections.abc import Iterator

from training.report.blocks import Block, Cell, Figure, Heading, Paragraph, Table
from training.report.comparison import Compared, Missing
from training.report.findings import Findings
from training.report.plots import operating_plot


def baseline_section(findings: Findings) -> Iterator[Block]:
    """Their table, what it means, and the curves of all models."""
    compared = [each for each in findings.baselines if isinstance(each, Compared)]
    yield Heading("Against the baselines")
    yield _table(findings)
    yield Paragraph(
        "First columns: the labels each model gives by itself. With *: label weights chosen on validation, "
        "for the highest macro-F1 among those with at least our accuracy there; † marks a model that reaches "
        "that accuracy with no weights: it has the best of those within 0.2 points "
        "of its highest. Lead*: our score less the other's at "
        "those weights, with the interval of a paired bootstrap. Every baseline learned from the same files' "
        "train split (the teacher and the ancestor as they were given); its temperature was fitted on "
        "validation, as ours was. VADER only ranks, so it has no calibration error.",
        quiet=True,
    )
    yield Figure(
        operating_plot(findings.curve, [each.curve for each in compared]),
        "Macro-F1 against accuracy on these rows as the label weights move along those best on "
        "validation; the marks are the labels that each model gives by itself.",
    )
    notes = [
        f"{each.title}: temperature {each.temperature:.3f}{each.note and ', ' + each.note}"
        for each in compared
    ]
    notes += [f"{each.title}: {each.reason}" for each in findings.baselines if isinstance(each, Missing)]
    if notes:
        yield Paragraph(". ".join(notes) + ".", quiet=True)


def _table(findings: Findings) -> Table:
    """The model, then every baseline, at its own labels and at our accuracy."""
    ours = findings.labels
    first: list[Cell] = [
        findings.curve.title,
        ours.accuracy,
        ours.macro_f1,
        ours.f1[1].value,
        findings.probabilities.ece.value,
        ours.accuracy.value,
        ours.macro_f1.value,
        None,
        None,
    ]
    header = ["model", "accuracy", "macro-F1", "neutral F1", "ECE"]
    header += ["accuracy*", "macro-F1*", "lead*, accuracy", "lead*, macro-F1"]
    return Table(header, [first, *map(_baseline_row, findings.baselines)], marked=frozenset({0}))


def _baseline_row(baseline: Compared | Missing) -> list[Cell]:
    if isinstance(baseline, Missing):
        return [baseline.title, *[None] * 8]
    own, equal, point = baseline.own, baseline.equal, baseline.point
    return [
        baseline.title,
        own.accuracy,
        own.macro_f1,
        own.f1[1].value,
        baseline.probabilities.ece.value if baseline.probabilities else None,
        equal.accuracy.value if point.floor_reached else f"{equal.accuracy.value:.4f} †",
        equal.macro_f1.value,
        baseline.accuracy_difference,
        baseline.macro_f1_difference,
    ]
