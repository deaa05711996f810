"""The graph is the trained network whatever its layers, of LSTM operators, whatever the padding."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="needs the extra export (onnx)")
torch = pytest.importorskip("torch", reason="needs the extra export (torch)")
pytest.importorskip("onnxruntime", reason="needs the extra export (onnxruntime)")

from torch import nn  # noqa: E402

from export.graph import build_graph  # noqa: E402
from export.parity import Logits, Run, check_fp32, grid  # noqa: E402
from export.quantize import quantize  # noqa: E402
from export.runtime import onnx_run  # noqa: E402
from tests.unit.export.networks import MAX_TOKENS, VOCAB, Network  # noqa: E402
from training.config import PRESETS  # noqa: E402
from training.model import SentimentModel  # noqa: E402

pytestmark = pytest.mark.training
STANDARD = {
    *("Add", "Cast", "Concat", "Div", "Gather", "GreaterOrEqual", "LSTM", "MatMul", "Mul", "Range"),
    *("ReduceMax", "ReduceSum", "Reshape", "Shape", "Squeeze"),
    *("Transpose", "Unsqueeze"),
}
OF_INT8 = {"DynamicQuantizeLSTM", "DequantizeLinear"}


def arrays(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


def run_torch(model: nn.Module) -> Run:
    def run(token_ids: np.ndarray, lengths: np.ndarray) -> Logits:
        with torch.inference_mode():
            logits: Logits = model(torch.from_numpy(token_ids), torch.from_numpy(lengths)).double().numpy()
        return logits

    return run


@pytest.fixture(scope="module", params=[1, 2, 3])
def layers(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture(scope="module")
def network(layers: int) -> Network:
    torch.manual_seed(layers)
    return Network(layers).eval()


@pytest.fixture(scope="module")
def files(network: Network, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("models")
    files = {name: directory / f"{name}.onnx" for name in ("fp32", "int8", "fp16")}
    onnx.save(build_graph(arrays(network)), files["fp32"])
    onnx.save(build_graph(arrays(network), half=True), files["fp16"])
    quantize(files["fp32"], files["int8"])
    return files


def operators(file: Path) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load(file).graph.node)


def test_a_layer_is_one_lstm_and_all_else_is_standard_and_does_not_loop(
    files: dict[str, Path], layers: int
) -> None:
    for name in ("fp32", "fp16"):
        assert operators(files[name])["LSTM"] == layers
        assert operators(files[name]).keys() <= STANDARD
    quantised = operators(files["int8"])
    assert quantised["DynamicQuantizeLSTM"] == layers
    assert quantised.keys() <= (STANDARD - {"LSTM"}) | OF_INT8


@pytest.mark.parametrize("name", ["fp32", "int8", "fp16"])
def test_inputs_and_output_are_as_promised(files: dict[str, Path], name: str) -> None:
    model = onnx.load(files[name])
    onnx.checker.check_model(model)
    values = {value.name: value.type.tensor_type for value in (*model.graph.input, *model.graph.output)}
    shapes = {key: [axis.dim_param or axis.dim_value for axis in of.shape.dim] for key, of in values.items()}
    kinds = {key: onnx.TensorProto.DataType.Name(of.elem_type) for key, of in values.items()}
    assert shapes == {"token_ids": ["rows", "longest"], "lengths": ["rows"], "logits": ["rows", 3]}
    assert kinds == {"token_ids": "INT64", "lengths": "INT64", "logits": "FLOAT"}


def test_fp32_agrees_with_torch_over_the_grid(network: Network, files: dict[str, Path]) -> None:
    assert check_fp32(run_torch(network), onnx_run(files["fp32"]), grid(VOCAB, MAX_TOKENS)) < 1e-5


def test_the_model_that_is_trained_is_this_network(tmp_path: Path) -> None:
    model = SentimentModel(PRESETS["tiny"].vocab_size, PRESETS["tiny"]).eval()
    onnx.save(build_graph(arrays(model)), tmp_path / "model.onnx")
    runs = grid(PRESETS["tiny"].vocab_size, PRESETS["tiny"].max_tokens)
    assert check_fp32(run_torch(model), onnx_run(tmp_path / "model.onnx"), runs) < 1e-5


def test_the_grid_has_single_tokens_full_lengths_and_rows_of_one_length() -> None:
    runs = grid(VOCAB, MAX_TOKENS)
    shapes = {run.token_ids.shape for run in runs}
    assert {(1, 1), (33, 1), (1, MAX_TOKENS), (33, MAX_TOKENS)} <= shapes
    assert all(longest <= MAX_TOKENS for _, longest in shapes)
    assert all(run.lengths.max() == run.token_ids.shape[1] for run in runs)
    assert any(set(run.lengths.tolist()) == {MAX_TOKENS} and len(run.lengths) > 1 for run in runs)
    assert any(len(set(run.lengths.tolist())) > 9 for run in runs)


@pytest.mark.parametrize("tokens_of_padding", [1, 7, 100])
def test_padding_changes_no_logit(files: dict[str, Path], tokens_of_padding: int) -> None:
    run, random = onnx_run(files["fp32"]), np.random.default_rng(0)
    for batch in grid(VOCAB, MAX_TOKENS):
        rubbish = random.integers(0, VOCAB, (len(batch.lengths), tokens_of_padding))
        padded = np.concatenate([batch.token_ids, rubbish], 1)
        assert np.abs(run(batch.token_ids, batch.lengths) - run(padded, batch.lengths)).max() < 1e-5


@pytest.mark.parametrize(("name", "tolerance"), [("fp32", 1e-5), ("fp16", 1e-2), ("int8", 0.1)])
def test_rows_of_one_token_among_long_ones(files: dict[str, Path], name: str, tolerance: float) -> None:
    run = onnx_run(files[name])
    token_ids = np.full((3, 30), 7, dtype=np.int64)
    together = run(token_ids, np.array([1, 30, 1]))
    alone = run(token_ids[:1, :1], np.array([1]))
    assert np.isfinite(together).all()
    assert np.abs(together[[0, 2]] - alone).max() < tolerance


def test_fp16_is_fp32_with_rounded_weights(network: Network, files: dict[str, Path], tmp_path: Path) -> None:
    kinds = {
        tensor.name: tensor.data_type
        for tensor in onnx.load(files["fp16"]).graph.initializer
        if tensor.name.startswith(("embedding", "lstm"))
    }
    assert set(kinds.values()) == {onnx.TensorProto.FLOAT16}
    weights = arrays(network)
    rounded = {
        name: value if name.startswith("classifier") else value.astype(np.float16).astype(np.float32)
        for name, value in weights.items()
    }
    onnx.save(build_graph(rounded), tmp_path / "rounded.onnx")
    assert largest(onnx_run(files["fp16"]), onnx_run(tmp_path / "rounded.onnx")) < 5e-3


def largest(one: Run, other: Run) -> float:
    """The largest difference of a logit over the grid."""
    return max(
        float(np.abs(one(run.token_ids, run.lengths) - other(run.token_ids, run.lengths)).max())
        for run in grid(VOCAB, MAX_TOKENS)
    )
