"""What the report shows of the findings, in order."""

from collections.abc import Iterator, Sequence

from training.data import LABELS
from training.report.baseline_section import baseline_section
from training.report.blocks import Block, Code, Figure, Heading, Paragraph, Table, Tiles
from training.report.findings import Findings, Origin
from training.report.intervals import RESAMPLES
from training.report.plots import (
    confusion_plot,
    history_plot,
    neutral_plot,
    reliability_plot,
    source_plot,
)
from training.report.slices import SliceScores


def report_blocks(findings: Findings) -> list[Block]:
    """The whole report."""
    scores = (_start, _scores, baseline_section, _mistakes_by_class, _calibration, _slices)
    return [block for part in (*scores, _variants, _learning, _worst) for block in part(findings)]


def _start(findings: Findings) -> Iterator[Block]:
    origin, labels = findings.origin, findings.labels
    yield Heading(f"Evaluation of {origin.bundle}", level=1)
    yield Paragraph(f"{origin.rows}. {origin.now:%Y-%m-%d %H:%M} UTC.")
    yield Tiles(
        [
            ("Accuracy", labels.accuracy, f"{labels.rows:,} rows"),
            ("Macro-F1", labels.macro_f1, "mean of the classes' F1"),
            ("Neutral F1", labels.f1[1], "the rarest class"),
            ("Calibration error", findings.probabilities.ece, "of the labels given, 15 bins"),
        ]
    )
    yield from _origin(origin)


def _origin(origin: Origin) -> Iterator[Block]:
    weights = ", ".join(
        f"{label} {weight:.4g}" for label, weight in zip(LABELS, origin.label_weights, strict=True)
    )
    rows = [
        ("bundle", f"{origin.bundle}, variant {origin.variant}"),
        ("bundle digest (SHA-256 of its manifest)", origin.bundle_digest),
        ("label weights", weights),
        ("bundle learned from", origin.learned_from),
        ("data", ", ".join(origin.data_files)),
        ("data digest (SHA-256)", origin.data_sha256),
        ("rows", origin.rows),
        ("seed of baselines and intervals", str(origin.seed)),
    ]
    yield Table(["evaluated", ""], rows)
    yield Paragraph("The same again:", quiet=True)
    yield Code(origin.command)


def _scores(findings: Findings) -> Iterator[Block]:
    labels, shares = findings.labels, findings.probabilities
    yield Heading("Scores")
    rows = [
        ("accuracy", labels.accuracy),
        ("macro-F1", labels.macro_f1),
        ("negative log-likelihood, nats", shares.nll),
        ("expected calibration error of the labels given", shares.ece),
        ("classwise calibration error", shares.classwise_ece),
        ("mean absolute error, stars", findings.star_error),
    ]
    yield Table(["score", "value, 95 % interval"], rows)
    yield Paragraph(
        "Stars are predicted as the probabilities times the mean stars of each class in the train split. "
        f"Intervals: percentiles of {RESAMPLES:,} bootstrap resamples of rows. Those of calibration errors "
        "are moved down by what resampling alone adds; the errors themselves hold the noise of few rows.",
        quiet=True,
    )


def _mistakes_by_class(findings: Findings) -> Iterator[Block]:
    labels = findings.labels
    yield Heading("Classes")
    counts = labels.confusion.sum(1).tolist()
    rows = list(zip(LABELS, counts, labels.f1, labels.precision, labels.recall, strict=True))
    yield Table(["class", "rows", "F1", "precision", "recall"], rows)
    yield Figure(confusion_plot(labels.confusion), "Share of each true class that got each label, and rows.")
    counted = [(name, *row) for name, row in zip(LABELS, labels.confusion.tolist(), strict=True)]
    yield Table(["true label", *(f"given {label}" for label in LABELS)], counted)
    yield Figure(
        neutral_plot(findings.split),
        "Precision and recall of neutral as the threshold on its probability falls.",
    )


def _calibration(findings: Findings) -> Iterator[Block]:
    yield Heading("Calibration")
    yield Figure(
        reliability_plot(findings.split),
        "How often labels are right by their confidence (the probability of the label given), with normal "
        "95 % margins, and the rows in each bin.",
    )


def _slices(findings: Findings) -> Iterator[Block]:
    yield Heading("Sources")
    yield Figure(source_plot(findings.sources), "Sources with fewer than 100 rows are one group.")
    yield _slice_table("source", findings.sources)
    yield Heading("Length")
    yield _slice_table("words", findings.lengths)
    yield Heading("Style")
    yield _slice_table("style", findings.styles)
    yield Paragraph(
        "A review can have several styles. Macro-F1 averages the classes that have rows.", quiet=True
    )


def _slice_table(name: str, slices: Sequence[SliceScores]) -> Table:
    rows = [(each.name, each.rows, each.accuracy, each.macro_f1, each.ece) for each in slices]
    return Table([name, "rows", "accuracy", "macro-F1", "calibration error"], rows)


def _variants(findings: Findings) -> Iterator[Block]:
    yield Heading("Variants")
    rows = [
        (
            each.name,
            None if each.flips is None else f"{each.flips:.2%}",
            each.accuracy,
            each.macro_f1,
            None if each.reviews_per_second is None else f"{each.reviews_per_second:,.0f}",
            None if each.size_bytes is None else f"{each.size_bytes / 1e6:.1f}",
        )
        for each in findings.variants
    ]
    yield Table(["variant", "labels unlike fp32", "accuracy", "macro-F1", "reviews/s", "MB"], rows)
    yield Paragraph(
        "On the validation split, at export; reviews a second of CPU time on two threads of that machine.",
        quiet=True,
    )


def _learning(findings: Findings) -> Iterator[Block]:
    yield Heading("Learning curve")
    if findings.history:
        yield Figure(history_plot(findings.history), "By epoch, as the run wrote it down.")
    else:
        yield Paragraph("No run was given with --run, or it wrote no history.")


def _worst(findings: Findings) -> Iterator[Block]:
    yield Heading("Worst mistakes")
    yield Paragraph(
        "The wrong labels with the highest confidence; ids only, texts stay where they are.", quiet=True
    )
    rows = [
        (each.review_id, each.source, str(each.stars or "–"), each.predicted, each.confidence)
        for each in findings.mistakes
    ]
    yield Table(["review", "source", "stars", "label given", "confidence"], rows)
