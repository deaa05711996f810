"""The trained network as an ONNX graph of standard operators, built node by node from its weights.

Built by hand because tracing packed sequences is fragile: here each LSTM node gets the true lengths as
`sequence_lens`, so that padding is skipped rather than computed (ONNX operator LSTM, opset 14).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.bundle import INPUTS, LABELS, OUTPUT

Weights = Mapping[str, npt.NDArray[np.float32]]
_OPSET = 17
_IR_VERSION = 9  # the oldest that has opset 17 in every supported onnxruntime


def build_graph(weights: Weights) -> onnx.ModelProto:
    """The ONNX model of a `training.model.SentimentModel`'s state, as float32 arrays by name.

    Inputs token_ids int64 [rows, longest] and lengths int64 [rows], output logits float32 [rows, 3].
    """
    constants = {
        "embedding": weights["embedding.weight"],  # [V, E]
        **_lstm_weights(weights),
        "classifier_weight": weights["classifier.weight"].T,  # [4H, 3]
        "classifier_bias": weights["classifier.bias"],  # [3]
        "lowest": np.array(-1e30, dtype=np.float32),
        "zero": np.array(0, dtype=np.int64),
        "one": np.array(1, dtype=np.int64),
        "axis_1": np.array([1], dtype=np.int64),
        "axis_2": np.array([2], dtype=np.int64),
        "axis_time": np.array([0], dtype=np.int64),
        "joined_shape": np.array([0, 0, -1], dtype=np.int64),
    }
    token_ids, lengths = INPUTS
    graph = helper.make_graph(
        _nodes(hidden_size=weights["lstm.weight_hh_l0"].shape[1]),
        "sentiment",
        [
            helper.make_tensor_value_info(token_ids, TensorProto.INT64, ["rows", "longest"]),
            helper.make_tensor_value_info(lengths, TensorProto.INT64, ["rows"]),
        ],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["rows", len(LABELS)])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model


def _nodes(hidden_size: int) -> list[onnx.NodeProto]:
    """Embedding, LSTM, masked max and mean, linear layer; T is `longest`, B is `rows`."""
    token_ids, lengths = INPUTS
    node = helper.make_node
    return [
        node("Transpose", [token_ids], ["by_time"], perm=[1, 0]),  # [T, B]
        node("Gather", ["embedding", "by_time"], ["embedded"]),  # [T, B, E]
        node("Cast", [lengths], ["lengths_32"], to=TensorProto.INT32),  # [B]
        node(
            "LSTM",
            ["embedded", "lstm_input", "lstm_recurrent", "lstm_bias", "lengths_32"],
            ["directions"],
            hidden_size=hidden_size,
            direction="bidirectional",
        ),  # [T, 2, B, H], zero at padding
        node("Transpose", ["directions"], ["by_direction"], perm=[0, 2, 1, 3]),  # [T, B, 2, H]
        node("Reshape", ["by_direction", "joined_shape"], ["states"]),  # [T, B, 2H]
        *_padding_mask(token_ids, lengths),
        node("Where", ["padding", "lowest", "states"], ["states_or_lowest"]),
        node("ReduceMax", ["states_or_lowest"], ["highest"], axes=[0], keepdims=0),  # [B, 2H]
        node("ReduceSum", ["states", "axis_time"], ["sum"], keepdims=0),  # [B, 2H]
        node("Cast", [lengths], ["lengths_float"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["lengths_float", "axis_1"], ["divisor"]),  # [B, 1]
        node("Div", ["sum", "divisor"], ["mean"]),
        node("Concat", ["highest", "mean"], ["pooled"], axis=1),  # [B, 4H]
        node("MatMul", ["pooled", "classifier_weight"], ["product"]),
        node("Add", ["product", "classifier_bias"], [OUTPUT]),  # [B, 3]
    ]


def _padding_mask(token_ids: str, lengths: str) -> list[onnx.NodeProto]:
    """`padding` bool [T, B, 1]: where the position lies at or past the row's length."""
    node = helper.make_node
    return [
        node("Shape", [token_ids], ["longest_1"], start=1, end=2),
        node("Squeeze", ["longest_1"], ["longest"]),
        node("Range", ["zero", "longest", "one"], ["positions"]),  # [T]
        node("Unsqueeze", ["positions", "axis_1"], ["positions_column"]),  # [T, 1]
        node("GreaterOrEqual", ["positions_column", lengths], ["padding_flat"]),  # [T, B]
        node("Unsqueeze", ["padding_flat", "axis_2"], ["padding"]),
    ]


def _lstm_weights(weights: Weights) -> dict[str, npt.NDArray[np.float32]]:
    """Both directions stacked as ONNX wants them: W [2, 4H, E], R [2, 4H, H], B [2, 8H]."""
    ways = ("l0", "l0_reverse")
    biases = [
        np.concatenate([_onnx_gates(weights[f"lstm.bias_{kind}_{way}"]) for kind in ("ih", "hh")])
        for way in ways
    ]
    return {
        "lstm_input": np.stack([_onnx_gates(weights[f"lstm.weight_ih_{way}"]) for way in ways]),
        "lstm_recurrent": np.stack([_onnx_gates(weights[f"lstm.weight_hh_{way}"]) for way in ways]),
        "lstm_bias": np.stack(biases),
    }


def _onnx_gates(blocks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """torch stacks the gates input, forget, cell, output; ONNX input, output, forget, cell."""
    in_gate, forget, cell, out_gate = np.split(blocks, 4)
    return np.concatenate([in_gate, out_gate, forget, cell])
