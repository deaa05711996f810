import numpy as np
import pytest

from stream.scoring.classifier import LONGEST_CACHED_TEXT, calibrate, to_verdicts
from tests.unit.scoring.fakes import FakeScorer, encode, fake_classifier


def test_verdicts_come_in_the_order_of_the_texts() -> None:
    texts = [f"{'very ' * (n * 7 % 11)}good {n}" for n in range(200)]
    together = fake_classifier(FakeScorer(), batch_tokens=40).classify(texts)
    alone = [fake_classifier(FakeScorer()).classify([text])[0] for text in texts]
    assert together == alone


def test_the_same_text_is_scored_once() -> None:
    scorer = FakeScorer()
    classifier = fake_classifier(scorer)
    first = classifier.classify(["good", "bad", "good"])
    second = classifier.classify(["bad", "good"])
    assert scorer.rows == 2
    assert first[0] == first[2] == second[1]
    assert first[1] == second[0]


def test_a_long_text_is_not_remembered_but_scored_once_in_a_call() -> None:
    scorer = FakeScorer()
    classifier = fake_classifier(scorer)
    long = "good " * LONGEST_CACHED_TEXT
    classifier.classify([long, long])
    assert scorer.rows == 1
    classifier.classify([long])
    assert scorer.rows == 2


def test_no_texts_need_no_model() -> None:
    scorer = FakeScorer()
    assert fake_classifier(scorer).classify([]) == []
    assert scorer.batches == []


def test_batches_stay_within_the_budget_and_are_observed() -> None:
    scorer = FakeScorer()
    seen: list[tuple[str, float]] = []
    classifier = fake_classifier(
        scorer, batch_tokens=30, observe=lambda what, amount: seen.append((what, amount))
    )
    classifier.classify([f"word{n} " * (n % 13 + 1) for n in range(100)])
    assert all(rows * longest <= 30 for rows, longest in scorer.batches)
    assert [amount for what, amount in seen if what == "rows"] == [rows for rows, _ in scorer.batches]
    assert [amount for what, amount in seen if what == "padded_tokens"] == [
        rows * longest for rows, longest in scorer.batches
    ]
    assert {what for what, _ in seen} == {"rows", "padded_tokens", "tokenize", "model", "calibrate"}


def test_one_very_long_text_does_not_join_a_batch_of_others() -> None:
    scorer = FakeScorer()
    fake_classifier(scorer, batch_tokens=50, encoder=encode).classify(["good", "w " * 500, "bad"])
    assert scorer.batches == [(2, 1), (1, 500)]


def test_calibration_is_a_softmax_at_the_temperature() -> None:
    logits = np.array([[1.0, 2.0, 3.0], [1000.0, 0.0, -1000.0]], np.float32)
    hot = calibrate(logits, 2.0)
    expected = np.exp(logits[0] / 2) / np.exp(logits[0] / 2).sum()
    assert hot[0] == pytest.approx(expected, abs=1e-7)
    assert hot.sum(axis=1) == pytest.approx([1, 1])
    assert np.isfinite(hot).all()


def test_the_verdict_is_the_most_probable_label_with_its_probability() -> None:
    rows = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.0, 0.12345678, 0.87654322]])
    verdicts = to_verdicts(rows, np.ones(3))
    assert [verdict.label for verdict in verdicts] == ["negative", "neutral", "positive"]
    assert verdicts[2].confidence == verdicts[2].scores["positive"] == 0.876543


def test_weights_choose_the_label_and_leave_the_probabilities_alone() -> None:
    rows = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.5, 0.2, 0.3]])
    verdicts = to_verdicts(rows, np.array([1.0, 2.0, 0.5]))
    assert [(verdict.label, verdict.confidence) for verdict in verdicts] == [
        ("neutral", 0.3),
        ("neutral", 0.2),
        ("negative", 0.5),
    ]
    assert [list(verdict.scores.values()) for verdict in verdicts] == rows.tolist()


def test_a_classifier_labels_by_its_weights() -> None:
    texts = [f"good {n}" for n in range(100)]
    plain = fake_classifier(FakeScorer()).classify(texts)
    weighted = fake_classifier(FakeScorer(), label_weights=(1.0, 3.0, 1.0)).classify(texts)
    assert [verdict.scores for verdict in weighted] == [verdict.scores for verdict in plain]
    for verdict in weighted:
        scores = verdict.scores
        assert verdict.label == max(
            scores, key=lambda label: scores[label] * (3 if label == "neutral" else 1)
        )
        assert verdict.confidence == scores[verdict.label]
    assert [verdict.label for verdict in weighted] != [verdict.label for verdict in plain]
