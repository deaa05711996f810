"""The tools that the tests of deploy/ need, and what they read; without a tool a test skips and says so."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_load, safe_load_all

from stream.metrics import PREFIX as METRIC_PREFIX
from stream.metrics import catalogue_table
from stream.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "chart"
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
SETTINGS |= {f"{name}_FILE" for name in SETTINGS}


def tool(name: str) -> str:
    """The path of a program: from the variable of its name in capitals, or from PATH."""
    found = os.environ.get(name.upper()) or shutil.which(name)
    if not found:
        pytest.skip(f"no {name} here: put it on PATH, or say where it is by {name.upper()}=")
    return found


def run(*command: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a program in the root of the repository."""
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def load(path: Path) -> Any:
    """The one document of a YAML file."""
    return safe_load(path.read_text(encoding="utf-8"))


def load_all(text: str) -> list[dict[str, Any]]:
    """The documents of a stream of YAML, without empty ones."""
    return [document for document in safe_load_all(text) if document]


def metrics() -> dict[str, set[str]]:
    """Every series that brandpulse exports, with its labels; `le` is one of each bucket's."""
    series: dict[str, set[str]] = {}
    for row in catalogue_table().splitlines()[2:]:
        name, kind, labels = (cell.strip(" `") for cell in row.strip("|").split("|")[:3])
        own = {label.strip() for label in labels.split(",") if label.strip()}
        if kind == "histogram":
            series |= {f"{name}_sum": own, f"{name}_count": own, f"{name}_bucket": own | {"le"}}
        else:
            series[name] = own
    # An Info's labels are given when it is set.
    series["brandpulse_model_info"] = {"name", "digest", "provider", "variant"}
    return series


def series_in(expression: str) -> Iterator[str]:
    """The series that a PromQL expression names.

    >>> list(series_in('rate(brandpulse_ready[5m]) / process_open_fds{role="web"}'))
    ['brandpulse_ready', 'process_open_fds']
    """
    yield from re.findall(rf"\b(?:{METRIC_PREFIX}|process_)\w+", expression)


def labels_in(expression: str) -> set[str]:
    """The labels that it groups by and selects by."""
    grouped = re.findall(r"\bby \(([^)]*)\)", expression)
    selected = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", expression)
    return {label.strip() for labels in grouped for label in labels.split(",")} | set(selected)
