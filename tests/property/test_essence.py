"""The essence of a label and its JSON say the same to brands."""

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.brands.identity import event_id_of
from stream.brands.reading import from_json, read
from stream.essence import ESSENCE
from stream.events import LABELS, Review, brand_key
from stream.scoring.classifier import to_verdicts
from stream.scoring.decode import decode_review
from stream.scoring.fingerprint import fingerprints
from stream.scoring.labels import LabelFormat, label_essence, label_headers, label_value, times_of
from tests.unit.brands.samples import Record
from tests.unit.scoring.fakes import FakeRecord

enough = settings(max_examples=300, deadline=None)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip)
reviews = st.fixed_dictionaries(
    {
        "review_id": words,
        "brand": words,
        "text": words.map(lambda word: f"{word}, thirty letters and more"),
    },
    optional={"source": words, "created_at": st.integers(0, 2_000_000_000_000)},
)
shares = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)


@enough
@given(reviews, shares, st.integers(0, 99), st.integers(0, 2**62))
def test_a_label_is_the_same_by_its_header_and_by_its_json(
    fields: dict[str, Any], cuts: list[float], partition: int, offset: int
) -> None:
    review = decode_review(json.dumps(fields).encode())
    assert isinstance(review, Review)
    (verdict,) = to_verdicts(np.array([[cuts[0], cuts[1] - cuts[0], 1 - cuts[1]]]), np.ones(3))
    (fingerprint,) = fingerprints([review.text])
    received = FakeRecord(b"", partition=partition, offset=offset)
    times, key = times_of(received, review, 1_790_000_000_000), brand_key(review.brand).encode()
    form = LabelFormat("m@1", received.topic)
    value = label_value(received, review, verdict, fingerprint, form, times)
    essence = label_essence(key, received, review, verdict, fingerprint, times)
    assert from_json(key, value, received.topic) == (essence[1], None)
    headers = label_headers(received, essence, form.constant_headers())
    (found,) = read([Record(1, key, None, headers)], received.topic).essences
    assert LABELS[found["label"]] == verdict.label
    assert event_id_of(received.topic, found["partition"], found["offset"]) == json.loads(value)["event_id"]


@enough
@given(st.binary(min_size=ESSENCE.itemsize, max_size=ESSENCE.itemsize))
def test_no_header_stops_reading(header: bytes) -> None:
    found = read([Record(1, b"acme", b"no label", [("brandpulse_essence", header)])], "reviews")
    assert len(found.rows) == len(found.essences) <= 1
