"""The export itself: graph, parity, int8, goldens, manifest; nothing is written unless all of it holds."""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import onnx
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
from export.graph import Weights, build_graph
from export.parity import Ints, Logits, Run, check_fp32, check_int8, grid
from export.quantize import quantize
from export.runtime import onnx_run, probabilities, run_rows
from training.batches import Encoded
from training.checkpoint import TrainedModel, load_model
from training.evaluate import evaluate
from training.model import SentimentModel
from training.tokenizer import PAD_ID, encode

FP32_FILE, INT8_FILE = "model.onnx", "model.int8.onnx"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the checks found: the CPU's default variant, its logits on the validation rows, differences."""

    variant: str
    run: Run
    validation_logits: Logits
    fp32_difference: float
    int8_flips: float | None


def export_run(run_dir: Path, out: Path, name: str, int8: bool, tell: Callable[[str], None]) -> Bundle:
    """Write the bundle of a finished training run at `out`; `tell` gets a line for each step.

    Raises:
        ParityError: a variant differs too much from the trained model.
        BundleError: `out` holds something else.
        TrainingError: `run_dir` is no finished run.
    """
    trained = load_model(run_dir)

    def fill(directory: Path) -> Manifest:
        onnx.save(build_graph(state_arrays(trained.model)), directory / FP32_FILE)
        shutil.copyfile(trained.tokenizer_file, directory / TOKENIZER_FILE)
        measured = _measure(trained, directory, int8, tell)
        return _manifest(trained, name, measured)

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


def _measure(trained: TrainedModel, directory: Path, int8: bool, tell: Callable[[str], None]) -> Measured:
    fp32 = onnx_run(directory / FP32_FILE)
    vocab_size = trained.model.embedding.num_embeddings
    difference = check_fp32(torch_run(trained.model), fp32, grid(vocab_size, trained.config.max_tokens))
    tell(f"fp32: logits differ from the trained model by at most {difference:.1e}")
    rows = _rows(trained.validation)
    reference = run_rows(fp32, rows, PAD_ID)
    if not int8:
        return Measured("fp32", fp32, reference, difference, None)
    quantize(directory / FP32_FILE, directory / INT8_FILE)
    quantized = onnx_run(directory / INT8_FILE)
    logits = run_rows(quantized, rows, PAD_ID)
    flips = check_int8(reference, logits)
    tell(f"int8: {flips:.2%} of {len(rows)} validation rows get another label than from fp32")
    return Measured("int8", quantized, logits, difference, flips)


def _manifest(trained: TrainedModel, name: str, measured: Measured) -> Manifest:
    temperature = trained.report["temperature"]
    scores = evaluate(measured.validation_logits, trained.validation.labels, temperature)
    models = {"fp32": FP32_FILE}
    if measured.variant == "int8":
        models["int8"] = INT8_FILE
    return Manifest(
        format_version=FORMAT_VERSION,
        name=name,
        labels=LABELS,
        pad_id=PAD_ID,
        max_tokens=trained.config.max_tokens,
        max_chars=trained.config.max_chars,
        inputs=INPUTS,
        output=OUTPUT,
        temperature=temperature,
        models=models,
        default_variant={"cpu": measured.variant, "cuda": "fp32"},
        files={},
        provenance={
            **trained.report["provenance"],
            "prior_tau": trained.report["prior_tau"],
            "test": trained.report["test"],
            "fp32_largest_logit_difference": measured.fp32_difference,
            "int8_flipped_share": measured.int8_flips,
        },
        validation={"variant": measured.variant, **asdict(scores)},
        golden_tolerance=GOLDEN_TOLERANCE,
        goldens=_goldens(trained, measured.run, temperature),
    )


def _goldens(trained: TrainedModel, run: Run, temperature: float) -> tuple[Golden, ...]:
    tokenizer = Tokenizer.from_file(str(trained.tokenizer_file))
    rows = encode(tokenizer, list(GOLDEN_TEXTS), trained.config.max_chars)
    scores = probabilities(run_rows(run, rows, PAD_ID), temperature)
    return tuple(
        Golden(text, tuple(round(float(score), 4) for score in row))
        for text, row in zip(GOLDEN_TEXTS, scores, strict=True)
    )


def _rows(data: Encoded) -> list[list[int]]:
    bounds = zip(data.starts[:-1], data.starts[1:], strict=True)
    return [data.ids[first:last].tolist() for first, last in bounds]
