"""A whole report of the shipped bundle on small reviews: what is in it, and what never is."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from training.errors import ConfigError, DataError, TrainingError
from training.report.findings import Findings
from training.report.history import Step, read_history
from training.report.request import Request, choose_rows
from training.report.session import evaluate_bundle
from training.report.writing import prepare, write_report

BUNDLE = Path(__file__).parents[3] / "stream" / "bundle"
NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
TEXTS = {
    1: ["It broke after a day <b>and</b> smells.", "a waste of money i say", "NEVER AGAIN, THIS IS A FRAUD"],
    3: ["It is okay & nothing more.", "average thing, does the job", "neither good nor bad 4711"],
    5: ["Works like a charm, I love it! 😍", "great sound great screen", "Excellent, would buy it again."],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """54 training, 18 validation and 18 test rows of two shops; one glowing review has a single star."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra training (pyarrow)")
    import pyarrow

    rows = []
    for split, times in (("train", 6), ("validation", 2), ("test", 2)):
        for time in range(times):
            for stars, texts in TEXTS.items():
                rows += [{"text": f"{text} No. {time}", "stars": stars, "split": split} for text in texts]
    rows[-1] |= {"text": "Excellent all over, would buy it at once again.", "stars": 1}
    for i, row in enumerate(rows):
        row |= {"review_id": f"review-{i}", "source": "shop" if i % 2 else "stall"}
    file = tmp_path_factory.mktemp("data") / "labelled.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file


def request(data: Path, out: Path, **changes: object) -> Request:
    plain = Request(
        bundle=BUNDLE,
        data=[data],
        out=out,
        split="test",
        baselines="majority,teacher",
        run=None,
        soft_labels=None,
        ancestor=None,
        only_sources=(),
        unseen=False,
        seed=1,
        command="evaluate it",
        columns={},
        drop_contradictory=False,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields by name


@pytest.fixture(scope="module")
def findings(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    pytest.importorskip("onnxruntime", reason="needs the extra cpu (onnxruntime)")
    return evaluate_bundle(request(data, tmp_path_factory.mktemp("out")), NOW, lambda step: None)


@pytest.fixture(scope="module")
def written(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    pytest.importorskip("matplotlib", reason="needs the extra report (matplotlib)")
    files = write_report(tmp_path_factory.mktemp("report"), findings)
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def test_both_files_hold_the_numbers_and_where_they_come_from(
    findings: Findings, written: dict[str, str]
) -> None:
    assert set(written) == {"report.md", "report.html"}
    origin = findings.origin
    for content in written.values():
        for told in (
            origin.bundle_digest,
            origin.data_sha256,
            "labelled.parquet",
            "evaluate it",
            "2026-01-31 09:30",
        ):
            assert told in content
        assert f"{findings.labels.macro_f1.value:.4f}" in content
        assert "18 rows in the split test; 54 to learn from, 18 to tune on" in content
        assert "Teacher: not given: --soft-labels FILE" in content


def test_every_variant_of_the_bundle_has_a_row(findings: Findings, written: dict[str, str]) -> None:
    models = json.loads((BUNDLE / "manifest.json").read_bytes())["models"]
    assert [each.name for each in findings.variants] == list(models)
    table = written["report.md"].partition("## Variants")[2].partition("##")[0]
    assert all(f"| {name} |" in table for name in models)


def test_no_review_text_is_in_a_report(written: dict[str, str]) -> None:
    fragments = {text[:12] for texts in TEXTS.values() for text in texts}
    for content in written.values():
        assert not {fragment for fragment in fragments if fragment.lower() in content.lower()}


def test_the_worst_mistake_is_the_glowing_review_with_one_star(
    findings: Findings, written: dict[str, str]
) -> None:
    worst = findings.mistakes[0]
    assert (worst.review_id, worst.stars, worst.predicted) == ("review-89", 1, "positive")
    assert "review-89" in written["report.md"]


def test_the_page_needs_nothing_else(written: dict[str, str]) -> None:
    page = written["report.html"]
    assert "http" not in page
    assert "@import" not in page
    assert "<script" not in page
    referred = re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', page)
    assert referred
    assert {(one or other)[0] for one, other in referred} == {"#"}
    assert page.count("<svg") == 5  # without a learning curve


def test_ids_are_unique_in_the_page_and_every_reference_has_one(written: dict[str, str]) -> None:
    page = written["report.html"]
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(ids)
    assert set(re.findall(r"url\(#([^)]*)\)", page)) <= set(ids)


def test_the_same_findings_give_the_same_files(
    findings: Findings, written: dict[str, str], tmp_path: Path
) -> None:
    again = {file.name: file.read_text(encoding="utf-8") for file in write_report(tmp_path, findings)}
    assert again == written


def test_a_report_without_baselines_shows_the_model_alone(
    findings: Findings, written: dict[str, str], tmp_path: Path
) -> None:
    steps = [Step(0.5, 0.9, None, None, None), Step(1.0, 0.5, 0.8, 0.6, 0.5)]
    _, page = write_report(tmp_path, replace(findings, baselines=[], history=steps))
    content = page.read_text(encoding="utf-8")
    assert "Majority class" not in content
    assert content.count("<svg") == 6
    assert "No run was given" not in content


def test_history_is_read_from_the_run(tmp_path: Path) -> None:
    assert read_history(None) == read_history(tmp_path) == []
    scores = {"accuracy": 0.8, "macro_f1": 0.6, "nll": 0.5}
    entries = [
        {"step": 10, "epoch": 0.5, "train_loss": 0.9, "validation": None},
        {"step": 20, "epoch": 1, "train_loss": None, "validation": scores},
    ]
    (tmp_path / "history.json").write_text(json.dumps(entries), encoding="utf-8")
    assert read_history(tmp_path) == [Step(0.5, 0.9, None, None, None), Step(1.0, None, 0.8, 0.6, 0.5)]


@pytest.mark.parametrize(
    "content", ["[", "{}x", '[{"epoch": 1}]', '[{"epoch": "1", "train_loss": 1}]', "[3]"]
)
def test_a_broken_history_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "history.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="is not a history of a run"):
        read_history(tmp_path)


def test_unseen_sources_are_scored_and_nobody_learns_from_them(data: Path, tmp_path: Path) -> None:
    task = choose_rows(request(data, tmp_path, only_sources=("stall",), unseen=True, split="all"))
    assert set(task.scored.sources) == {"stall"}
    assert set(task.scored.splits) == {"train", "validation", "test"}
    assert set(task.train.sources) == set(task.validation.sources) == {"shop"}


def test_only_sources_narrow_what_is_scored_alone(data: Path, tmp_path: Path) -> None:
    task = choose_rows(request(data, tmp_path, only_sources=("stall",)))
    assert set(task.scored.sources) == {"stall"}
    assert set(task.train.sources) == {"shop", "stall"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"only_sources": ("stal",)}, r"no rows of the sources \['stal'\]; there are \['shop', 'stall'\]"),
        ({"unseen": True}, "--unseen needs --only-sources"),
        ({"split": "all"}, "needs --unseen"),
    ],
)
def test_contradictions_are_refused(
    data: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(TrainingError, match=message):
        choose_rows(request(data, tmp_path, **changes))


def test_a_directory_that_cannot_be_made_is_refused_before_the_work(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra report (matplotlib)")
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    with pytest.raises(ConfigError, match="Choose another --out"):
        prepare(tmp_path / "file")
