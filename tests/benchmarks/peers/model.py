"""What a user writes around the model: the bundle on ONNX Runtime, its tokenizer by `tokenizers`, JSON out.

Every peer scores by this, so that only what is around it differs.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import orjson
from tokenizers import Tokenizer

Int64 = npt.NDArray[np.int64]
CORES = os.cpu_count() or 1
LABELS = ("negative", "neutral", "positive")


class Model:
    """A bundle (`export.bundle`) with the model for CPUs, on so many threads a run: by default one a core."""

    def __init__(self, bundle: Path, threads: int = CORES) -> None:
        manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        file = bundle / manifest["models"][manifest["default_variant"]["cpu"]]
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
        self._tokenizer.enable_truncation(manifest["max_tokens"])
        self._inputs = manifest["inputs"]
        self._max_chars: int = manifest["max_chars"]
        self._temperature: float = manifest["temperature"]
        self._weights = np.array(manifest["label_weights"])

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids, cut to what the model takes."""
        cut = [text[: self._max_chars] for text in texts]
        return [row.ids for row in self._tokenizer.encode_batch_fast(cut, add_special_tokens=False)]

    def probabilities(self, rows: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
        """Rows of ids to (rows, 3), all of them padded to the longest."""
        lengths = np.array([len(row) for row in rows], np.int64)
        ids = np.zeros((len(rows), lengths.max()), np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
        logits = self._session.run(None, dict(zip(self._inputs, (ids, lengths), strict=True)))[0]
        exponentials = np.exp((logits - logits.max(axis=1, keepdims=True)) / self._temperature)
        result: npt.NDArray[np.float64] = exponentials / exponentials.sum(axis=1, keepdims=True)
        return result

    def labels(self, probabilities: npt.NDArray[np.float64]) -> list[tuple[str, list[float]]]:
        """The name of each row and its three scores."""
        best = (probabilities * self._weights).argmax(axis=1)
        rows = probabilities.round(6).tolist()
        return [(LABELS[i], row) for i, row in zip(best, rows, strict=True)]

    def score(self, texts: Sequence[str]) -> list[tuple[str, list[float]]]:
        """Label and scores of each text, in one batch padded as it comes."""
        return self.labels(self.probabilities(self.encode(texts)))


def label_value(review: dict[str, Any], label: str, scores: Sequence[float]) -> bytes:
    """What is published for a review."""
    return orjson.dumps(
        {
            "review_id": review["review_id"],
            "brand": review["brand"],
            "label": label,
            "confidence": max(scores),
            "scores": dict(zip(LABELS, scores, strict=True)),
        }
    )


def label_values(model: Model, values: Sequence[bytes]) -> list[bytes]:
    """The labels of one batch of reviews, both as JSON."""
    reviews = [orjson.loads(value) for value in values]
    scored = model.score([review["text"] for review in reviews])
    return [
        label_value(review, label, scores) for review, (label, scores) in zip(reviews, scored, strict=True)
    ]
