"""What is published against what scoring again says: every difference has a name."""

import pytest

from stream.scoring.replay import Verification
from tests.unit.scoring.fakes import FakeRecord, FakeScorer, fake_classifier, review_json

SCORES = {"negative": 0.0, "neutral": 0.0, "positive": 0.0}


def expecting(*values: bytes) -> Verification:
    verification = Verification()
    records = [FakeRecord(value, offset=offset) for offset, value in enumerate(values)]
    verification.expect(records, fake_classifier(FakeScorer()))
    return verification


def published(text: str, **changed: object) -> dict[str, object]:
    """The label of a text as the fake model gives it."""
    [verdict] = fake_classifier(FakeScorer()).classify([text])
    return {"label": verdict.label, "scores": verdict.scores, "model": "m@1", **changed}


def test_equal_outcomes_are_only_counted() -> None:
    verification = expecting(review_json("good"), b"no review")
    verification.met((0, 0), published("good"))
    verification.met((0, 1), None)
    assert (verification.missing, verification.doubled, verification.contradictions) == ([], [], [])
    assert (verification.tallies["m@1"].compared, verification.flips, verification.dead) == (1, 0, 1)
    assert verification.report("m@2")[0] == (
        "2 reviews scored again by m@2: 1 labels and 1 dead letters were published for them"
    )


def test_a_flip_is_told_with_its_model_and_how_far_a_score_moved() -> None:
    verification = expecting(review_json("good"), review_json("good"))
    now = published("good")
    other = next(name for name in SCORES if name != now["label"])
    verification.met((0, 0), published("good", label=other, scores=SCORES, model="old@1"))
    verification.met((0, 1), now)
    assert verification.flips == 1
    assert verification.tallies["old@1"].flips == {(other, now["label"]): 1}
    assert verification.tallies["old@1"].largest_difference == pytest.approx(
        max(published("good")["scores"].values())  # type: ignore[attr-defined]
    )
    assert any("by old@1: 1 labels, 1 differ now (100.00%)" in line for line in verification.report("m@1"))


def test_missing_doubled_and_contradicting_outcomes_are_named() -> None:
    verification = expecting(review_json("good"), review_json("fine"), b"no review")
    verification.met((0, 0), published("good"))
    verification.met((0, 0), published("good"))
    verification.met((0, 2), published("good"))
    assert verification.missing == [(0, 1)]
    assert verification.doubled == [(0, 0)]
    assert verification.contradictions == [(0, 2)]
    assert "without any outcome: 1, as 0-1" in verification.report("m@1")


def test_outcomes_of_other_reviews_are_passed_over() -> None:
    verification = expecting(review_json("good"))
    verification.met((1, 0), published("bad"))
    verification.met((0, 0), published("good"))
    assert (verification.flips, verification.missing, len(verification.tallies)) == (0, [], 1)
