"""Running exported and trained models on equal terms: padded batches in, logits out."""

from pathlib import Path

import numpy as np

from export.parity import Inputs, Ints, Logits, Run

_ROWS = 128


def onnx_run(file: Path, threads: int = 0) -> Run:
    """The model in `file` under ONNX Runtime on the CPU; 0 threads leave the choice to it."""
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


def run_rows(run: Run, rows: list[list[int]], pad_id: int) -> Logits:
    """Logits of each row, in order; rows of like length share a batch."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    logits = np.empty((len(rows), 3))
    for start in range(0, len(order), _ROWS):
        chosen = order[start : start + _ROWS]
        batch = pad([rows[i] for i in chosen], pad_id)
        logits[chosen] = run(batch.token_ids, batch.lengths)
    return logits


def probabilities(logits: Logits, temperature: float) -> Logits:
    """softmax(logits / temperature), [rows, 3]."""
    scaled = logits / temperature
    raised = np.exp(scaled - scaled.max(1, keepdims=True))
    shares: Logits = raised / raised.sum(1, keepdims=True)
    return shares
