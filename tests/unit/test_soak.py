"""What the soak calls growing, what it feeds, and what its page says."""

import orjson
import pytest

from stream.brands.cells import KEPT_HOURS, KEPT_MINUTES, MINUTE_MS
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.soak_page import Judged, judge, page, results, verdict
from tests.benchmarks.soak_reviews import BRANDS, Reviews
from tests.benchmarks.soak_run import Soaked
from tests.benchmarks.soak_samples import ROLES, SOURCES, Sample, Vitals
from tests.benchmarks.soak_trend import Limit, theil_sen, trend

NOW_MS = 1_790_000_000_000
SECONDS = [5.0 * number for number in range(40)]
FLAT = Limit(0.1, 5)


def sample(number: int, resident_mib: float = 200.0, threads: int = 9) -> Sample:
    workers = {role: Vitals(resident_mib, 30, threads, 0.5 * number) for role in ROLES}
    return Sample(
        5.0 * number, 1_000 * number, 30.0, 90.0, workers, 0.1 * number, dict.fromkeys(SOURCES, 8), 0.1
    )


def growing(samples: list[Sample]) -> list[str]:
    return [one.name for one in judge(samples) if one.trend.growing]


def test_the_slope_is_not_moved_by_outliers() -> None:
    values = [2.0 * at for at in SECONDS]
    values[3], values[20], values[39] = 1e6, -1e6, 1e6
    assert theil_sen(SECONDS, values) == pytest.approx(2.0)


def test_noise_and_a_sawtooth_are_flat_and_a_ramp_is_not() -> None:
    assert not trend(SECONDS, [100 + number % 10 for number in range(40)], FLAT).growing
    assert not trend(SECONDS, [100.0 - number for number in range(40)], FLAT).growing
    ramp = trend(SECONDS, [100.0 + number for number in range(40)], FLAT)
    assert (ramp.growing, ramp.first, ramp.last) == (True, 104.5, 134.5)
    assert ramp.slope_per_hour == pytest.approx(720)


def test_what_is_allowed_is_the_larger_of_share_and_amount() -> None:
    values = [100.0 + 0.4 * number for number in range(40)]
    assert trend(SECONDS, values, Limit(0.05, 1)).growing
    assert not trend(SECONDS, values, Limit(0.05, 20)).growing
    assert not trend(SECONDS, values, Limit(0.20, 1)).growing


def test_every_figure_that_grows_is_named_and_the_warm_up_is_not_judged() -> None:
    assert growing([sample(number) for number in range(40)]) == []
    leak = [sample(number, resident_mib=200 + 3 * number) for number in range(40)]
    assert growing(leak) == [f"`{role}`: resident memory" for role in ROLES]
    threads = [sample(number, threads=9 + number // 8) for number in range(40)]
    assert growing(threads) == [f"`{role}`: threads" for role in ROLES]
    assert growing([sample(number, resident_mib=9 if number < 4 else 200) for number in range(40)]) == []


def test_rocksdb_may_keep_what_it_must_and_no_more() -> None:
    def filled(bytes_a_review: float) -> list[Sample]:
        return [
            Sample(
                one.seconds, one.labels, 30, 90, one.workers, one.labels * bytes_a_review / 2**20, one.lags, 0
            )
            for one in map(sample, range(40))
        ]

    assert growing(filled(200)) == []
    assert growing(filled(400)) == ["`brands`: RocksDB on disk"]


def test_the_page_says_what_grows_and_what_it_cost() -> None:
    samples = [sample(number, resident_mib=200 + 3 * number) for number in range(40)]
    judged = judge(samples)
    text = page([("date", "today")], Soaked(4_000, 2_000, samples, 9_000, 40_000, 39_999, 2, 0, 3), judged)
    assert f"**Growing: {'; '.join(f'`{role}`: resident memory' for role in ROLES)}.**" in text
    assert "| `score`: resident memory | 224 MiB | 305 MiB | +2,160 MiB | +24 MiB | **growing** |" in text
    assert "| `score` | 500 | 0.10 |" in text
    assert "| load | 2,000 reviews/s |" in text
    assert "| reviews; lost, doubled labels | 40,000; 1, 2 |" in text
    assert "| pages that did not answer | 3 |" in text
    steady = Judged("threads", "", trend(SECONDS, [9.0] * 40, FLAT))
    assert verdict([steady]) == "Nothing grows beyond what is allowed."
    assert results([steady]).splitlines()[2] == "| threads | 9.0 | 9.0 | +0.0 | +5.0 | flat |"


def test_the_reviews_are_the_same_each_time_and_some_come_again() -> None:
    corpus = Corpus("ours", [f"text {number}" for number in range(997)])
    reviews, again = Reviews(corpus, 0), Reviews(corpus, 0)
    values = [orjson.loads(reviews.value(number, NOW_MS)) for number in range(30_000)]
    assert values[:100] == [orjson.loads(again.value(number, NOW_MS)) for number in range(100)]
    edits = len(values) - len({each["review_id"] for each in values})
    repeats = len(values) - len({each["text"] for each in values})
    assert 700 < edits < 1_000
    assert 700 < repeats < 1_000
    by_brand = [sum(each["brand"] == f"Brand {rank}" for each in values) for rank in (0, 9, BRANDS - 1)]
    assert by_brand[0] > 5 * by_brand[1] > 50 * by_brand[2]


def test_the_past_fills_every_cell_that_is_kept() -> None:
    reviews = Reviews(Corpus("ours", ["text"]), 3)
    past = [orjson.loads(reviews.value(number, NOW_MS)) for number in range(reviews.past)]
    assert {each["brand"] for each in past} == {"Brand 0", "Brand 1", "Brand 2"}
    ages = [(NOW_MS - each["created_at"]) // MINUTE_MS for each in past if each["brand"] == "Brand 1"]
    assert {age for age in ages if age < KEPT_MINUTES} == set(range(1, KEPT_MINUTES))
    assert {age // 60 for age in ages} == set(range(KEPT_HOURS - 1))
    assert len({each["review_id"] for each in past}) == reviews.past
    assert "created_at" not in orjson.loads(reviews.value(reviews.past, NOW_MS))
