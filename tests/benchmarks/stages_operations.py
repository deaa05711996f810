"""What the model computes, and how much of what the cores can it reaches."""

import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from stream.scoring.inference import load_model
from stream.settings import Settings
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.model import BareModel, batches
from tests.benchmarks.table import markdown_table

_LSTMS = {"LSTM", "DynamicQuantizeLSTM"}
_MATRICES = {"MatMul", "MatMulInteger", "Gemm", "DynamicQuantizeMatMul"}
_SIZE = 1024


@dataclass(frozen=True, slots=True)
class Operations:
    """Multiplications and additions of the matrix products; activations and pooling are not counted."""

    a_token: int
    a_review: int

    def of(self, tokens: float, reviews: float) -> float:
        """Of so many tokens in so many reviews."""
        return self.a_token * tokens + self.a_review * reviews


def operations(model: Path) -> Operations:
    """Two for each weight of an LSTM, once a token; two for each weight of the last layer, once a review."""
    graph = onnx.load(model).graph
    sizes = {each.name: int(np.prod(each.dims)) for each in graph.initializer}
    token = sum(2 * sizes[n.input[1]] + 2 * sizes[n.input[2]] for n in graph.node if n.op_type in _LSTMS)
    review = sum(2 * sizes.get(n.input[1], 0) for n in graph.node if n.op_type in _MATRICES)
    return Operations(token, review)


def operations_table(settings: Settings, corpus: Corpus, reviews: int) -> str:
    """What the model computes for a review, and the share of the cores' peak that it reaches, by variant."""
    model = load_model(settings, threads_a_run=1)
    packed = batches(model, corpus, reviews, settings.batch_tokens)
    true = sum(int(lengths.sum()) for _, lengths in packed) / reviews
    padded = sum(ids.size for ids, _ in packed) / reviews
    counted = operations(model.bundle.path / model.bundle.manifest.models[model.variant])
    bare = BareModel(settings, corpus, reviews)
    bare.reviews_per_second()
    rate = statistics.median(bare.reviews_per_second() for _ in range(3))
    reached = counted.of(padded, 1) * rate
    fp32, int8 = peak_per_second(whole=False), peak_per_second(whole=True)
    rows = [
        ("tokens a review, true and padded", f"{true:.1f}, {padded:.1f}"),
        (
            "operations a review, padded (multiplications and additions)",
            f"{counted.of(padded, 1) / 1e6:.2f} million",
        ),
        (f"bare model ({model.variant}), all cores", f"{rate:,.0f} reviews/s = {reached / 1e9:,.0f} G/s"),
        ("a product of 1,024 x 1,024 in fp32 on all cores", f"{fp32 / 1e9:,.0f} G/s"),
        ("the same in int8", f"{int8 / 1e9:,.0f} G/s"),
        ("share of the int8 peak that the model reaches", f"{reached / int8:.0%}".replace("%", " %")),
        ("share of the fp32 peak", f"{reached / fp32:.0%}".replace("%", " %")),
    ]
    return markdown_table(("the model", ""), rows)


def peak_per_second(*, whole: bool, seconds: float = 1.0) -> float:
    """Operations a second of a large matrix product on all cores at once, by the same runtime.

    fp32, or int8 with sums in 32 bits (`whole`): one product of 1,024 x 1,024 a core.
    """
    sessions = [_product(whole) for _ in range(os.cpu_count() or 1)]
    with ThreadPoolExecutor(len(sessions)) as threads:
        rates = list(threads.map(lambda each: _rate(each[0], each[1], seconds), sessions))
    return sum(rates)


def _rate(session: Any, feed: dict[str, Any], seconds: float) -> float:
    session.run(None, feed)
    started, runs = time.perf_counter(), 0
    while not runs or time.perf_counter() - started < seconds:
        session.run(None, feed)
        runs += 1
    return 2 * _SIZE**3 * runs / (time.perf_counter() - started)


def _product(whole: bool) -> tuple[Any, dict[str, Any]]:
    left, right, out = (
        (TensorProto.UINT8, TensorProto.INT8, TensorProto.INT32) if whole else (TensorProto.FLOAT,) * 3
    )
    chance = np.random.default_rng(1)
    a = chance.integers(0, 100, (_SIZE, _SIZE)).astype(np.uint8 if whole else np.float32)
    b = chance.integers(-50, 50, (_SIZE, _SIZE)).astype(np.int8 if whole else np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger" if whole else "MatMul", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", left, a.shape)],
        [helper.make_tensor_value_info("c", out, (_SIZE, _SIZE))],
        [helper.make_tensor("b", right, b.shape, b.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session, {"a": a}
