"""What a comparison of two bundles counts, and when it objects."""

from dataclasses import replace

import pytest

from stream.events import LabelName, Review
from stream.scoring.classifier import Verdict
from stream.scoring.shadow import LEAST_OF_BRAND, Comparison, Limits, compare
from tests.unit.scoring.fakes import FakeScorer, fake_classifier

LIMITS = Limits(reviews=100, flips=0.05, net_shift=0.05, slowdown=1.5)


def review(brand: str = "Acme", text: str = "fine") -> Review:
    return Review(review_id="r", brand=brand, text=text)


def verdict(label: LabelName, negative: float, positive: float) -> Verdict:
    scores = {"negative": negative, "neutral": 1 - negative - positive, "positive": positive}
    return Verdict(label, scores[label], scores)


GOOD, BAD = verdict("positive", 0.1, 0.8), verdict("negative", 0.7, 0.2)


def compared(flipped: int, of: int, brand: str = "Acme") -> Comparison:
    """The new one calls so many good reviews bad."""
    result = Comparison()
    result.add([review(brand)] * of, [GOOD] * of, [BAD] * flipped + [GOOD] * (of - flipped))
    return result


def test_equal_bundles_have_no_objections() -> None:
    comparison = compared(0, 500)
    comparison.seconds_running = comparison.seconds_new = 2.0
    assert comparison.objections(LIMITS) == []
    assert comparison.flips == 0
    assert [shift.change for shift in comparison.shifts()] == [0, 0]


def test_too_many_flips_are_an_objection() -> None:
    comparison = compared(6, 100)
    assert comparison.flips == pytest.approx(0.06)
    assert comparison.labels == {("positive", "negative"): 6, ("positive", "positive"): 94}
    assert comparison.objections(LIMITS)[0] == "6.0% of the labels differ, allowed are 5.0%"


def test_a_brand_that_moves_is_an_objection_though_the_whole_hardly_does() -> None:
    comparison = compared(0, 5_000, "Large")
    many = compared(LEAST_OF_BRAND, LEAST_OF_BRAND, "Small")
    comparison.add([review(" SMALL")] * LEAST_OF_BRAND, [GOOD] * LEAST_OF_BRAND, [BAD] * LEAST_OF_BRAND)
    everything, first, _ = comparison.shifts()
    assert abs(everything.change) < 0.05
    assert (first.brand, first.reviews) == ("small", LEAST_OF_BRAND)
    assert first.change == pytest.approx(-1.2)
    assert [text for text in comparison.objections(LIMITS) if "moves by up to 1.200 (1 brands" in text]
    assert many.shifts()[1].change == pytest.approx(first.change)


def test_a_brand_with_few_reviews_is_not_judged_alone() -> None:
    comparison = compared(0, 5_000, "Large")
    few = LEAST_OF_BRAND - 1
    comparison.add([review("Small")] * few, [GOOD] * few, [BAD] * few)
    assert comparison.objections(replace(LIMITS, flips=1)) == []
    assert len(comparison.shifts()) == 2


def test_a_slow_bundle_is_an_objection() -> None:
    comparison = compared(0, 100)
    comparison.seconds_running, comparison.seconds_new = 1.0, 1.6
    assert comparison.objections(LIMITS) == ["it takes 1.60 times as long, allowed is 1.50"]


def test_both_label_the_same_reviews_and_their_seconds_are_taken() -> None:
    running, new = FakeScorer(), FakeScorer()
    seconds = iter((0.0, 1.0, 4.0))
    comparison = Comparison()
    reviews = [review(text=text) for text in ("fine", "not so fine", "dreadful")]
    compare(reviews, fake_classifier(running), fake_classifier(new), lambda: next(seconds), comparison)
    assert (comparison.reviews, running.rows, new.rows) == (3, 3, 3)
    assert (comparison.seconds_running, comparison.seconds_new, comparison.slowdown) == (1.0, 3.0, 3.0)
    assert comparison.flips == 0
