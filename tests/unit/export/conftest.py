"""A small bundle in which the models are any bytes: enough for whatever reads manifests."""

from dataclasses import replace
from pathlib import Path

import pytest

from export.bundle import FORMAT_VERSION, INPUTS, LABELS, OUTPUT, Golden, Manifest, write_bundle
from tests.unit.training.samples import write_reviews

MANIFEST = Manifest(
    format_version=FORMAT_VERSION,
    name="small",
    labels=LABELS,
    pad_id=0,
    max_tokens=16,
    max_chars=100,
    inputs=INPUTS,
    output=OUTPUT,
    temperature=1.5,
    label_weights=(1.5, 2.0, 1.0),
    models={"fp32": "model.onnx", "int8": "model.int8.onnx"},
    default_variant={"cpu": "int8", "cuda": "fp32"},
    files={},
    provenance={"rows": {"train": 3}},
    validation={"accuracy": 0.5},
    golden_tolerance=0.02,
    goldens=(Golden("schön \x1c 😀", (0.1, 0.2, 0.7)),),
)


def fill(directory: Path) -> Manifest:
    """Write the files of MANIFEST."""
    for name in ("model.onnx", "model.int8.onnx", "tokenizer.json"):
        (directory / name).write_bytes(name.encode())
    return replace(MANIFEST)


@pytest.fixture
def small_bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle", fill).path


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run directory of a tiny model."""
    torch = pytest.importorskip("torch", reason="needs the extra training (torch)")
    from training.config import PRESETS
    from training.session import Observers, fit_run

    out = tmp_path_factory.mktemp("runs") / "tiny"
    reviews_file = write_reviews(out.parent / "reviews.parquet")
    tell = Observers(lambda *_: None, lambda _: None)
    fit_run(PRESETS["tiny"], [reviews_file], out, False, torch.device("cpu"), tell)
    return out
