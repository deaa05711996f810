"""What the bundle that ships says of strange texts, of batch mates, and when something is wrong with it."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from stream.errors import BundleUnusable, ProviderMissing
from stream.scoring.classifier import Classifier, calibrate
from stream.scoring.inference import Model, OnnxScorer, candidates, create_classifier, load_model
from stream.scoring.rows import pad
from stream.scoring.tokenizer import load_tokenizer
from stream.settings import DEFAULT_BUNDLE, load_settings

WORDS = (
    "the a it this was is not never very really quite good great awful bad fine okay sound battery screen "
    "price works broke stopped arrived late quick cheap love hate return refund again after one two weeks "
    "days box cable strap button charger firmware update support nobody answers happy with but and"
)


def made_up_texts(count: int) -> list[str]:
    """Sentences of 1 to 120 words, the same every time."""
    rng = random.Random(7)
    return [
        " ".join(rng.choices(WORDS.split(), k=rng.randint(1, rng.choice((8, 40, 120))))) for _ in range(count)
    ]


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(load_settings(provider="cpu"))


def classifier(model: Model, padded_tokens: list[float] | None = None) -> Classifier:
    def observe(what: str, amount: float) -> None:
        if what == "padded_tokens" and padded_tokens is not None:
            padded_tokens.append(amount)

    settings = load_settings(provider="cpu")
    return create_classifier(model, settings, clock=lambda: 0.0, observe=observe)


def largest_difference(model: Model, variant: str) -> npt.NDArray[np.float64]:
    """(texts,) how far any probability of a text moves between alone and among others of all lengths."""
    import onnxruntime

    manifest = model.bundle.manifest
    session = onnxruntime.InferenceSession(
        str(model.bundle.path / manifest.models[variant]), providers=["CPUExecutionProvider"]
    )
    scorer = OnnxScorer(session, manifest.inputs, manifest.output)
    tokenizer = load_tokenizer(model.bundle.tokenizer_file, manifest.max_tokens, manifest.max_chars)
    rows = [tokenizer.encode(text) for text in made_up_texts(192)]
    alone = np.concatenate([scorer.score(*pad([row], manifest.pad_id)) for row in rows])
    mixed = np.concatenate(
        [scorer.score(*pad(rows[i : i + 64], manifest.pad_id)) for i in range(0, len(rows), 64)]
    )
    moved = calibrate(mixed, manifest.temperature) - calibrate(alone, manifest.temperature)
    largest: npt.NDArray[np.float64] = np.abs(moved).max(axis=1)
    return largest


def test_batch_mates_change_no_verdict_of_the_exact_model(model: Model) -> None:
    assert largest_difference(model, "fp32").max() < 1e-5


def test_batch_mates_hardly_change_a_verdict_of_the_quantised_model(model: Model) -> None:
    # Dynamic quantisation takes one activation scale from the whole batch, so the law cannot be exact.
    # Measured on 1,000 real reviews: 0.002 on average, 0.03 at most, 2 of 1,000 labels.
    moved = largest_difference(model, "int8")
    assert moved.mean() < 0.01
    assert moved.max() < 0.08


@pytest.mark.parametrize(
    "text",
    [
        "great sound " * 90_000,
        "😀" * 100_000,
        "שלום עולם، مرحبا بالعالم \u202egnol\u202c",
        "bell \u0007 escape \u001b[31m delete \u007f \u0001",
        "a" * 50_000,
        "\u200b",
        " " * 1_000_000 + "good",
        "\u0301" * 1000,
    ],
    ids=lambda text: f"{ascii(text)[:20]}-{len(text)}",
)
def test_strange_texts_are_labelled_with_bounded_work(model: Model, text: str) -> None:
    padded_tokens: list[float] = []
    scoring = classifier(model, padded_tokens)
    padded_tokens.clear()  # the goldens
    neighbours = ["fine", "not good"]
    verdicts = scoring.classify([text, *neighbours])
    assert len(verdicts) == 3
    assert sum(verdicts[0].scores.values()) == pytest.approx(1, abs=1e-5)
    assert sum(padded_tokens) <= 3 * model.bundle.manifest.max_tokens


def test_the_examples_come_out_as_anybody_would_say(model: Model) -> None:
    texts = [
        "Awesome sound for the price",
        "fake, did not work, lost my money",
        "do not buy this, it is a scam",
    ]
    labels = [verdict.label for verdict in classifier(model).classify(texts)]
    assert labels == ["positive", "negative", "negative"]


def copied_bundle(directory: Path, **changed: object) -> Path:
    target = directory / "bundle"
    shutil.copytree(DEFAULT_BUNDLE, target)
    manifest = json.loads((target / "manifest.json").read_bytes())
    (target / "manifest.json").write_text(json.dumps(manifest | changed))
    return target


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    bundle = copied_bundle(tmp_path)
    with (bundle / "model.int8.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BundleUnusable, match=r"model\.int8\.onnx was altered"):
        load_model(load_settings(bundle=bundle))


def test_a_missing_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleUnusable, match="holds no readable"):
        load_model(load_settings(bundle=tmp_path))


def test_labels_in_another_order_are_refused(tmp_path: Path) -> None:
    bundle = copied_bundle(tmp_path, labels=["positive", "neutral", "negative"])
    with pytest.raises(BundleUnusable, match="labels"):
        load_model(load_settings(bundle=bundle))


def test_goldens_that_are_not_reproduced_are_refused(tmp_path: Path) -> None:
    bundle = copied_bundle(tmp_path, temperature=5.0)
    settings = load_settings(bundle=bundle, provider="cpu")
    with pytest.raises(BundleUnusable, match="does not reproduce its golden texts"):
        create_classifier(load_model(settings), settings, clock=lambda: 0.0, observe=lambda *_: None)


def test_the_provider_that_was_demanded_must_be_there() -> None:
    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert candidates("auto", both) == ["cuda", "cpu"]
    assert candidates("cpu", both) == ["cpu"]
    with pytest.raises(ProviderMissing, match=r"brandpulse\[gpu\]"):
        candidates("cuda", ["CPUExecutionProvider"])
