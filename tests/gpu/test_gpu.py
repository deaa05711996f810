"""The model on a card says what it says on the CPU, runs there whole, and takes no more memory over time."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs onnxruntime-gpu (extra gpu)")

from export.bundle import Bundle
from stream.scoring.inference import open_scorer
from stream.scoring.rows import Row
from tests.gpu.answers import BATCH_TOKENS, agreement, answers
from tests.gpu.card import memory_used_mib
from tests.gpu.placement import fallbacks, placements

pytestmark = [pytest.mark.gpu, pytest.mark.usefixtures("card")]
MOST_FLIPS = 0.005
SHAPES = 10_000
MOST_GROWTH_MIB = 64


def variant_or_skip(bundle: Bundle, variant: str) -> str:
    if variant not in bundle.manifest.models:
        pytest.skip(f"the bundle {bundle.manifest.name} has no {variant}: export it again")
    return variant


@pytest.mark.parametrize("variant", ["fp32", "fp16"])
def test_no_operator_of_weight_falls_back_to_the_cpu(bundle: Bundle, tmp_path: Path, variant: str) -> None:
    placed = placements(bundle, "cuda", variant_or_skip(bundle, variant), tmp_path)
    for (operator, provider), runs in sorted(placed.items()):
        print(f"{variant}: {operator} on {provider}, {runs} times")
    assert fallbacks(placed) == set()
    assert any(operator == "LSTM" and provider.startswith("CUDA") for operator, provider in placed)


@pytest.mark.parametrize(("variant", "tolerance"), [("fp32", 0.005), ("fp16", 0.02)])
def test_a_card_says_what_the_cpu_says(
    bundle: Bundle, rows: list[Row], variant: str, tolerance: float
) -> None:
    # Cards since Ampere multiply fp32 with 10 bits of mantissa (TF32), hence the room.
    on_card = answers(bundle, "cuda", variant_or_skip(bundle, variant), rows)
    found = agreement(bundle, answers(bundle, "cpu", "fp32", rows), on_card)
    print(f"{variant}: probabilities differ by at most {found.largest:.1e}, {found.flips:.3%} flips")
    assert found.largest < tolerance
    assert found.flips <= MOST_FLIPS


def test_fp16_gives_the_labels_of_fp32_on_the_card(bundle: Bundle, rows: list[Row]) -> None:
    half = answers(bundle, "cuda", variant_or_skip(bundle, "fp16"), rows)
    found = agreement(bundle, answers(bundle, "cuda", "fp32", rows), half)
    print(f"fp16 against fp32 on the card: {found.flips:.3%} flips, at most {found.largest:.1e}")
    assert found.flips <= MOST_FLIPS


def test_memory_stays_flat_over_ten_thousand_changing_shapes(bundle: Bundle) -> None:
    scorer = open_scorer(bundle, "cuda", "fp32", BATCH_TOKENS)
    assert scorer is not None
    manifest, random = bundle.manifest, np.random.default_rng(0)
    warmed_up = memory_used_mib()
    for _ in range(SHAPES):
        longest = int(random.integers(1, manifest.max_tokens + 1))
        count = int(random.integers(1, BATCH_TOKENS // longest + 1))
        scorer.score(random.integers(0, 100, (count, longest)), random.integers(1, longest + 1, count))
    grown = memory_used_mib() - warmed_up
    print(f"the card's memory grew by {grown} MiB, from {warmed_up} MiB")
    assert grown <= MOST_GROWTH_MIB
