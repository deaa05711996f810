"""The laws of the estimated shares: of any histogram, in any company, for any number of reviews."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.estimation.bins import BINS, SCORE_UNIT, bin_of
from stream.estimation.em import sum_rows
from stream.estimation.estimate import Estimates, Evidence, estimate
from stream.estimation.fitted import FITTED
from stream.estimation.intervals import Floats, net_interval, share_interval
from stream.estimation.trend import change_of_net

many = settings(max_examples=200, deadline=None)
Scores = tuple[int, int, int]
SURE: dict[int, Scores] = {0: (SCORE_UNIT, 0, 0), 2: (0, 0, SCORE_UNIT)}
FIELDS = ("counted", "shares", "net", "low", "high", "departure", "net_error")


@st.composite
def any_scores(draw: st.DrawFn) -> Scores:
    """Three scores in units, as the model's: they add up to 1 but for rounding."""
    one, two = sorted((draw(st.integers(0, SCORE_UNIT)), draw(st.integers(0, SCORE_UNIT))))
    return one, two - one, SCORE_UNIT - two + draw(st.integers(0, 2))


def cell(reviews: list[Scores]) -> list[int]:
    """What folding makes of them: counts, sums, bins."""
    counts, sums, bins = [0, 0, 0], [0, 0, 0], [0] * BINS
    for scores in reviews:
        counts[max(range(3), key=scores.__getitem__)] += 1
        bins[bin_of(scores[0], scores[2])] += 1
        for each in range(3):
            sums[each] += scores[each]
    return [*counts, *sums, *bins]


def evidence(rows: list[list[int]]) -> Evidence:
    table = np.array(rows, np.int64).reshape(len(rows), 6 + BINS)
    return Evidence(table[:, :3], table[:, 3:6], table[:, 6:])


cells = st.lists(any_scores(), max_size=12).map(cell)
times = st.sampled_from((1, 2, 30, 10_000, 10**9))
scaled_cells = st.tuples(cells, times).map(lambda both: [both[1] * number for number in both[0]])


def row(estimates: Estimates, number: int) -> list[bytes]:
    """Everything that is said of a window, bit by bit."""
    return [np.ascontiguousarray(getattr(estimates, name)[number]).tobytes() for name in FIELDS]


@many
@given(st.lists(scaled_cells, min_size=1, max_size=6))
def test_shares_are_shares_and_lie_within_their_intervals(rows: list[list[int]]) -> None:
    found = estimate(evidence(rows))
    some = found.reviews > 0
    values = np.column_stack([found.shares, found.net])[some]
    assert found.shares[some] == pytest.approx(np.clip(found.shares[some], 0, 1), abs=1e-12)
    assert found.shares[some].sum(axis=1) == pytest.approx(1.0)
    assert (found.low[some] <= values + 1e-12).all()
    assert (values <= found.high[some] + 1e-12).all()
    assert ((found.low[some] >= -1) & (found.high[some] <= 1)).all()
    assert ((found.departure[some] >= 0) & (found.departure[some] <= 1)).all()
    assert np.isnan(np.column_stack([found.shares, found.net, found.low])[~some]).all()
    assert not found.enough[~some].any()


@many
@given(st.lists(scaled_cells, min_size=1, max_size=6), st.data())
def test_no_bit_depends_on_the_windows_beside(rows: list[list[int]], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    together = estimate(evidence([rows[number] for number in order]))
    for place, number in enumerate(order):
        assert row(together, place) == row(estimate(evidence([rows[number]])), 0)


def test_nor_where_windows_are_so_many_that_they_are_parted() -> None:
    random = np.random.default_rng(4)
    rows = [cell([tuple(scores) for scores in reviews]) for reviews in _random_reviews(random, 300)]  # type: ignore[misc]
    together = estimate(evidence(rows * 40))
    alone = estimate(evidence(rows))
    for name in FIELDS:
        assert getattr(together, name).tobytes() == np.concatenate([getattr(alone, name)] * 40).tobytes()


def _random_reviews(random: np.random.Generator, windows: int) -> list[list[list[int]]]:
    found = []
    for _ in range(windows):
        shares = random.dirichlet((0.3, 0.2, 0.6), random.integers(1, 40))
        found.append(np.rint(shares * SCORE_UNIT).astype(int).tolist())
    return found


@many
@given(cells, cells)
def test_a_sum_of_cells_is_estimated_as_the_window_of_all_their_reviews(
    one: list[int], two: list[int]
) -> None:
    parts = evidence([one, two])
    merged = Evidence(*(part.sum(axis=0, keepdims=True) for part in (parts.counts, parts.sums, parts.bins)))
    whole = evidence([[mine + yours for mine, yours in zip(one, two, strict=True)]])
    assert row(estimate(merged), 0) == row(estimate(whole), 0)


@many
@given(st.lists(any_scores(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_reviews_does_not_matter(reviews: list[Scores], random: st.DataObject) -> None:
    again = list(reviews)
    random.shuffle(again)  # type: ignore[attr-defined]
    assert row(estimate(evidence([cell(again)])), 0) == row(estimate(evidence([cell(reviews)])), 0)


def usual_window(reviews: int) -> Evidence:
    """Reviews whose mean scores are those of brands in general."""
    sums = np.rint(np.array([FITTED.usual_mean]) * reviews * SCORE_UNIT).astype(np.int64)
    return Evidence(np.array([[reviews, 0, 0]]), sums, np.full((1, BINS), reviews // BINS))


@pytest.mark.parametrize("reviews", [1, 10, 1000, 10**9])
def test_a_usual_mean_is_the_usual_shares(reviews: int) -> None:
    found = estimate(usual_window(reviews))
    assert found.departure[0] == pytest.approx(0, abs=1e-6)
    assert found.shares[0] == pytest.approx(FITTED.usual_mean, abs=1e-5)


def test_intervals_shrink_with_more_reviews_but_never_to_nothing() -> None:
    widths = [
        found.high[0] - found.low[0]
        for found in (estimate(usual_window(16 * 4**power)) for power in range(10))
    ]
    assert (np.diff(widths, axis=0) < 0).all()
    assert widths[-1][1] > 0.05  # neutral: what a classifier gets wrong of a brand does not average out


def test_the_same_shares_are_surer_where_the_mix_is_usual() -> None:
    usual = estimate(usual_window(10_000))
    unusual = estimate(evidence([[number * 2_000 for number in cell([SURE[0]] * 3 + [SURE[2]] * 2)]]))
    assert unusual.departure[0] == 1
    assert (unusual.high - unusual.low > 2 * (usual.high - usual.low))[0, [0, 2, 3]].all()


@many
@given(st.lists(any_scores(), max_size=30), times, st.sampled_from((0, 2)))
def test_a_sure_review_lowers_the_share_of_its_class_by_no_more_than_a_thousandth(
    reviews: list[Scores], factor: int, of_class: int
) -> None:
    before = [factor * number for number in cell(reviews)]
    one_more = [mine + yours for mine, yours in zip(before, cell([SURE[of_class]]), strict=True)]
    shares = estimate(evidence([before, one_more])).shares[:, of_class]
    assert not shares[1] < shares[0] - 0.001


@pytest.mark.parametrize("of_class", [0, 2])
def test_a_growing_share_of_sure_reviews_is_a_growing_share(of_class: int) -> None:
    other = cell([SURE[2 - of_class]])
    mine = cell([SURE[of_class]])
    rows = [
        [a * number + b * rest for number, rest in zip(mine, other, strict=True)]
        for a, b in ((a, 200 - a) for a in range(201))
    ]
    shares = estimate(evidence(rows)).shares[:, of_class]
    assert (np.diff(shares) > 0).all()
    assert shares[0] < 0.05
    assert shares[-1] > 0.9


@many
@given(scaled_cells.filter(any), scaled_cells.filter(any))
def test_a_change_is_the_difference_and_turns_its_sign_with_the_windows(
    one: list[int], two: list[int]
) -> None:
    found = estimate(evidence([one, two]))
    first, second = found.rows(slice(1)), found.rows(slice(1, None))
    there, back = change_of_net(second, first), change_of_net(first, second)
    assert there.change[0] == found.net[1] - found.net[0]
    assert there.low[0] <= there.change[0] <= there.high[0]
    assert (there.low[0], there.high[0]) == pytest.approx((-back.high[0], -back.low[0]))
    assert there.clear[0] == back.clear[0] == (there.low[0] > 0 or there.high[0] < 0)


def test_nothing_changes_against_nothing() -> None:
    nothing = estimate(evidence([[0] * (6 + BINS)]))
    something = estimate(evidence([cell([SURE[0]])]))
    changes = change_of_net(something, nothing)
    assert np.isnan(changes.change[0])
    assert not changes.clear[0]


@many
@given(st.integers(0, 2**60), st.integers(0, 2**60))
def test_any_units_fall_into_a_bin(negative: int, positive: int) -> None:
    assert 0 <= bin_of(negative, positive) < BINS


@given(st.integers(1, 40), st.integers(1, 5))
def test_rows_are_summed_as_numpy_does_but_for_rounding(rows: int, windows: int) -> None:
    table = np.random.default_rng(rows).random((rows, windows))
    assert sum_rows(table) == pytest.approx(table.sum(axis=0))


shares = st.floats(0, 1)
reviews = st.integers(1, 10**6)


def one(value: float) -> Floats:
    return np.array([value])


@many
@given(shares, reviews)
def test_a_share_lies_in_its_interval_which_shrinks(share: float, count: int) -> None:
    low, high = share_interval(one(share), one(count))
    assert 0 <= low[0] <= share + 1e-12
    assert share - 1e-12 <= high[0] <= 1
    wider_low, wider_high = share_interval(one(share), one(count / 2))
    assert high[0] - low[0] <= wider_high[0] - wider_low[0] + 1e-12


@many
@given(shares, shares, reviews)
def test_net_sentiment_lies_in_its_interval_which_shrinks(first: float, second: float, count: int) -> None:
    negative, positive = min(first, second), 1 - max(first, second)
    low, high = net_interval(one(negative), one(positive), one(count))
    assert -1 <= low[0] <= positive - negative + 1e-12
    assert positive - negative - 1e-12 <= high[0] <= 1
    wider_low, wider_high = net_interval(one(negative), one(positive), one(count / 2))
    assert high[0] - low[0] <= wider_high[0] - wider_low[0] + 1e-12
