"""How growth is fitted, what is fed, and what its page says."""

from pathlib import Path

import pytest

from stream.brands.state import decode_state
from tests.benchmarks import growth_brands
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.growth_brands import LABELS_A_BRAND, PEAK, RECOVERED, changelog
from tests.benchmarks.growth_figures import Found, Point, power
from tests.benchmarks.growth_load import labels
from tests.benchmarks.growth_page import page
from tests.benchmarks.growth_parts import PARTS
from tests.benchmarks.growth_plot import plot
from tests.benchmarks.growth_score import cut

FACTS = [("processor", "slow, 2 cores")]


def found(recovered_seconds: float, peak_mib: float) -> Found:
    figures = dict.fromkeys(growth_brands.FIGURES, 7.0) | {RECOVERED: recovered_seconds, PEAK: peak_mib}
    return Found(FACTS, [Point(brands, figures) for brands in (100_000, 1_000_000)])


@pytest.mark.parametrize(
    ("values", "expected"), [((3, 3, 3), 0), ((3, 30, 300), 1), ((300, 30, 3), -1), ((0, 1, 2), None)]
)
def test_the_power_of_a_law_is_found(values: tuple[float, ...], expected: float | None) -> None:
    points = [Point(at, {"s": value}) for at, value in zip((1, 10, 100), values, strict=True)]
    assert power(points, "s") == expected
    assert power(points[:1], "s") is None


def test_the_page_says_what_of_the_targets_is_met_and_how_it_grows() -> None:
    text = page(PARTS, {"brands": found(16.0, 700.0)})
    assert "| 15.0 s | **missed** |" in text.replace("≤ ", "")
    assert "| ≤ 4,096 MiB | met |" in text
    assert "| grows as | x^0.00 |" in text
    assert "slow, 2 cores" in text
    assert "Length of texts" not in text


def test_a_plot_is_drawn_of_any_figures(tmp_path: Path) -> None:
    part = next(part for part in PARTS if part.name == "brands")
    plot(part, found(9.0, 700.0), tmp_path / "images" / "growth.png")
    assert (tmp_path / "images" / "growth.png").stat().st_size > 1_000


def test_every_stored_brand_takes_the_labels_that_follow() -> None:
    records = list(changelog(1_100))
    states = [decode_state(record.value) for record in records]
    assert len({record.key for record in records}) == 1_100
    assert {state.fence for state in states} == {-1}
    following = labels(100, 1_100)
    assert {record.key for record in following} < {record.key for record in records}
    assert all(one.headers for one in following)
    reviews = sum(sum(cell[1:4]) for state in states[:500] for cell in state.hours.values())
    assert reviews == pytest.approx(500 * LABELS_A_BRAND, rel=0.1)


@pytest.mark.parametrize("length", [10, 300])
def test_texts_are_cut_to_their_length_and_differ(length: int) -> None:
    words = [f"w{number}" for number in range(5_000)]
    corpus = cut(Corpus("", ()), words, length)
    texts = [corpus.text(number) for number in range(100)]
    assert {len(text.split()) for text in texts} == {length}
    assert len(set(texts)) == 100
