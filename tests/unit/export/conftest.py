"""A small bundle in which the models are any bytes: enough for whatever reads manifests."""

from dataclasses import asdict, replace
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
    brand_word="acme",
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
def tiny_reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A parquet file of small labelled reviews."""
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.parquet")


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, tiny_reviews: Path) -> Path:
    """A run directory as a finished training leaves it, of a tiny model that has learned nothing."""
    torch = pytest.importorskip("torch", reason="needs the extra training (torch)")
    from training.batches import encode_reviews
    from training.checkpoint import CONFIG_FILE, TOKENIZER_FILE, save_model, write_text
    from training.config import PRESETS
    from training.data import read_reviews
    from training.model import SentimentModel
    from training.tokenizer import train_tokenizer

    config, reviews = PRESETS["tiny"], read_reviews([tiny_reviews])
    run = tmp_path_factory.mktemp("runs") / "tiny"
    run.mkdir()
    tokenizer = train_tokenizer(reviews.texts, config.vocab_size, config.max_chars, config.max_tokens)
    write_text(run / TOKENIZER_FILE, tokenizer.to_str())
    write_text(run / CONFIG_FILE, config.to_json())
    torch.manual_seed(0)
    model = SentimentModel(tokenizer.get_vocab_size(), config)
    validation = encode_reviews(
        reviews.split("validation"), tokenizer, config.max_chars, config.max_tokens, lambda _rows: None
    )
    provenance = {"data": "reviews.parquet", "torch": torch.__version__, "config": asdict(config)}
    report = {
        "temperature": 1.2,
        "label_weights": [1, 2, 1],
        "brand_word": "",
        "test": {},
        "provenance": provenance,
    }
    save_model(run, model, report, validation)
    return run
