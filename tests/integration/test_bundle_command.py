"""`brandpulse bundle` as people use it before a roll-out."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from stream.settings import DEFAULT_BUNDLE

COMMAND = [sys.executable, "-m", "stream", "bundle"]
TEXTS = ("great sound and a strong battery", "broke after one day, awful", "it is okay for the price")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def bundle_at(directory: Path, **changed: object) -> Path:
    shutil.copytree(DEFAULT_BUNDLE, directory)
    manifest = json.loads((directory / "manifest.json").read_bytes())
    (directory / "manifest.json").write_text(json.dumps(manifest | changed))
    return directory


def test_a_good_bundle_is_verified_and_a_bad_one_refused(tmp_path: Path) -> None:
    good = run("verify", DEFAULT_BUNDLE)
    assert good.returncode == 0
    assert "golden texts reproduced" in good.stdout
    bad = run("verify", bundle_at(tmp_path / "bad", temperature=5.0))
    assert bad.returncode == 2
    assert "does not reproduce its golden texts" in bad.stderr


def test_two_that_agree_pass_and_one_that_differs_does_not(tmp_path: Path) -> None:
    data = tmp_path / "reviews.jsonl"
    lines = [
        {
            "review_id": f"r{number}",
            "brand": ("Acme", "Bolt")[number % 2],
            "text": f"{TEXTS[number % 3]} {number}",
        }
        for number in range(120)
    ]
    data.write_text("\n".join(map(json.dumps, lines)))
    same = run("compare", DEFAULT_BUNDLE, bundle_at(tmp_path / "same", name="again"), "--data", data)
    assert "120 reviews, 0.00% of the labels differ" in same.stdout
    gloomy = bundle_at(tmp_path / "gloomy", label_weights=[1000.0, 1.0, 1.0])
    other = run("compare", DEFAULT_BUNDLE, gloomy, "--data", data, "--json")
    assert other.returncode == 1
    said = json.loads(other.stdout)
    assert (said["reviews"], said["flips"]) == (120, 2 / 3)
    assert {"running": "positive", "new": "negative", "reviews": 40} in said["labels"]
    assert [net["brand"] for net in said["net"]] == ["all reviews", "acme", "bolt"]
    assert "66.7% of the labels differ" in said["objections"][0]


def test_nothing_to_compare_on_is_said(tmp_path: Path) -> None:
    empty = tmp_path / "reviews.csv"
    empty.write_text("review_id,brand,text\n")
    done = run("compare", DEFAULT_BUNDLE, DEFAULT_BUNDLE, "--data", empty)
    assert done.returncode == 2
    assert "reviews" in done.stderr
    assert "Traceback" not in done.stderr
