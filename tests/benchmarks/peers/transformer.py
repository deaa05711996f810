"""A bundle around a transformer of the size of MiniLM-L6, with random weights: for cost, not for labels."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

LAYERS, HIDDEN, HEADS, INNER, POSITIONS = 6, 384, 12, 1536, 512
OPSET = 20
SEED = 1


class _Graph:
    """Collects nodes and weights of an ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self._random = np.random.default_rng(SEED)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; the name of its output."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values: Any, kind: Any = np.int64) -> str:
        """Add a tensor that is given."""
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(values, kind), name))
        return name

    def weight(self, *shape: int) -> str:
        """Add a tensor of random numbers."""
        return self.constant(self._random.normal(0, 0.02, shape), np.float32)

    def linear(self, rows: str, size_in: int, size_out: int) -> str:
        """x W + b."""
        return self.node(
            "Add", self.node("MatMul", rows, self.weight(size_in, size_out)), self.weight(size_out)
        )

    def normal(self, rows: str) -> str:
        """Layer normalisation."""
        ones = self.constant(np.ones(HIDDEN), np.float32)
        return self.node("LayerNormalization", rows, ones, self.weight(HIDDEN), axis=-1)

    def heads(self, rows: str, order: list[int]) -> str:
        """(rows, tokens, hidden) to (rows, heads, tokens, hidden / heads), or another order of these axes."""
        shape = self.constant([0, 0, HEADS, HIDDEN // HEADS])
        return self.node("Transpose", self.node("Reshape", rows, shape), perm=order)

    def layer(self, rows: str, mask: str) -> str:
        """Attention and a network of two layers, each added to what came in and normalised (BERT)."""
        query, key, value = (self.linear(rows, HIDDEN, HIDDEN) for _ in range(3))
        products = self.node("MatMul", self.heads(query, [0, 2, 1, 3]), self.heads(key, [0, 2, 3, 1]))
        scale = self.constant((HIDDEN / HEADS) ** -0.5, np.float32)
        weights = self.node("Softmax", self.node("Add", self.node("Mul", products, scale), mask), axis=-1)
        mixed = self.node("MatMul", weights, self.heads(value, [0, 2, 1, 3]))
        joined = self.node("Transpose", mixed, perm=[0, 2, 1, 3])
        flat = self.node("Reshape", joined, self.constant([0, 0, HIDDEN]))
        rows = self.normal(self.node("Add", rows, self.linear(flat, HIDDEN, HIDDEN)))
        inner = self.node("Gelu", self.linear(rows, HIDDEN, INNER))
        return self.normal(self.node("Add", rows, self.linear(inner, INNER, HIDDEN)))


def build(vocabulary: int) -> Any:
    """The model: token_ids (rows, longest) and lengths (rows,) to logits (rows, 3) of the first token."""
    graph = _Graph()
    longest = graph.node("Gather", graph.node("Shape", "token_ids"), graph.constant(1))
    places = graph.node("Range", graph.constant(0), longest, graph.constant(1))
    used = graph.node("Less", places, graph.node("Unsqueeze", "lengths", graph.constant([1])))
    far = graph.constant(-1e4, np.float32)
    mask = graph.node("Where", used, graph.constant(0.0, np.float32), far)
    mask = graph.node("Unsqueeze", mask, graph.constant([1, 2]))
    words = graph.node("Gather", graph.weight(vocabulary, HIDDEN), "token_ids")
    rows = graph.normal(
        graph.node("Add", words, graph.node("Gather", graph.weight(POSITIONS, HIDDEN), places))
    )
    for _ in range(LAYERS):
        rows = graph.layer(rows, mask)
    first = graph.node("Gather", rows, graph.constant(0), axis=1)
    graph.nodes.append(helper.make_node("Identity", [graph.linear(first, HIDDEN, 3)], ["logits"]))
    inputs = [
        helper.make_tensor_value_info("token_ids", TensorProto.INT64, ["rows", "longest"]),
        helper.make_tensor_value_info("lengths", TensorProto.INT64, ["rows"]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", 3])]
    proto = helper.make_graph(graph.nodes, "transformer", inputs, outputs, graph.weights)
    return helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def write_transformer(bundle: Path, target: Path) -> None:
    """The same bundle, its model for CPUs exchanged for the transformer in int8 (dynamic)."""
    target.mkdir(parents=True)
    shutil.copy(bundle / "tokenizer.json", target)
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
    model = build(tokenizer.get_vocab_size(with_added_tokens=True))
    onnx.checker.check_model(model)
    onnx.save(model, target / "fp32.onnx")
    quantize_dynamic(target / "fp32.onnx", target / "int8.onnx", weight_type=QuantType.QInt8)
    manifest["models"][manifest["default_variant"]["cpu"]] = "int8.onnx"
    (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
