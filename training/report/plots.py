"""The plots of a report; each gives an SVG element."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from training.data import LABELS, Ints
from training.evaluate import ECE_BINS, confidence_bins
from training.report.comparison import Curve, Split
from training.report.drawing import BLUE, GREEN, INK, ORANGE, OTHERS, new_figure, style, to_svg
from training.report.history import Step
from training.report.slices import SliceScores

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def confusion_plot(confusion: Ints) -> str:
    """Shares of each true class (rows) by label given (columns), with counts."""
    from matplotlib.patches import Rectangle

    shares = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    with style():
        figure, (axes,) = new_figure(6.4, 3.4)
        axes.grid(visible=False)
        for (row, column), share in np.ndenumerate(shares):
            corner = (column - 0.49, row - 0.49)
            axes.add_patch(
                Rectangle(corner, 0.98, 0.98, facecolor=BLUE, alpha=0.06 + 0.74 * share, linewidth=0)
            )
            words = f"{share:.1%}\n{confusion[row, column]:,}"
            axes.text(column, row, words, ha="center", va="center", fontsize=11)
        axes.set(xlim=(-0.5, 2.5), ylim=(2.5, -0.5), xlabel="label given", ylabel="true label")
        axes.set_xticks(range(3), LABELS)
        axes.set_yticks(range(3), LABELS)
        axes.tick_params(length=0)
        return to_svg(figure, "confusion", "Confusion matrix")


def reliability_plot(split: Split) -> str:
    """How often labels are right against their confidence, in 15 bins, and how many rows each bin has."""
    confidence = split.answers.confidence
    right = split.answers.predicted == split.labels
    bins = confidence_bins(confidence)
    counts = np.bincount(bins, minlength=ECE_BINS)
    some = counts > 0
    sums = (np.bincount(bins, weights=values, minlength=ECE_BINS) for values in (confidence, right))
    mean_confidence, share_right = (total[some] / counts[some] for total in sums)
    margin = 1.96 * np.sqrt(share_right * (1 - share_right) / counts[some])
    with style():
        figure, (axes, rows) = new_figure(9.6, 3.8, columns=2)
        axes.plot([0, 1], [0, 1], color=INK, alpha=0.5, linewidth=1, linestyle="--", label="perfect")
        axes.errorbar(
            mean_confidence, share_right, margin, color=BLUE, marker="o", capsize=2, label="this model"
        )
        axes.set(
            xlim=(0, 1.01), ylim=(0, 1.03), xlabel="confidence", ylabel="share right", title="Reliability"
        )
        axes.legend(loc="upper left")
        rows.bar((np.arange(ECE_BINS) + 0.5) / ECE_BINS, counts, width=0.9 / ECE_BINS, color=BLUE)
        rows.set(xlim=(0, 1.01), xlabel="confidence", ylabel="rows", title="Rows in each bin")
        return to_svg(figure, "reliability", "Reliability diagram and rows by confidence")


def source_plot(sources: Sequence[SliceScores]) -> str:
    """Accuracy, macro-F1 and calibration error of each source with 95 % intervals."""
    shown = [("accuracy", BLUE), ("macro_f1", GREEN), ("ece", ORANGE)]
    titles = ("accuracy", "macro-F1", "calibration error")
    places = np.arange(len(sources))[::-1]
    with style():
        figure, plots = new_figure(10.8, 1.2 + 0.3 * len(sources), columns=3)
        for axes, (name, colour), title in zip(plots, shown, titles, strict=True):
            intervals = [getattr(source, name) for source in sources]
            values = np.array([interval.value for interval in intervals])
            spread = [
                [max(0.0, interval.value - interval.low) for interval in intervals],
                [max(0.0, interval.high - interval.value) for interval in intervals],
            ]
            axes.barh(places, values, color=colour, alpha=0.75, height=0.66)
            axes.errorbar(values, places, xerr=spread, fmt="none", ecolor=INK, elinewidth=1, capsize=2)
            axes.set_yticks(places, [f"{source.name} ({source.rows:,})" for source in sources])
            axes.tick_params(axis="y", length=0, labelleft=axes is plots[0])
            axes.set(title=title, ylim=(-0.6, len(sources) - 0.4))
            axes.grid(visible=False, axis="y")
        return to_svg(figure, "sources", "Accuracy, macro-F1 and calibration error by source")


def history_plot(steps: Sequence[Step]) -> str:
    """Training loss and, where it was scored, accuracy and macro-F1 on validation, by epoch."""
    series = [
        ("train_loss", "training loss", INK, 0),
        ("nll", "validation NLL", ORANGE, 0),
        ("accuracy", "validation accuracy", BLUE, 1),
        ("macro_f1", "validation macro-F1", GREEN, 1),
    ]
    with style():
        figure, plots = new_figure(9.6, 3.4, columns=2)
        for name, title, colour, place in series:
            points = [(step.epoch, getattr(step, name)) for step in steps if getattr(step, name) is not None]
            if points:
                marker = "" if name == "train_loss" else "o"
                plots[place].plot(
                    *zip(*points, strict=True), color=colour, marker=marker, markersize=4, label=title
                )
        for axes in plots:
            axes.set(xlabel="epoch")
            if axes.lines:
                axes.legend()
        return to_svg(figure, "history", "Learning curve")


def neutral_plot(split: Split) -> str:
    """Precision against recall of neutral as the threshold on its probability falls."""
    neutral = split.labels == 1
    order = np.argsort(-split.answers.probabilities[:, 1], kind="stable")
    found = np.cumsum(neutral[order])
    recall, precision = found / max(int(neutral.sum()), 1), found / np.arange(1, len(order) + 1)
    given = split.answers.predicted == 1
    hits = int((given & neutral).sum())
    with style():
        figure, (axes,) = new_figure(6.4, 3.6)
        axes.plot(recall, precision, color=BLUE, linewidth=1.6, label="by probability alone")
        axes.axhline(
            neutral.mean(), color=INK, alpha=0.5, linewidth=1, linestyle="--", label="share of neutral"
        )
        if hits:
            axes.plot(
                hits / neutral.sum(), hits / given.sum(), "o", color=ORANGE, markersize=9, label="as shipped"
            )
        axes.set(xlim=(0, 1.01), ylim=(0, 1.03), xlabel="recall of neutral", ylabel="precision of neutral")
        axes.legend()
        return to_svg(figure, "neutral", "Precision and recall of neutral")


def operating_plot(ours: Curve, others: Sequence[Curve]) -> str:
    """Macro-F1 against accuracy as the label weights move; what each model gives by itself is marked."""
    looks = OTHERS * (len(others) // len(OTHERS) + 1)
    accuracies, macro_f1s = ours.accuracy_macro_f1.T
    with style():
        figure, (near, everything) = new_figure(10.8, 4.6, columns=2)
        for axes in (near, everything):
            for curve, (colour, marker) in zip(others, looks, strict=False):
                _draw_curve(axes, curve, colour, marker, 1.2)
            _draw_curve(axes, ours, BLUE, "o", 2.4)
            axes.set(xlabel="accuracy", ylabel="macro-F1")
        near.set(
            title="Around this model",
            xlim=(min(*accuracies, ours.own[0]) - 0.02, max(*accuracies, ours.own[0]) + 0.015),
            ylim=(min(*macro_f1s, ours.own[1]) - 0.06, max(*macro_f1s, ours.own[1]) + 0.03),
        )
        everything.set(title="All")
        figure.legend(*near.get_legend_handles_labels(), loc="outside lower center", ncols=4)
        return to_svg(figure, "operating", "Macro-F1 against accuracy of all models")


def _draw_curve(axes: "Axes", curve: Curve, colour: str, marker: str, width: float) -> None:
    accuracy, macro_f1 = curve.accuracy_macro_f1.T
    axes.plot(accuracy, macro_f1, color=colour, linewidth=width)
    own_accuracy, own_macro_f1 = curve.own
    axes.plot(
        [own_accuracy], [own_macro_f1], color=colour, marker=marker, markersize=6 + width, label=curve.title
    )
