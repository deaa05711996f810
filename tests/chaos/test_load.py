"""The load means what it says: else what comes out would be compared with nothing."""

from collections import Counter

import orjson
import pytest

from stream.scoring.budget import DeadLetterBudget
from stream.scoring.decode import Rejected, decode_review
from stream.settings import Settings
from tests.chaos.load import DAY_MS, FIRST_PARTITIONS, HOUR_MS, TEXTS, Given, Load, Mood, Spell, given

BASE_MS = 1_790_000_000_000
ORDINARY = Spell("ordinary", BASE_MS)


def some(mood: Mood = "ordinary") -> list[Given]:
    """Twenty thousand of them, in the order in which they may be read."""
    spell = Spell(mood, BASE_MS)
    places = ((partition, offset) for offset in range(5_000) for partition in range(FIRST_PARTITIONS))
    return [given(partition, offset, BASE_MS, spell) for partition, offset in places]


@pytest.mark.parametrize("mood", ["ordinary", "ahead", "behind", "poison"])
def test_its_fate_is_what_the_decoder_says(mood: Mood) -> None:
    for record in some(mood):
        decoded = decode_review(record.value)
        assert (decoded.reason if isinstance(decoded, Rejected) else "labelled") == record.fate, record.number


def test_it_is_varied() -> None:
    records = some()
    fates = Counter(record.fate for record in records)
    assert 100 < fates["undecodable"] < 400
    assert 50 < fates["invalid"] < 250
    good = [record for record in records if record.fate == "labelled"]
    assert {record.text for record in good} == set(TEXTS)
    brands = Counter(record.brand for record in good)
    assert len(brands) == 200
    assert max(brands.values()) > 20 * min(brands.values())
    times = [record.created_at_ms for record in good if record.created_at_ms]
    assert sum(time < BASE_MS - 8 * DAY_MS for time in times) > 50
    assert 20 < sum(record.ahead for record in good) < 300
    reviews = Counter((record.brand, record.source, record.review_id) for record in good)
    assert 300 < sum(count > 1 for count in reviews.values()) < 1_000


@pytest.mark.parametrize(("mood", "away_ms"), [("ahead", HOUR_MS), ("behind", -HOUR_MS)])
def test_clocks_are_an_hour_wrong(mood: Mood, away_ms: int) -> None:
    for record in some(mood):
        if record.fate == "labelled":
            said = orjson.loads(record.value or b"")["created_at"]
            assert abs(said - BASE_MS - away_ms) < 5_000
            assert record.created_at_ms == (None if record.ahead else said)
            assert record.ahead == (mood == "ahead")


def test_a_flood_is_a_quarter_and_stays_below_the_budget() -> None:
    settings = Settings()
    budget = DeadLetterBudget(settings.dlq_budget_share, settings.dlq_budget_window)
    rejected = [record.fate != "labelled" for record in some("poison")]
    assert 0.25 < sum(rejected) / len(rejected) < 0.28
    assert not any(budget.spend(1, spoiled) for spoiled in rejected)


def test_a_spell_begins_where_each_partition_is() -> None:
    load = Load(BASE_MS)
    load.begin(Spell("ahead", BASE_MS), {0: 10, 1: 0})
    load.begin(ORDINARY, {0: 20})
    ahead = Spell("ahead", BASE_MS)
    for offset, spell in ((9, ORDINARY), (10, ahead), (19, ahead), (20, ORDINARY)):
        assert load.at(0, offset) == given(0, offset, BASE_MS, spell), offset
    assert load.at(1, 5) == given(1, 5, BASE_MS, ahead)
    assert load.at(2, 5) == given(2, 5, BASE_MS, ORDINARY)
