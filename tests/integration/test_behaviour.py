"""How the bundle that ships behaves: the suite of `training.behaviour`, held to one table of bounds."""

from pathlib import Path

import pytest

np = pytest.importorskip("numpy", reason="needs numpy")
pytest.importorskip("onnxruntime", reason="needs the extra cpu (onnxruntime)")

from typer.testing import CliRunner  # noqa: E402

from stream.events import Review  # noqa: E402
from stream.scoring.inference import create_classifier, load_model  # noqa: E402
from stream.settings import load_settings  # noqa: E402
from training.__main__ import app  # noqa: E402
from training.behaviour.expand import lines  # noqa: E402
from training.behaviour.suite import SuiteReport, run_suite  # noqa: E402
from training.behaviour.swaps import BRAND_CARRIERS, BRANDS  # noqa: E402
from training.bundled import BundledModel, open_bundle  # noqa: E402
from training.errors import DataError, UnusableBundleError  # noqa: E402

SHIPPED = Path(__file__).parents[2] / "stream" / "bundle"

# What the shipped model reaches, rounded down to 5 %, with room for another processor's rounding.
PASS_RATES = {
    "complaints": 0.95,
    "praise": 0.95,
    "middling": 0.80,
    "one word": 0.95,
    "misspelt": 0.95,
    "negation": 0.75,
    "contrast": 0.65,
    "word order": 0.70,
    "scams and fakes": 0.85,
    "prices": 0.85,
    "change over time": 0.90,
    "comparison": 0.55,
    "questions": 0.90,
    "long reviews": 0.75,
    "typos": 0.85,
    "upper case": 1.00,
    "punctuation dropped": 0.95,
    "joined words": 0.95,
    "intensity": 0.95,
    "added remark": 0.95,
}
# The largest share of pairs of names that may get different labels.
FLIP_RATES = {"brand swap": 0.03, "product swap": 0.03}
# The largest share of texts that cannot be judged and yet come out negative or positive above 0.8.
SURE_RATES = {
    "other language, praise": 0.15,
    "other language, complaint": 0.15,
    "gibberish": 0.20,
    "numbers and ids": 0.15,
    "emoji and signs": 0.35,
    "facts": 0.50,
    "questions without opinion": 0.30,
}


@pytest.fixture(scope="module", params=["fp32", "int8"])
def model(request: pytest.FixtureRequest) -> BundledModel:
    return open_bundle(SHIPPED, request.param, threads=1)


@pytest.fixture(scope="module")
def report(model: BundledModel) -> SuiteReport:
    return run_suite(model.probabilities, model.label_weights)


def test_enough_cases_of_each_capability_pass(report: SuiteReport) -> None:
    reached = {result.capability: 1 - result.rate for result in report.capabilities}
    assert reached.keys() == PASS_RATES.keys()
    assert {name: rate for name, rate in reached.items() if rate < PASS_RATES[name]} == {}


def test_another_name_seldom_changes_a_label(report: SuiteReport) -> None:
    reached = {result.capability: result.rate for result in report.swaps}
    assert reached.keys() == FLIP_RATES.keys()
    assert {name: rate for name, rate in reached.items() if rate > FLIP_RATES[name]} == {}


def test_a_review_gets_its_label_whatever_its_own_brand_is_called() -> None:
    settings = load_settings(bundle=SHIPPED, provider="cpu")
    classifier = create_classifier(load_model(settings), settings, clock=lambda: 0.0, observe=lambda *_: None)
    for carrier in lines(BRAND_CARRIERS):
        reviews = [
            Review(review_id=name, brand=name, text=carrier.replace("{brand}", name)) for name in BRANDS
        ]
        verdicts = classifier.classify([classifier.text_of(review) for review in reviews])
        assert len({verdict.label for verdict in verdicts}) == 1, carrier


def test_it_is_seldom_sure_of_what_cannot_be_judged(report: SuiteReport) -> None:
    reached = {result.kind: result.rate for result in report.uncertain}
    assert reached.keys() == SURE_RATES.keys()
    assert {kind: rate for kind, rate in reached.items() if rate > SURE_RATES[kind]} == {}


def test_an_opened_bundle_gives_its_own_goldens(model: BundledModel) -> None:
    goldens = model.manifest.goldens
    found = model.probabilities([golden.text for golden in goldens])
    expected = np.array([golden.scores for golden in goldens])
    assert np.abs(found - expected).max() <= model.manifest.golden_tolerance


def test_labels_are_weighted_probabilities(model: BundledModel) -> None:
    certain = np.eye(3)[[2, 0, 1]]
    assert model.labels(certain).tolist() == [2, 0, 1]
    tied = np.array([1 / weight for weight in model.label_weights])
    for label in range(3):
        assert model.labels((tied + 0.01 * np.eye(3)[label])[None]).tolist() == [label]


def test_a_blank_text_is_refused(model: BundledModel) -> None:
    with pytest.raises(DataError, match="blank"):
        model.probabilities(["good", " \n"])


def test_what_is_no_bundle_and_what_it_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableBundleError, match=r"no readable manifest\.json"):
        open_bundle(tmp_path)
    with pytest.raises(UnusableBundleError, match="no variant 'fp4'; it has fp32, int8"):
        open_bundle(SHIPPED, "fp4")


def test_the_command_writes_the_report(tmp_path: Path) -> None:
    file = tmp_path / "new" / "behaviour.md"
    done = CliRunner().invoke(
        app, ["behave", "--bundle", str(SHIPPED), "--out", str(file), "--examples", "1"]
    )
    assert done.exit_code == 0, done.output
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# Behaviour of ")
    assert "| brand swap |" in text
    assert "- comparison: " in text
