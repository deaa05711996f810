"""The bundle that ships: whole, small, reproducible, and right about plain sentences."""

from pathlib import Path

import pytest

from export.bundle import Bundle, read_bundle

np = pytest.importorskip("numpy", reason="needs numpy")
pytest.importorskip("onnxruntime", reason="needs the extra cpu (onnxruntime)")

from tokenizers import Tokenizer  # noqa: E402

from export.runtime import onnx_run, probabilities, run_rows  # noqa: E402

SHIPPED = Path(__file__).parents[2] / "stream" / "bundle"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(SHIPPED)


def score(bundle: Bundle, variant: str, texts: list[str]) -> list[list[float]]:
    """Calibrated probabilities of each text, scored together."""
    tokenizer = Tokenizer.from_file(str(bundle.tokenizer_file))
    manifest = bundle.manifest
    rows = [tokenizer.encode(text[: manifest.max_chars]).ids for text in texts]
    logits = run_rows(onnx_run(bundle.path / manifest.models[variant]), rows, manifest.pad_id)
    return [list(map(float, row)) for row in probabilities(logits, manifest.temperature)]


def test_it_is_small_and_has_all_variants(bundle: Bundle) -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 25_000_000
    assert {"fp32", "int8", "fp16"} == bundle.manifest.models.keys()
    assert {file.name for file in SHIPPED.iterdir()} == {*bundle.manifest.files, "manifest.json"}


@pytest.mark.parametrize("variant", ["fp32", "int8"])
@pytest.mark.parametrize("together", [True, False])
def test_goldens_are_reproduced(bundle: Bundle, variant: str, together: bool) -> None:
    goldens = bundle.manifest.goldens
    texts = [golden.text for golden in goldens]
    found = score(bundle, variant, texts) if together else [score(bundle, variant, [t])[0] for t in texts]
    expected = [golden.scores for golden in goldens]
    assert np.abs(np.array(found) - np.array(expected)).max() <= bundle.manifest.golden_tolerance


@pytest.mark.parametrize("variant", ["fp32", "int8"])
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Awesome sound for the price", "positive"),
        ("Okay product, it is okay at this price", "neutral"),
        ("fake, did not work, lost my money", "negative"),
        ("do not buy this, it is a scam", "negative"),
    ],
)
def test_plain_sentences_come_out_right(bundle: Bundle, variant: str, text: str, label: str) -> None:
    scores = score(bundle, variant, [text])[0]
    weighted = np.array(scores) * bundle.manifest.label_weights
    assert bundle.manifest.labels[int(np.argmax(weighted))] == label


def test_it_reaches_on_validation_what_the_model_card_says(bundle: Bundle) -> None:
    assert bundle.manifest.validation["accuracy"] > 0.862
    assert bundle.manifest.validation["macro_f1"] > 0.705
    assert bundle.manifest.validation["ece"] < 0.02


def test_the_default_variant_gives_the_labels_of_fp32(bundle: Bundle) -> None:
    variants = bundle.manifest.validation["variants"]
    assert variants[bundle.manifest.default_variant["cpu"]]["flips"] <= 0.005
    assert variants["int8"]["macro_f1"] >= variants["fp32"]["macro_f1"] - 0.003


def test_it_says_what_it_was_trained_on(bundle: Bundle) -> None:
    provenance = bundle.manifest.provenance
    assert provenance["rows"]["train"] > 0
    assert provenance.keys() >= {"data", "data_sha256", "torch", "config", "finished_at"}
