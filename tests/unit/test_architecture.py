"""The map of the rooms, held by tests: who may import what, and how large a module may grow."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = {
    "scoring": (
        "decode",
        "fingerprint",
        "batching",
        "buckets",
        "labels",
        "masking",
        "pipeline",
        "classifier",
        "cache",
        "budget",
        "lines",
        "shadow",
        "replay",
    ),
    "brands": (
        *("cells", "windows", "folding", "published", "state", "schedule", "agenda"),
        *("corrections", "counting", "identity", "membership", "memory", "reading"),
    ),
    "estimation": ("bins", "constants", "em", "estimate", "fitted", "intervals", "shift", "trend"),
    "history": ("records",),
    "database": ("tables",),
    "notify": ("wording", "waiting"),
    "web": (
        "values",
        "view",
        "recent",
        "names",
        "orders",
        "cursors",
        "pipeline",
        "intake",
        "quota",
        "live",
        "drivers",
        "snippets",
        "series",
        "downloads",
    ),
}
OUTSIDE = {"faust", "aiokafka", "kafka", "onnxruntime", "os", "time"}
MOST_LINES = 300


def imports(file: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found.add(str(node.module).partition(".")[0])
    return found


def python_files(*packages: str) -> list[Path]:
    return [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("room", "module"), [(room, name) for room, names in PURE.items() for name in names])
def test_a_pure_module_knows_no_framework_no_machine_and_no_clock(room: str, module: str) -> None:
    assert imports(ROOT / "stream" / room / f"{module}.py").isdisjoint(OUTSIDE)


@pytest.mark.parametrize(
    "role",
    [
        *("stream.scoring.agent", "stream.brands.agent", "stream.history.agent", "stream.notify.agent"),
        "stream.__main__",
    ],
)
def test_a_worker_leaves_torch_out(role: str) -> None:
    code = f"import sys, {role}; assert not {{'torch', 'training', 'onnx'}} & sys.modules.keys()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_line_loads_nothing_heavy_before_a_command_runs() -> None:
    code = (
        "import sys; from stream.__main__ import create_app; create_app(); "
        "heavy = {'faust', 'aiokafka', 'kafka', 'onnxruntime', 'numpy', 'tokenizers', 'sqlalchemy'}; "
        "print(heavy & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stdout + done.stderr


@pytest.mark.parametrize(
    "file", python_files("stream", "export", "training"), ids=lambda file: str(file.relative_to(ROOT))
)
def test_a_module_can_be_read_in_one_go(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").count("\n")
    assert lines < MOST_LINES
    if file.name == "__init__.py":
        assert lines == 0
    assert file.stem.startswith("__") or file.stem not in sys.stdlib_module_names
