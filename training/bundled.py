"""A bundle as a model to measure: texts in, calibrated probabilities and labels out.

The only module of training that knows how a bundle is kept and run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from export.bundle import Bundle, BundleError, Manifest, read_bundle
from export.runtime import onnx_run, probabilities, run_rows
from training.errors import DataError, UnusableBundleError
from training.operating import weighted_labels
from training.tokenizer import encode

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Run = Callable[[Ints, Ints], Floats]  # token_ids [rows, longest], lengths [rows] -> logits [rows, 3]


@dataclass(frozen=True, slots=True)
class BundledModel:
    """An opened bundle; `variant` is the one that runs, on the CPU."""

    bundle: Bundle
    variant: str
    tokenizer: Tokenizer
    run: Run

    @property
    def manifest(self) -> Manifest:
        """What the bundle says of itself."""
        return self.bundle.manifest

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, hexadecimal."""
        return self.bundle.digest

    @property
    def label_weights(self) -> tuple[float, ...]:
        """What a probability is multiplied with before the largest is the label, [3]."""
        return self.manifest.label_weights

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, [rows, 3].

        Raises:
            DataError: a text is blank.
        """
        rows = encode(self.tokenizer, list(texts), self.manifest.max_chars)
        if not all(rows):
            raise DataError("a text is blank; remove such rows first")
        return probabilities(run_rows(self.run, rows, self.manifest.pad_id), self.manifest.temperature)

    def labels(self, probabilities: Floats) -> Ints:
        """Index of the label of each row: argmax(probabilities * label weights)."""
        return weighted_labels(probabilities, self.label_weights)


def open_bundle(path: Path, variant: str | None = None, threads: int = 0) -> BundledModel:
    """The bundle at `path`, its files verified; without `variant`, the default on the CPU.

    `threads` of ONNX Runtime; 0 leaves the choice to it.

    Raises:
        UnusableBundleError: it is missing, altered, of another format, or has no such variant.
    """
    try:
        bundle = read_bundle(path)
    except BundleError as error:
        raise UnusableBundleError(str(error)) from error
    chosen = variant or bundle.manifest.default_variant["cpu"]
    if chosen not in bundle.manifest.models:
        raise UnusableBundleError(
            f"{path} has no variant {chosen!r}; it has {', '.join(bundle.manifest.models)}"
        )
    run = onnx_run(path / bundle.manifest.models[chosen], threads)
    return BundledModel(bundle, chosen, Tokenizer.from_file(str(bundle.tokenizer_file)), run)
