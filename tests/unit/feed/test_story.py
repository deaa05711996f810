"""The story repeats itself for a seed, is valid where it means to be, and its incident shows."""

from collections import Counter, defaultdict
from itertools import count, islice

import orjson
import pytest
from pydantic import ValidationError

from stream.events import Review, brand_key
from stream.feed.records import Record
from stream.feed.story import FAULTS, QUIET, Incident, Telling, story
from stream.feed.texts import brands, data


def told(seed: int, records: int, per_second: float = 100.0) -> list[Record]:
    return list(story(seed, (number / per_second for number in range(records))))


def test_the_same_seed_tells_the_same_story() -> None:
    assert told(7, 500) == told(7, 500)
    assert told(7, 500) != told(8, 500)


def test_it_never_ends() -> None:
    endless = story(0, (number / 100 for number in count()))
    assert len(list(islice(endless, 2000))) == 2000


def test_only_deliberate_faults_are_invalid() -> None:
    records = told(1, 12_000)
    faults = Counter(record.fault for record in records if record.fault)
    assert set(faults) == set(FAULTS)
    assert 0.001 < faults.total() / len(records) < 0.006
    for record in records:
        if record.fault is None:
            review = Review.model_validate_json(record.value)
            assert record.key == brand_key(review.brand).encode()
        else:
            with pytest.raises(ValidationError):
                Review.model_validate_json(record.value)


def test_texts_are_seldom_the_same_and_every_template_is_filled() -> None:
    texts = [orjson.loads(record.value)["text"] for record in told(2, 3000) if record.fault is None]
    assert len(set(texts)) > 0.85 * len(texts)
    assert not any("{" in text or "}" in text for text in texts)


def test_it_has_enough_fragments_and_brands() -> None:
    words = data()
    lists = [
        fragments
        for kind in [*words["clauses"].values(), words["terse"], words["closers"]]
        for fragments in kind.values()
    ]
    lists += [words["incident"]["broken"], words["incident"]["mended"]]
    fragments = [fragment for part in lists for fragment in part]
    assert len(set(fragments)) >= 150
    assert len(brands()) == 12
    assert {brand.product for brand in brands()} <= words["clauses"].keys()
    assert words["incident"]["broken"]


def mean_stars(records: list[Record], name: str) -> float:
    reviews = [orjson.loads(record.value) for record in records if record.fault is None]
    stars: list[int] = [review["stars"] for review in reviews if review["brand"] == name]
    return sum(stars) / len(stars)


def test_the_faulty_update_shows_in_the_stars_and_heals() -> None:
    victim = data()["incident"]["brand"]
    records = told(3, 40_000)
    before, during, after = records[:6000], records[6000:18_000], records[36_000:]
    assert mean_stars(before, victim) > 3.8
    assert mean_stars(during, victim) < 1.7
    assert mean_stars(after, victim) > 3.8
    update = [b"update" in record.value or b"firmware" in record.value for record in during]
    assert sum(update) > 500


def test_other_brands_keep_their_mix_through_the_incident() -> None:
    records = told(4, 18_000)
    means = defaultdict(list)
    for part in (records[:6000], records[6000:]):
        for brand in brands():
            if brand.name != data()["incident"]["brand"]:
                means[brand.name].append(mean_stars(part, brand.name))
    assert all(abs(before - during) < 0.5 for before, during in means.values())


def test_severity_rises_at_once_and_falls_evenly() -> None:
    incident = Incident(10, 20, 40, 100)
    moments = [0, 9, 10, 19, 20, 30, 39, 40, 99, 110, 130]
    assert [incident.severity(moment) for moment in moments] == pytest.approx(
        [0, 0, 1, 1, 1, 0.5, 0.05, 0, 0, 1, 0.5]
    )


def test_a_quiet_story_has_no_incident() -> None:
    assert {QUIET.severity(float(second)) for second in range(0, 10**6, 997)} == {0.0}


def test_a_telling_names_and_dates_its_reviews() -> None:
    dated = list(story(3, (60.0 * number for number in range(50)), QUIET, Telling("demo", 1_000)))
    reviews = [orjson.loads(record.value) for record in dated if record.fault is None]
    assert {review["review_id"].rpartition("-")[0] for review in reviews} == {"demo"}
    assert all((review["created_at"] - 1_000) % 60_000 == 0 for review in reviews)
    assert all("created_at" not in orjson.loads(r.value) for r in told(3, 50) if r.fault is None)


def test_a_few_reviews_come_again_edited_under_their_brand() -> None:
    by_id = defaultdict(list)
    for record in told(2, 3_000):
        if record.fault is None:
            review = orjson.loads(record.value)
            by_id[review["review_id"]].append(review)
    edited = [reviews for reviews in by_id.values() if len(reviews) > 1]
    assert 3 <= len(edited) <= 30
    assert all(len({review["brand"] for review in reviews}) == 1 for reviews in edited)
    assert any(reviews[0]["text"] != reviews[1]["text"] for reviews in edited)
