"""The export itself: variants, parity, goldens, manifest; nothing is written unless all of it holds."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from export.bundle import (
    FORMAT_VERSION,
    INPUTS,
    LABELS,
    OUTPUT,
    TOKENIZER_FILE,
    Bundle,
    Golden,
    Manifest,
    write_bundle,
)
from export.goldens import GOLDEN_TEXTS, GOLDEN_TOLERANCE
from export.graph import Weights
from export.parity import Ints, Logits, Run, check_fp32, check_goldens, grid
from export.runtime import onnx_run, probabilities, run_rows
from export.variants import (
    FILES,
    Examples,
    Variant,
    choose_cpu,
    describe,
    measure_variants,
    summary,
    write_variants,
)
from training.batches import Encoded
from training.checkpoint import TrainedModel, load_model
from training.model import SentimentModel
from training.tokenizer import PAD_ID, encode


@dataclass(frozen=True, slots=True)
class Plan:
    """What to export: the bundle's name, its variants, fp32 first, and the one that CUDA runs by default.

    That one is fp32 where nothing else is said, because fp16 is the riskier: `make test-gpu` on one's own
    card tells whether it holds there.
    """

    name: str
    variants: Sequence[str] = tuple(FILES)
    cuda: str = "fp32"


def export_run(run_dir: Path, out: Path, plan: Plan, tell: Callable[[str], None]) -> Bundle:
    """Write the bundle of a finished training run at `out`; `tell` gets a line for each step.

    Raises:
        ParityError: a variant differs too much from the trained model.
        BundleError: `out` holds something else.
        TrainingError: `run_dir` is no finished run.
    """
    trained = load_model(run_dir)

    def fill(directory: Path) -> Manifest:
        write_variants(directory, state_arrays(trained.model), plan.variants)
        shutil.copyfile(trained.tokenizer_file, directory / TOKENIZER_FILE)
        vocab_size = trained.model.embedding.num_embeddings
        difference = check_fp32(
            torch_run(trained.model),
            onnx_run(directory / FILES["fp32"]),
            grid(vocab_size, trained.config.max_tokens),
        )
        tell(f"fp32: logits differ from the trained model by at most {difference:.1e}")
        variants = measure_variants(directory, plan.variants, _examples(trained))
        for name, variant in variants.items():
            tell(describe(name, variant))
        return _manifest(trained, plan, variants, difference)

    return write_bundle(out, fill)


def state_arrays(model: SentimentModel) -> Weights:
    """The model's weights as float32 arrays by their names in torch."""
    return {name: tensor.cpu().numpy() for name, tensor in model.state_dict().items()}


def torch_run(model: SentimentModel) -> Run:
    """The trained model itself, on the CPU."""
    model = model.cpu().eval()

    def run(token_ids: Ints, lengths: Ints) -> Logits:
        with torch.inference_mode():
            logits: Logits = model(torch.from_numpy(token_ids), torch.from_numpy(lengths)).double().numpy()
        return logits

    return run


def _manifest(
    trained: TrainedModel, plan: Plan, variants: Mapping[str, Variant], difference: float
) -> Manifest:
    chosen = choose_cpu(variants)
    return Manifest(
        format_version=FORMAT_VERSION,
        name=plan.name,
        labels=LABELS,
        pad_id=PAD_ID,
        max_tokens=trained.config.max_tokens,
        max_chars=trained.config.max_chars,
        inputs=INPUTS,
        output=OUTPUT,
        temperature=trained.report["temperature"],
        label_weights=_label_weights(trained.report),
        brand_word=trained.report["brand_word"],
        models={name: FILES[name] for name in variants},
        default_variant={"cpu": chosen, "cuda": plan.cuda},
        files={},
        provenance={**_provenance(trained.report), "fp32_largest_logit_difference": difference},
        validation=summary(variants, chosen),
        golden_tolerance=GOLDEN_TOLERANCE,
        goldens=_goldens(trained, variants, chosen),
    )


def _goldens(trained: TrainedModel, variants: Mapping[str, Variant], chosen: str) -> tuple[Golden, ...]:
    """The golden texts with the chosen variant's scores, which every other one must reproduce."""
    tokenizer = Tokenizer.from_file(str(trained.tokenizer_file))
    rows = encode(tokenizer, list(GOLDEN_TEXTS), trained.config.max_chars)
    scores = {
        name: probabilities(run_rows(variant.run, rows, PAD_ID), trained.report["temperature"])
        for name, variant in variants.items()
    }
    check_goldens(scores, chosen, GOLDEN_TOLERANCE)
    return tuple(
        Golden(text, tuple(round(float(score), 4) for score in row))
        for text, row in zip(GOLDEN_TEXTS, scores[chosen], strict=True)
    )


def _examples(trained: TrainedModel) -> Examples:
    data, report = trained.validation, trained.report
    return Examples(_rows(data), data.labels, report["temperature"], _label_weights(report))


def _label_weights(report: Mapping[str, Any]) -> tuple[float, float, float]:
    negative, neutral, positive = report["label_weights"]
    return negative, neutral, positive


def _provenance(report: Mapping[str, Any]) -> dict[str, Any]:
    """Everything in the report but what the manifest has in places of its own."""
    elsewhere = {"temperature", "label_weights", "brand_word", "validation", "provenance"}
    return {
        **report["provenance"],
        **{name: value for name, value in report.items() if name not in elsewhere},
    }


def _rows(data: Encoded) -> list[list[int]]:
    bounds = zip(data.starts[:-1], data.starts[1:], strict=True)
    return [data.ids[first:last].tolist() for first, last in bounds]
