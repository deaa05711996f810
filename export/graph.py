"""The trained network as an ONNX graph of standard operators, built node by node from its weights.

Built by hand because tracing packed sequences is fragile: here each LSTM node gets the true lengths as
`sequence_lens`, so that padding is skipped rather than computed (ONNX operator LSTM, opset 14).
"""

from collections.abc import Mapping
from itertools import count, takewhile

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.bundle import INPUTS, LABELS, OUTPUT

Array = npt.NDArray[np.generic]
Weights = Mapping[str, npt.NDArray[np.float32]]
_OPSET = 17
_IR_VERSION = 9  # the oldest that has opset 17 in every supported onnxruntime


def build_graph(weights: Weights, *, half: bool = False) -> onnx.ModelProto:
    """The ONNX model of a `training.model.SentimentModel`'s state, as float32 arrays by name.

    Inputs token_ids int64 [rows, longest] and lengths int64 [rows], output logits float32 [rows, 3]. The
    number of LSTM layers follows from the names. `half` keeps embedding and LSTM in float16, which CUDA runs
    and CPUs do not; the last layer, which costs nothing, stays in float32.
    """
    layers = layer_count(weights)
    token_ids, lengths = INPUTS
    nodes = [
        helper.make_node("Transpose", [token_ids], ["by_time"], perm=[1, 0]),  # [T, B]
        helper.make_node("Gather", ["embedding", "by_time"], ["states_0"]),  # [T, B, E]
        helper.make_node("Cast", [lengths], ["lengths_32"], to=TensorProto.INT32),  # [B]
        *_lstm_nodes(layers, hidden_size=weights["lstm.weight_hh_l0"].shape[1]),
        *_mask_nodes(half),
        *_pooling_nodes(f"directions_{layers}", half),
        *_head_nodes(),
    ]
    constants = {**_constants(half), **_trained(weights, layers, half)}
    graph = helper.make_graph(
        nodes,
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


def layer_count(weights: Weights) -> int:
    """How many LSTM layers the state has."""
    return sum(1 for _ in takewhile(lambda k: f"lstm.weight_ih_l{k}" in weights, count()))


def _lstm_nodes(layers: int, hidden_size: int) -> list[onnx.NodeProto]:
    """`states_0` [T, B, E] to `directions_1`, ... [T, 2, B, H], zero at padding; T is `longest`, B `rows`."""
    nodes = []
    for layer in range(1, layers + 1):
        if layer > 1:
            before, turned = f"directions_{layer - 1}", f"turned_{layer - 1}"
            nodes += [
                helper.make_node("Transpose", [before], [turned], perm=[0, 2, 1, 3]),  # [T, B, 2, H]
                helper.make_node("Reshape", [turned, "joined_shape"], [f"states_{layer - 1}"]),  # [T, B, 2H]
            ]
        trained = [f"lstm_{kind}_{layer}" for kind in ("input", "recurrent", "bias")]
        nodes.append(
            helper.make_node(
                "LSTM",
                [f"states_{layer - 1}", *trained, "lengths_32"],
                [f"directions_{layer}"],
                hidden_size=hidden_size,
                direction="bidirectional",
            )
        )
    return nodes


def _mask_nodes(half: bool) -> list[onnx.NodeProto]:
    """`below` [T, 1, B, 1]: 0 where there is a token, -2 past the row's end."""
    token_ids, lengths = INPUTS
    node = helper.make_node
    return [
        node("Shape", [token_ids], ["longest_1"], start=1, end=2),
        node("Squeeze", ["longest_1"], ["longest"]),
        node("Range", ["zero", "longest", "one"], ["positions"]),  # [T]
        node("Unsqueeze", ["positions", "axis_1"], ["positions_column"]),  # [T, 1]
        node("GreaterOrEqual", ["positions_column", lengths], ["padding"]),  # [T, B]
        node("Unsqueeze", ["padding", "axes_1_3"], ["padding_wide"]),
        node("Cast", ["padding_wide"], ["padding_number"], to=_float(half)),
        node("Mul", ["padding_number", "minus_two"], ["below"]),
    ]


def _pooling_nodes(directions: str, half: bool) -> list[onnx.NodeProto]:
    """`pooled` float32 [B, 4H]: maxima of both directions, then means, over true tokens.

    The states of an LSTM lie between -1 and 1, so a padded one, 0 - 2, is never the largest: one addition
    instead of the three passes of `Where`. Pooling before turning [T, 2, B, H] saves turning all of it.
    """
    node = helper.make_node
    return [
        node("Add", [directions, "below"], ["masked"]),
        node("ReduceMax", ["masked"], ["highest"], axes=[0], keepdims=0),  # [2, B, H]
        node("ReduceSum", [directions, "axis_0"], ["sum"], keepdims=0),  # [2, B, H]
        node("Cast", [INPUTS[1]], ["lengths_number"], to=_float(half)),
        node("Unsqueeze", ["lengths_number", "axis_1"], ["divisor"]),  # [B, 1]
        node("Div", ["sum", "divisor"], ["mean"]),
        node("Concat", ["highest", "mean"], ["pooled_ways"], axis=0),  # [4, B, H]
        node("Transpose", ["pooled_ways"], ["pooled_rows"], perm=[1, 0, 2]),  # [B, 4, H]
        node("Reshape", ["pooled_rows", "pooled_shape"], ["pooled_float"]),
        node("Cast", ["pooled_float"], ["pooled"], to=TensorProto.FLOAT),
    ]


def _head_nodes() -> list[onnx.NodeProto]:
    return [
        helper.make_node("MatMul", ["pooled", "classifier_weight"], ["product"]),
        helper.make_node("Add", ["product", "classifier_bias"], [OUTPUT]),  # [B, 3]
    ]


def _constants(half: bool) -> dict[str, Array]:
    whole = {
        "zero": 0,
        "one": 1,
        "axis_0": [0],
        "axis_1": [1],
        "axes_1_3": [1, 3],
        "joined_shape": [0, 0, -1],
        "pooled_shape": [0, -1],
    }
    return {
        "minus_two": np.array(-2, np.float16 if half else np.float32),
        **{name: np.array(value, np.int64) for name, value in whole.items()},
    }


def _trained(weights: Weights, layers: int, half: bool) -> dict[str, Array]:
    """All that was learned, in the shapes of the operators."""
    kind = np.float16 if half else np.float32
    lstm = {name: value for layer in range(layers) for name, value in _lstm_weights(weights, layer).items()}
    return {
        "embedding": weights["embedding.weight"].astype(kind),  # [V, E]
        **{name: value.astype(kind) for name, value in lstm.items()},
        "classifier_weight": weights["classifier.weight"].T,  # [4H, 3]
        "classifier_bias": weights["classifier.bias"],
    }


def _lstm_weights(weights: Weights, layer: int) -> Weights:
    """Both directions stacked as ONNX wants them: W [2, 4H, E or 2H], R [2, 4H, H], B [2, 8H]."""
    ways = (f"l{layer}", f"l{layer}_reverse")
    biases = [
        np.concatenate([_onnx_gates(weights[f"lstm.bias_{kind}_{way}"]) for kind in ("ih", "hh")])
        for way in ways
    ]
    return {
        f"lstm_input_{layer + 1}": np.stack([_onnx_gates(weights[f"lstm.weight_ih_{way}"]) for way in ways]),
        f"lstm_recurrent_{layer + 1}": np.stack(
            [_onnx_gates(weights[f"lstm.weight_hh_{way}"]) for way in ways]
        ),
        f"lstm_bias_{layer + 1}": np.stack(biases),
    }


def _onnx_gates(blocks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """torch stacks the gates input, forget, cell, output; ONNX input, output, forget, cell."""
    in_gate, forget, cell, out_gate = np.split(blocks, 4)
    return np.concatenate([in_gate, out_gate, forget, cell])


def _float(half: bool) -> int:
    return int(TensorProto.FLOAT16 if half else TensorProto.FLOAT)
