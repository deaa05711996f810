"""What the GPU tests and benchmarks are made of, on the CPU: they must work on the day there is a card."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs the extra cpu (onnxruntime)")

from export.bundle import Bundle, read_bundle
from stream.scoring.rows import to_row
from stream.settings import DEFAULT_BUNDLE
from tests.benchmarks.gpu_page import BEGIN, END, put_section, section
from tests.benchmarks.gpu_parts import Plan, measure
from tests.gpu.answers import agreement, answers
from tests.gpu.card import first_mib, why_no_card
from tests.gpu.placement import fallbacks, placements


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(DEFAULT_BUNDLE)


def test_the_reason_against_a_card_says_what_to_do() -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime may find a card")
    assert "brandpulse[gpu]" in str(why_no_card())


def test_what_runs_on_the_cpu_is_found_in_the_profile(bundle: Bundle, tmp_path: Path) -> None:
    placed = placements(bundle, "cpu", "fp32", tmp_path)
    assert placed["LSTM", "CPUExecutionProvider"] >= 1
    assert {"LSTM", "Gather", "ReduceMax"} <= fallbacks(placed)
    assert fallbacks(placed).isdisjoint({"Shape", "Range"})


def test_a_model_agrees_with_itself_and_not_with_another(bundle: Bundle) -> None:
    rows = [to_row([3 + n % 50] * (1 + n % 30)) for n in range(100)]
    exact = answers(bundle, "cpu", "fp32", rows)
    assert agreement(bundle, exact, exact).flips == 0
    assert agreement(bundle, exact, exact[:, ::-1].copy()).flips > 0.5
    assert agreement(bundle, exact, answers(bundle, "cpu", "int8", rows)).largest < 0.1
    alone = np.concatenate([answers(bundle, "cpu", "fp32", [row]) for row in rows[:3]])
    assert np.abs(alone - exact[:3]).max() < 1e-5


def test_memory_is_read_from_the_first_card() -> None:
    assert first_mib("1024 MiB\n3 MiB\n") == 1024


def test_every_part_of_the_benchmark_runs(bundle: Bundle) -> None:
    plan = Plan(("fp32",), batch_tokens=(256, 512), rows=(1, 8), lengths=(4, 16), workers=(2,), texts=200)
    found = measure(bundle, "cpu", plan, lambda line: None)
    assert [len(found.load), len(found.packed), len(found.shapes), len(found.processes)] == [1, 2, 4, 1]
    assert all(
        rate > 0 for rate in (*found.packed.values(), *found.shapes.values(), *found.processes.values())
    )
    text = section([("card", "none")], found)
    assert "| fp32 | 512 |" in text
    assert "| 2 |" in text


def test_the_section_replaces_itself_and_nothing_else() -> None:
    page = f"# Benchmarks\n\n{BEGIN}\nold\n{END}\n\nrest\n"
    once = put_section(page, "new")
    assert once == f"# Benchmarks\n\n{BEGIN}\nnew\n{END}\n\nrest\n"
    assert put_section(once, "new") == once
    assert put_section("# Benchmarks\n", "new") == f"# Benchmarks\n\n{BEGIN}\nnew\n{END}\n"
