"""From a trained run to a bundle: checked, measured, and refused where it is not the same model."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra export (torch)")
pytest.importorskip("onnx", reason="needs the extra export (onnx)")
pytest.importorskip("onnxruntime", reason="needs the extra export (onnxruntime)")

from typer.testing import CliRunner  # noqa: E402

from export.__main__ import app  # noqa: E402
from export.bundle import read_bundle  # noqa: E402
from export.errors import ExportError, ParityError  # noqa: E402
from export.parity import Inputs, Ints, Logits, Run, check_flips, check_fp32, check_goldens  # noqa: E402
from export.runtime import BATCH_TOKENS, batch_rows, run_rows  # noqa: E402
from export.session import Plan, export_run  # noqa: E402
from export.speed import THREADS, Timed, reviews_per_second  # noqa: E402
from export.variants import Variant, choose_cpu  # noqa: E402
from stream.settings import Settings  # noqa: E402
from training.evaluate import evaluate  # noqa: E402

pytestmark = pytest.mark.training


def constant(token_ids: Ints, lengths: Ints) -> Logits:
    """A run that answers each row with its length."""
    return np.stack([lengths, lengths, lengths], 1).astype(np.float64)


def off_by(run: Run, amount: float) -> Run:
    return lambda token_ids, lengths: run(token_ids, lengths) + amount


@pytest.mark.parametrize("amount", [2e-4, float("nan")])
def test_a_model_that_differs_is_refused(amount: float) -> None:
    runs = [Inputs(np.ones((2, 3), np.int64), np.array([3, 1]))]
    assert check_fp32(constant, constant, runs) == 0
    with pytest.raises(ParityError, match="nothing was written"):
        check_fp32(constant, off_by(constant, amount), runs)


def test_a_variant_may_change_five_labels_in_a_thousand() -> None:
    reference = np.full(1000, 2)
    labels = reference.copy()
    labels[:5] = 0
    assert check_flips("int8", reference, labels) == 0.005
    labels[5] = 1
    with pytest.raises(ParityError, match=r"int8 changes 0\.60%.*--no-int8"):
        check_flips("int8", reference, labels)


def test_a_variant_that_does_not_reproduce_the_goldens_is_refused() -> None:
    golden = np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    check_goldens({"fp32": golden + np.array([0.01, -0.01, 0]), "int8": golden}, "int8", 0.02)
    with pytest.raises(ParityError, match=r"fp32 differs from int8 by 0\.030 .* --no-fp32"):
        check_goldens({"fp32": golden + np.array([0.03, -0.03, 0]), "int8": golden}, "int8", 0.02)
    with pytest.raises(ParityError):
        check_goldens({"fp32": golden, "int8": golden * np.nan}, "fp32", 0.02)


def test_batches_are_those_of_a_worker_and_keep_every_row() -> None:
    assert Settings().batch_tokens == BATCH_TOKENS
    rows = [[1] * (1 + n * 37 % 200) for n in range(300)]
    batches = list(batch_rows(rows, 0))
    assert sorted(np.concatenate([numbers for numbers, _ in batches])) == list(range(300))
    assert all(batch.token_ids.size <= BATCH_TOKENS for _, batch in batches)
    assert run_rows(constant, rows, 0)[:, 0].tolist() == [len(row) for row in rows]


def test_a_row_beyond_the_budget_is_a_batch_of_its_own() -> None:
    rows = [[1] * (BATCH_TOKENS + 1), [2]]
    assert [len(numbers) for numbers, _ in batch_rows(rows, 0)] == [1, 1]


def test_the_best_pass_counts() -> None:
    ticks = iter([0.0, 4.0, 4.0, 5.0, 10.0, 12.0, 12.0, 14.0])  # seconds a pass: a 4, b 1, a 2, b 2
    batches = [Inputs(np.ones((3, 2), np.int64), np.full(3, 2))] * 2
    models = {name: Timed(constant, batches) for name in ("a", "b")}
    found = reviews_per_second(models, clock=lambda: next(ticks), passes=2)
    assert found == {"a": 6 * THREADS / 2, "b": 6 * THREADS / 1}


def variant(macro_f1: float, speed: float | None) -> Variant:
    logits = np.eye(3)
    scores = replace(evaluate(logits, np.arange(3)), macro_f1=macro_f1)
    return Variant(constant, logits, scores, 0.0, 1, speed)


@pytest.mark.parametrize(
    ("int8", "chosen"),
    [(variant(0.698, 20), "int8"), (variant(0.696, 20), "fp32"), (variant(0.7, 9), "fp32")],
    ids=["fast and as good", "fast and worse", "slow"],
)
def test_cpus_get_the_fastest_that_loses_little(int8: Variant, chosen: str) -> None:
    assert choose_cpu({"fp32": variant(0.7, 10), "int8": int8, "fp16": variant(0.8, None)}) == chosen


@pytest.mark.parametrize("variants", [("fp32", "int8", "fp16"), ("fp32",)])
def test_a_run_becomes_a_bundle(tiny_run: Path, tmp_path: Path, variants: tuple[str, ...]) -> None:
    lines: list[str] = []
    plan = Plan("tiny", variants, cuda=variants[-1])
    bundle = export_run(tiny_run, tmp_path / "bundle", plan, lines.append)
    manifest = bundle.manifest
    assert read_bundle(tmp_path / "bundle") == bundle
    assert tuple(manifest.models) == variants
    assert manifest.default_variant["cuda"] == variants[-1]
    assert manifest.default_variant["cpu"] in {"fp32", "int8"} & set(variants)
    assert manifest.validation["rows"] == 24
    facts = manifest.validation["variants"]
    assert list(facts) == list(variants)
    for name, of in facts.items():
        assert of.keys() == {"flips", "accuracy", "macro_f1", "reviews_per_second", "bytes"}
        assert of["bytes"] == (bundle.path / manifest.models[name]).stat().st_size
        assert (of["reviews_per_second"] is None) == (name == "fp16")
    assert facts["fp32"]["flips"] == 0
    assert manifest.provenance.keys() >= {"data", "torch", "config", "test", "fp32_largest_logit_difference"}
    assert len(lines) == 1 + len(variants)


def test_label_weights_of_the_run_are_those_of_the_bundle(tiny_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    change_report(run, label_weights=[1.0, 1000.0, 1.0])
    bundle = export_run(run, tmp_path / "bundle", Plan("tiny"), lambda _: None)
    assert bundle.manifest.label_weights == (1.0, 1000.0, 1.0)
    assert [row[1] for row in bundle.manifest.validation["confusion"]] == [8, 8, 8]


def change_report(run: Path, **fields: object) -> None:
    file = run / "report.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_a_refused_export_writes_nothing(tiny_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    weights = torch.load(run / "model.pt", weights_only=True)
    weights["classifier.bias"][0] = torch.nan
    torch.save(weights, run / "model.pt")
    with pytest.raises(ParityError, match="nothing was written"):
        export_run(run, tmp_path / "bundle", Plan("tiny"), lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_command_refuses_what_is_no_run(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["--checkpoint", str(tmp_path), "--out", str(tmp_path / "bundle")])
    assert isinstance(outcome.exception, ExportError)
    assert "no run directory" in str(outcome.exception)


@pytest.mark.parametrize("options", [["--cuda", "int8"], ["--cuda", "fp16", "--no-fp16"], ["--name", "Ä"]])
def test_the_command_refuses_options_that_make_no_sense(tmp_path: Path, options: list[str]) -> None:
    given = ["--checkpoint", str(tmp_path), "--out", str(tmp_path / "bundle"), *options]
    assert isinstance(CliRunner().invoke(app, given).exception, ExportError)
