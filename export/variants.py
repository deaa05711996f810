"""The forms of one model, fp32, int8 and fp16: written, held against each other, and one of them chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from export.errors import ParityError
from export.graph import Weights, build_graph
from export.parity import Ints, Logits, Run, check_flips
from export.quantize import quantize
from export.runtime import batch_rows, onnx_run, probabilities, run_rows
from export.speed import Timed, reviews_per_second
from training.evaluate import Evaluation, evaluate
from training.operating import weighted_labels
from training.tokenizer import PAD_ID

FILES = {"fp32": "model.onnx", "int8": "model.int8.onnx", "fp16": "model.fp16.onnx"}
ON_CPU = ("fp32", "int8")
MOST_MACRO_F1_LOST = 0.003
_TIMED_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Examples:
    """What to compare on: token ids, label indices [rows], and how a worker gets labels from logits."""

    rows: list[list[int]]
    labels: Ints
    temperature: float
    label_weights: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the model and what the examples say of it; `flips` is the share of labels unlike fp32's.

    `reviews_per_second` are those of `export.speed`; a form that no CPU is to run has none. fp16 was run on
    the CPU, which rounds its weights and what operators hand on, yet computes within each in fp32.
    """

    run: Run
    logits: Logits
    scores: Evaluation
    flips: float
    size_bytes: int
    reviews_per_second: float | None

    def facts(self) -> dict[str, Any]:
        """What the manifest tells of it."""
        return {
            "flips": self.flips,
            "accuracy": self.scores.accuracy,
            "macro_f1": self.scores.macro_f1,
            "reviews_per_second": self.reviews_per_second,
            "bytes": self.size_bytes,
        }


def write_variants(directory: Path, weights: Weights, wanted: Sequence[str]) -> None:
    """Write the models of `wanted`, of which int8 needs fp32 before it."""
    for name in wanted:
        if name == "int8":
            quantize(directory / FILES["fp32"], directory / FILES[name])
        else:
            onnx.save(build_graph(weights, half=name == "fp16"), directory / FILES[name])


def measure_variants(directory: Path, wanted: Sequence[str], examples: Examples) -> dict[str, Variant]:
    """Run the models of `wanted`, fp32 first, on the examples.

    Raises:
        ParityError: one of them changes more than 0.5 % of fp32's labels, or answers no numbers.
    """
    runs = {name: onnx_run(directory / FILES[name]) for name in wanted}
    logits = {name: run_rows(run, examples.rows, PAD_ID) for name, run in runs.items()}
    timed = _timed({name: run for name, run in runs.items() if name in ON_CPU}, examples)
    reference = _labels("fp32", logits["fp32"], examples)
    return {
        name: Variant(
            run=run,
            logits=logits[name],
            scores=evaluate(logits[name], examples.labels, examples.temperature, examples.label_weights),
            flips=check_flips(name, reference, _labels(name, logits[name], examples)),
            size_bytes=(directory / FILES[name]).stat().st_size,
            reviews_per_second=timed.get(name),
        )
        for name, run in runs.items()
    }


def choose_cpu(variants: Mapping[str, Variant]) -> str:
    """The fastest for CPUs among those whose macro-F1 is at most 0.003 below fp32's."""
    least = variants["fp32"].scores.macro_f1 - MOST_MACRO_F1_LOST
    return max(
        (name for name, variant in variants.items() if name in ON_CPU and variant.scores.macro_f1 >= least),
        key=lambda name: variants[name].reviews_per_second or 0,
    )


def describe(name: str, variant: Variant) -> str:
    """One line for whoever exports."""
    speed = variant.reviews_per_second
    return (
        f"{name}: {variant.size_bytes / 1e6:.1f} MB, macro-F1 {variant.scores.macro_f1:.4f}, "
        f"accuracy {variant.scores.accuracy:.4f}, {variant.flips:.2%} of labels unlike fp32's"
        + (f", {speed:,.0f} reviews/s on 2 threads" if speed else "")
    )


def summary(variants: Mapping[str, Variant], chosen: str) -> dict[str, Any]:
    """The manifest's `validation`: scores of the CPU's default, and the facts of every variant."""
    return {
        "variant": chosen,
        **asdict(variants[chosen].scores),
        "variants": {name: variant.facts() for name, variant in variants.items()},
    }


def _timed(runs: Mapping[str, Run], examples: Examples) -> dict[str, float]:
    """Reviews a second on rows spread evenly over the examples."""
    step = max(1, len(examples.rows) // _TIMED_ROWS)
    batches = [batch for _, batch in batch_rows(examples.rows[::step], PAD_ID)]
    return reviews_per_second({name: Timed(run, batches) for name, run in runs.items()})


def _labels(name: str, logits: Logits, examples: Examples) -> Ints:
    if not np.isfinite(logits).all():
        raise ParityError(f"{name} answers something else than numbers; nothing was written")
    return weighted_labels(probabilities(logits, examples.temperature), examples.label_weights)
