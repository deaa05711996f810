"""A bundle is read whole and unaltered, or refused with a message that says what to do."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from export.bundle import BundleError, Manifest, file_sha256, read_bundle, write_bundle
from tests.unit.export.conftest import MANIFEST, fill


def test_what_was_written_is_read(small_bundle: Path) -> None:
    bundle = read_bundle(small_bundle)
    assert replace(bundle.manifest, files={}) == MANIFEST
    assert bundle.digest == file_sha256(small_bundle / "manifest.json")
    assert sorted(bundle.manifest.files) == ["model.int8.onnx", "model.onnx", "tokenizer.json"]
    assert bundle.model_file("cpu").name == "model.int8.onnx"
    assert bundle.model_file("cuda").name == "model.onnx"
    assert bundle.tokenizer_file.is_file()


@pytest.mark.parametrize("name", ["model.onnx", "model.int8.onnx", "tokenizer.json"])
def test_an_altered_or_missing_file_is_refused(small_bundle: Path, name: str) -> None:
    (small_bundle / name).write_bytes(b"other")
    with pytest.raises(BundleError, match=f"{name} was altered.*python -m export"):
        read_bundle(small_bundle)
    (small_bundle / name).unlink()
    with pytest.raises(BundleError, match=f"{name} of the bundle cannot be read.*python -m export"):
        read_bundle(small_bundle)


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no readable manifest\.json"):
        read_bundle(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 1}, "bundle format 1, this program reads 2"),
        ({"labels": ["positive", "neutral", "negative"]}, "labels must be"),
        ({"inputs": ["lengths"]}, "inputs must be"),
        ({"temperature": 0}, "must be above 0"),
        ({"temperature": "warm"}, "malformed"),
        ({"label_weights": [1, 1]}, "label_weights must be three"),
        ({"label_weights": [1, 0, 1]}, "label_weights must be three"),
        ({"label_weights": [1, 1, float("inf")]}, "label_weights must be three"),
        ({"label_weights": [1, 1, float("nan")]}, "label_weights must be three"),
        ({"label_weights": [1, 1, "much"]}, "malformed"),
        ({"label_weights": 1}, "malformed"),
        ({"files": {}}, "files must list"),
        ({"files": {"../../etc/passwd": "0"}}, "plain names"),
        ({"default_variant": {"cpu": "fp16"}}, "default_variant"),
        ({"goldens": []}, "goldens"),
        ({"surprise": 1}, "malformed"),
    ],
)
def test_a_manifest_of_another_form_is_refused(
    small_bundle: Path, changes: dict[str, Any], message: str
) -> None:
    file = small_bundle / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with pytest.raises(BundleError, match=message):
        read_bundle(small_bundle)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"{}"])
def test_no_json_is_refused(small_bundle: Path, content: bytes) -> None:
    (small_bundle / "manifest.json").write_bytes(content)
    with pytest.raises(BundleError, match="malformed"):
        read_bundle(small_bundle)


def test_a_bundle_is_replaced_whole_or_not_at_all(small_bundle: Path) -> None:
    before = read_bundle(small_bundle)

    def broken(directory: Path) -> Manifest:
        fill(directory)
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write_bundle(small_bundle, broken)
    assert read_bundle(small_bundle) == before
    after = write_bundle(small_bundle, lambda directory: replace(fill(directory), name="newer"))
    assert after.manifest.name == "newer"
    assert after.digest != before.digest
    assert [path.name for path in small_bundle.parent.iterdir()] == ["bundle"]


def test_a_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(BundleError, match="something else than a bundle"):
        write_bundle(tmp_path, fill)
    assert (tmp_path / "thesis.txt").exists()


def test_reading_needs_the_standard_library_only() -> None:
    code = "import sys, export.bundle; print(*{name.split('.')[0] for name in sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "onnx", "onnxruntime", "numpy", "tokenizers"}.isdisjoint(found.stdout.split())
