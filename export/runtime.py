"""Running exported and trained models on equal terms: padded batches in, logits out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from export.parity import Inputs, Ints, Logits, Run

BATCH_TOKENS = 2_048  # padded: rows x longest; what a worker packs, and so the batch mates that int8 sees


def onnx_run(file: Path, threads: int = 1) -> Run:
    """The model in `file` under ONNX Runtime on the CPU, one run on `threads` of its cores (0: all)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def run(token_ids: Ints, lengths: Ints) -> Logits:
        logits = session.run(["logits"], {"token_ids": token_ids, "lengths": lengths})[0]
        return np.asarray(logits, dtype=np.float64)

    return run


def pad(rows: list[list[int]], pad_id: int) -> Inputs:
    """Token ids of non-empty rows as one padded batch."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    token_ids = np.full((len(rows), int(lengths.max())), pad_id, dtype=np.int64)
    for i, row in enumerate(rows):
        token_ids[i, : len(row)] = row
    return Inputs(token_ids, lengths)


def batch_rows(rows: list[list[int]], pad_id: int) -> Iterator[tuple[Ints, Inputs]]:
    """Row numbers and padded ids of batches of at most 2,048 padded tokens, shortest rows first."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    first = 0
    for i in range(1, len(order) + 1):
        if i == len(order) or (i - first + 1) * len(rows[order[i]]) > BATCH_TOKENS:
            yield np.array(order[first:i]), pad([rows[row] for row in order[first:i]], pad_id)
            first = i


def run_rows(run: Run, rows: list[list[int]], pad_id: int) -> Logits:
    """Logits of each row, in order; rows of like length share a batch."""
    logits = np.empty((len(rows), 3))
    for numbers, batch in batch_rows(rows, pad_id):
        logits[numbers] = run(batch.token_ids, batch.lengths)
    return logits


def probabilities(logits: Logits, temperature: float) -> Logits:
    """softmax(logits / temperature), [rows, 3]."""
    scaled = logits / temperature
    raised = np.exp(scaled - scaled.max(1, keepdims=True))
    shares: Logits = raised / raised.sum(1, keepdims=True)
    return shares
