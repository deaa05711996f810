"""The tools that judge the estimates, on reviews made up here."""

import numpy as np
import pytest

from stream.estimation.bins import BINS, SCORE_UNIT
from stream.estimation.estimate import Evidence
from stream.estimation.fitted import FITTED
from tests.benchmarks.shares.judging import judge
from tests.benchmarks.shares.methods import Classifier, adjusted, counted, mean_score, measure, plain_em
from tests.benchmarks.shares.page import page
from tests.benchmarks.shares.reviews import Reviews, Scored, scored
from tests.benchmarks.shares.windows import find_groups, halves, natural, resampled, shifted

BRANDS = 6
EACH = 60


def made_up() -> tuple[Reviews, Scored]:
    """Reviews of some brands, each with a product of 50; scores that are right about their stars."""
    random = np.random.default_rng(8)
    count = BRANDS * EACH
    stars = random.choice([1, 2, 3, 4, 5], count, p=[0.15, 0.1, 0.1, 0.25, 0.4])
    brands = [f"Brand {row // EACH}" for row in range(count)]
    products = [f"Product {row // EACH}" if row % EACH < 50 else None for row in range(count)]
    splits = np.array(["test"] * count)
    reviews = Reviews(["shop"] * count, brands, products, ["fine"] * count, stars, splits)
    scores = np.full((count, 3), 0.05)
    scores[np.arange(count), reviews.classes] = 0.9
    return reviews, scored(np.ones(count, np.bool_), scores, reviews.classes)


def test_groups_are_brands_and_their_products_and_stay_together() -> None:
    reviews, _ = made_up()
    groups = find_groups(reviews, np.ones(BRANDS * EACH, np.bool_))
    assert sorted(map(len, groups)) == [50] * BRANDS + [EACH] * BRANDS
    for half in halves(reviews, groups):
        assert len(half) == 2 * len({reviews.brands[int(group[0])] for group in half})


def test_a_product_that_is_all_of_its_brand_is_one_group() -> None:
    reviews, _ = made_up()
    chosen = np.arange(BRANDS * EACH) % EACH < 50
    assert len(find_groups(reviews, chosen)) == BRANDS


def test_windows_say_what_they_were_drawn_from() -> None:
    reviews, model = made_up()
    groups = find_groups(reviews, model.known)
    whole = natural(reviews, model, groups)
    assert (whole.shares == whole.wanted).all()
    assert mean_score(whole.evidence) == pytest.approx(0.05 + 0.85 * whole.shares, abs=1e-5)
    assert counted(whole.evidence) == pytest.approx(whole.shares)
    again, apart = resampled(reviews, model, groups, 3), shifted(reviews, model, groups, 3)
    assert (again.wanted == np.repeat(whole.shares, 3, axis=0)).all()
    assert (again.reviews == np.repeat(whole.reviews, 3)).all()
    assert np.abs(apart.wanted - 1 / 3).max() > 0.3


def test_adjusted_counts_and_em_find_a_shifted_mix_where_nothing_else_differs() -> None:
    random = np.random.default_rng(2)
    confusion = np.array([[0.8, 0.15, 0.05], [0.2, 0.6, 0.2], [0.05, 0.1, 0.85]])
    class_bins = random.dirichlet(np.ones(BINS), 3)
    mix = np.array([[0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])
    counts = np.rint(1_000_000 * mix @ confusion).astype(np.int64)
    bins = np.rint(1_000_000 * mix @ class_bins).astype(np.int64)
    evidence = Evidence(counts, counts * SCORE_UNIT, bins)
    classifier = Classifier(confusion, class_bins)
    assert adjusted(evidence, classifier) == pytest.approx(mix, abs=1e-4)
    assert plain_em(evidence, classifier) == pytest.approx(mix, abs=1e-3)
    assert counted(evidence) != pytest.approx(mix, abs=0.05)


def test_the_page_has_every_figure_and_says_what_is_missing() -> None:
    reviews, model = made_up()
    classifier = measure(reviews, model, model.known, BINS)
    judgement = judge(reviews, model, find_groups(reviews, model.known), classifier, FITTED)
    assert judgement.groups == {"50-99": 2 * BRANDS, "100-199": 0, "200+": 0, "all": 2 * BRANDS}
    text = page({"shipped": judgement, "unseen": None}, FITTED, 20)
    for method in judgement.natural:
        assert f"| {method} |" in text
    assert "Not measured: run `python -m training unseen" in text
    assert "nan" not in text
