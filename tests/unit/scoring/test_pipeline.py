from collections import defaultdict
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.events import Label, brand_key
from stream.scoring.budget import DeadLetterBudget
from stream.scoring.fingerprint import Fingerprint, fingerprints
from stream.scoring.labels import LabelFormat
from stream.scoring.pipeline import Destination, Pipeline
from tests.unit.scoring.fakes import FakeRecord, FakeScorer, fake_classifier, ignore, review_json

LABEL_PARTITIONS, DEAD_PARTITIONS = 3, 2
CHUNKS = st.lists(
    st.lists(st.one_of(st.none(), st.text("abc ÄÖ", max_size=4)), min_size=1, max_size=20), max_size=5
)


def partition_of(key: bytes) -> int:
    return sum(key) % LABEL_PARTITIONS


def pipeline(scorer: FakeScorer | None = None) -> Pipeline:
    return Pipeline(
        fake_classifier(scorer or FakeScorer(), batch_tokens=30),
        LabelFormat("m@1", "reviews"),
        Destination("labels", partition_of),
        lambda source: ("dead", source % DEAD_PARTITIONS),
        clock=lambda: 0.0,
        wall_ms=lambda: 1,
        observe=ignore,
    )


def records(chunks: list[list[str | None]]) -> list[list[FakeRecord]]:
    """One partition a chunk; None becomes a bad record, a string the brand (perhaps blank, so bad too)."""
    return [
        [
            FakeRecord(b"{" if brand is None else review_json(f"text {i}", brand=brand), i, partition)
            for i, brand in enumerate(brands)
        ]
        for partition, brands in enumerate(chunks)
    ]


@given(CHUNKS)
def test_every_record_becomes_one_message_in_its_order(chunks: list[list[str | None]]) -> None:
    given_records = records(chunks)
    results = pipeline().run(given_records)
    assert len(results) == len(given_records)
    for chunk, scored in zip(given_records, results, strict=True):
        offsets: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for destination, messages in scored.outbox.items():
            for key, value, headers in messages:
                if destination[0] == "labels":
                    assert value is not None
                    label = Label.model_validate_json(value)
                    assert key == brand_key(label.brand).encode()
                    assert destination[1] == partition_of(key)
                    offsets[destination].append(label.origin.offset)
                else:
                    offset = int(dict(headers)["dlq_offset"])
                    assert (key, value) == (chunk[offset].key, chunk[offset].value)
                    assert destination == ("dead", chunk[offset].partition % DEAD_PARTITIONS)
                    offsets[destination].append(offset)
        assert all(row == sorted(row) for row in offsets.values())
        assert sorted(chain.from_iterable(offsets.values())) == list(range(len(chunk)))
        assert scored.next_offset == chunk[-1].offset + 1
        assert sum(scored.labelled.values()) + sum(scored.rejected.values()) == scored.records == len(chunk)


def test_each_label_has_the_fingerprint_of_its_own_text() -> None:
    texts = [f"number {i} of the texts that are told apart" for i in range(50)]
    chunk = [FakeRecord(b"{" if i % 3 else review_json(text), i) for i, text in enumerate(texts)]
    (scored,) = pipeline().run([chunk])
    messages = chain.from_iterable(part for (topic, _), part in scored.outbox.items() if topic == "labels")
    labels = [Label.model_validate_json(value or b"") for _, value, _ in messages]
    found = [Fingerprint(label.text_digest, label.sketch) for label in labels]
    assert found == fingerprints(texts[::3])


def test_chunks_share_batches() -> None:
    scorer = FakeScorer()
    pipeline(scorer).run(records([["a"], ["b"], ["c"]]))
    assert len(scorer.batches) == 1


def test_a_chunk_of_bad_records_needs_no_model() -> None:
    scorer = FakeScorer()
    (scored,) = pipeline(scorer).run(records([[None, None]]))
    assert scored.rejected == {"undecodable": 2}
    assert scorer.batches == []


def test_spellings_of_a_brand_share_key_and_partition() -> None:
    (scored,) = pipeline().run(records([["acme", "ACME", " Acme\u00a0", "ＡＣＭＥ"]]))
    ((destination, messages),) = scored.outbox.items()
    assert {key for key, _, _ in messages} == {b"acme"}
    assert destination == ("labels", partition_of(b"acme"))


def test_the_oldest_timestamp_is_found() -> None:
    chunk = [FakeRecord(review_json(), offset, timestamp=t) for offset, t in enumerate((30, 10, 20))]
    assert pipeline().run([chunk])[0].oldest_timestamp_ms == 10


def test_a_null_key_stays_null_in_a_dead_letter() -> None:
    (scored,) = pipeline().run([[FakeRecord(None, key=None)]])
    ((key, value, _),) = scored.outbox["dead", 0]
    assert (key, value) == (None, None)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 12), st.floats(0.05, 1))
def test_the_budget_counts_the_last_reviews(outcomes: list[bool], window: int, share: float) -> None:
    budget = DeadLetterBudget(share, window)
    for seen, bad in enumerate(outcomes, start=1):
        recent = outcomes[max(0, seen - window) : seen]
        assert budget.spend(1, bad) == (sum(recent) > share * window)


@pytest.mark.parametrize("chunk", [1, 7, 100, 5000])
def test_ten_thousand_bad_records_in_a_row_spend_the_budget(chunk: int) -> None:
    budget = DeadLetterBudget(0.5, 10_000)
    assert any(budget.spend(chunk, chunk) for _ in range(0, 10_000, chunk))


def test_a_few_bad_records_never_spend_the_budget() -> None:
    budget = DeadLetterBudget(0.5, 10_000)
    assert not any(budget.spend(1000, 499) for _ in range(1000))
