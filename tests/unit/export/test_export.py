"""From a trained model to a bundle: the same function, whatever the padding; refused where it is not."""

import shutil
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="needs the extra export (onnx)")
torch = pytest.importorskip("torch", reason="needs the extra export (torch)")
pytest.importorskip("onnxruntime", reason="needs the extra export (onnxruntime)")

from typer.testing import CliRunner  # noqa: E402

from export.__main__ import app  # noqa: E402
from export.bundle import read_bundle  # noqa: E402
from export.errors import ExportError, ParityError  # noqa: E402
from export.graph import build_graph  # noqa: E402
from export.parity import Inputs, Run, check_fp32, check_int8, grid  # noqa: E402
from export.quantize import quantize  # noqa: E402
from export.runtime import onnx_run  # noqa: E402
from export.session import export_run, state_arrays, torch_run  # noqa: E402
from training.config import TrainingConfig  # noqa: E402
from training.model import SentimentModel  # noqa: E402

pytestmark = pytest.mark.training
VOCAB, MAX_TOKENS = 50, 40


@pytest.fixture(scope="module")
def model() -> SentimentModel:
    torch.manual_seed(0)
    config = TrainingConfig(
        vocab_size=VOCAB, max_tokens=MAX_TOKENS, train_tokens=MAX_TOKENS, embedding_size=8, hidden_size=12
    )
    return SentimentModel(VOCAB, config).eval()


@pytest.fixture(scope="module")
def files(model: SentimentModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("models")
    files = {"fp32": directory / "model.onnx", "int8": directory / "model.int8.onnx"}
    onnx.save(build_graph(state_arrays(model)), files["fp32"])
    quantize(files["fp32"], files["int8"])
    return files


def operators(file: Path) -> set[str]:
    return {node.op_type for node in onnx.load(file).graph.node}


def test_the_lstm_is_one_node_and_nothing_loops(files: dict[str, Path]) -> None:
    assert "LSTM" in operators(files["fp32"])
    assert "DynamicQuantizeLSTM" in operators(files["int8"])
    for file in files.values():
        assert operators(file).isdisjoint({"Loop", "Scan", "If"})


def test_inputs_and_output_are_as_promised(files: dict[str, Path]) -> None:
    graph = onnx.load(files["fp32"]).graph
    shapes = {
        value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.output)
    }
    assert shapes == {"token_ids": ["rows", "longest"], "lengths": ["rows"], "logits": ["rows", 3]}


def test_fp32_agrees_with_torch_over_the_grid(model: SentimentModel, files: dict[str, Path]) -> None:
    assert check_fp32(torch_run(model), onnx_run(files["fp32"]), grid(VOCAB, MAX_TOKENS)) < 1e-5


@pytest.mark.parametrize("tokens_of_padding", [1, 7, 100])
def test_padding_changes_no_logit(files: dict[str, Path], tokens_of_padding: int) -> None:
    run, random = onnx_run(files["fp32"]), np.random.default_rng(0)
    for batch in grid(VOCAB, MAX_TOKENS):
        rubbish = random.integers(0, VOCAB, (len(batch.lengths), tokens_of_padding))
        padded = np.concatenate([batch.token_ids, rubbish], 1)
        assert np.abs(run(batch.token_ids, batch.lengths) - run(padded, batch.lengths)).max() < 1e-5


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_rows_of_one_token_among_long_ones(files: dict[str, Path], variant: str) -> None:
    run = onnx_run(files[variant])
    token_ids = np.full((3, 30), 7, dtype=np.int64)
    together = run(token_ids, np.array([1, 30, 1]))
    alone = run(token_ids[:1, :1], np.array([1]))
    assert np.isfinite(together).all()
    assert np.abs(together[[0, 2]] - alone).max() < (1e-5 if variant == "fp32" else 0.1)


def off_by(run: Run, amount: float) -> Run:
    return lambda token_ids, lengths: run(token_ids, lengths) + amount


@pytest.mark.parametrize("amount", [2e-4, float("nan")])
def test_a_model_that_differs_is_refused(model: SentimentModel, amount: float) -> None:
    run = torch_run(model)
    with pytest.raises(ParityError, match="nothing was written"):
        check_fp32(run, off_by(run, amount), [Inputs(np.ones((2, 3), np.int64), np.array([3, 1]))])


def test_int8_may_change_one_label_in_a_hundred() -> None:
    reference = np.tile([0.0, 0.0, 1.0], (100, 1))
    quantized = reference.copy()
    quantized[0] = [1, 0, 0]
    assert check_int8(reference, quantized) == 0.01
    quantized[1] = [1, 0, 0]
    with pytest.raises(ParityError, match=r"2\.00%.*--no-int8"):
        check_int8(reference, quantized)


@pytest.mark.parametrize("int8", [True, False])
def test_a_run_becomes_a_bundle(tiny_run: Path, tmp_path: Path, int8: bool) -> None:
    lines: list[str] = []
    bundle = export_run(tiny_run, tmp_path / "bundle", "tiny", int8, lines.append)
    assert read_bundle(tmp_path / "bundle") == bundle
    assert bundle.manifest.default_variant == {"cpu": "int8" if int8 else "fp32", "cuda": "fp32"}
    assert bundle.manifest.validation["rows"] == 24
    assert len(lines) == 1 + int8


def test_a_refused_export_writes_nothing(tiny_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    weights = torch.load(run / "model.pt", weights_only=True)
    weights["classifier.bias"][0] = torch.nan
    torch.save(weights, run / "model.pt")
    with pytest.raises(ParityError, match="nothing was written"):
        export_run(run, tmp_path / "bundle", "tiny", True, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_command_refuses_what_is_no_run(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["--checkpoint", str(tmp_path), "--out", str(tmp_path / "bundle")])
    assert isinstance(outcome.exception, ExportError)
    assert "no run directory" in str(outcome.exception)
