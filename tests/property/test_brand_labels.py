"""What brands take for a label, against the model that describes labels."""

from typing import Any

import numpy as np
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from stream.brands.cells import LATEST_MS
from stream.brands.folding import Policy, fold
from stream.brands.identity import (
    Former,
    Keys,
    Original,
    appended,
    brand_hash,
    review_entries,
    review_keys,
    text_entries,
    text_keys,
    unpack_former,
    unpack_original,
)
from stream.brands.memory import NewEntries
from stream.brands.reading import from_json, naming
from stream.brands.review_store import MOST_PACKED, pack, unpack
from stream.brands.state import BrandState
from stream.essence import ESSENCE, Essences
from stream.estimation.bins import SCORE_UNIT
from stream.events import LABELS, Label
from tests.unit.brands.samples import Record, fresh_memory, label

enough = settings(max_examples=300, deadline=None)
FIELDS = tuple(label())

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, 1, -1, 0.5, 1.0, -0.0, 1e300, 2**53, 2**63, LATEST_MS, LATEST_MS + 1)),
    st.sampled_from(("", "1", "negative", "0011223344556677", "x" * 201, "x" * 1_001, "\0")),
    st.text(max_size=5),
    st.lists(st.integers(-9, 9), max_size=2),
    st.dictionaries(st.sampled_from(("negative", "neutral", "positive")), st.floats(0, 1)),
)
spoiled = st.dictionaries(st.sampled_from((*FIELDS, "source", "stars")), odd, max_size=2)
values = st.one_of(
    st.none(),
    st.binary(),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-9, 2**53), st.floats(allow_nan=False), st.text()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=9)
        ),
    ).map(orjson.dumps),
)


def as_model(value: bytes) -> Label | None:
    """The label by the model; what brands do not read is added."""
    fields = orjson.loads(value)
    try:
        return Label.model_validate_json(
            orjson.dumps(fields | {"origin": {"topic": "reviews", "partition": 0, "offset": 1}, "stars": 4})
        )
    except ValidationError:
        return None


def fits(found: Label) -> bool:
    """The limits that the model does not have."""
    scores = found.scores
    digests = [found.sketch] if found.text_digest is None else [found.sketch, found.text_digest]
    return (
        abs(scores.negative + scores.neutral + scores.positive - 1) < 0.0099
        and all(0 <= time <= LATEST_MS for time in (found.created_at, found.received_at, found.scored_at))
        and len(found.brand) <= 200
        and max(map(len, (found.event_id, found.review_id, found.model, found.source or ""))) <= 1_000
        and all(len(digest) == 16 and set(digest) <= set("0123456789abcdefABCDEF") for digest in digests)
    )


def as_essence(packed: bytes) -> Essences:
    return np.frombuffer(packed, ESSENCE)


@enough
@given(spoiled, st.sets(st.sampled_from(FIELDS), max_size=1))
def test_a_label_is_one_for_brands_exactly_if_it_is_one_for_the_model_and_within_the_limits(
    changes: dict[str, Any], dropped: set[str]
) -> None:
    fields = {name: one for name, one in (label() | changes).items() if name not in dropped}
    value = orjson.dumps(fields)
    found, reading = as_model(value), from_json(b"acme", value, "reviews")
    assert (reading is not None) == (found is not None and fits(found))
    if reading is not None and found is not None:
        essence, named = as_essence(reading[0])[0], naming(Record(0, b"acme", value))
        for name in ("review_id", "brand", "source", "model"):
            assert getattr(named, name) == getattr(found, name)
        for name in ("created_at", "scored_at"):
            assert essence[name] == getattr(found, name)
        assert LABELS[essence["label"]] == found.label
        scores = found.scores.model_dump().values()
        assert essence["units"].tolist() == [round(score * SCORE_UNIT) for score in scores]
        origin = f"reviews-{essence['partition']}-{essence['offset']}"
        assert (origin if reading[1] is None else reading[1]) == found.event_id


@enough
@given(values)
def test_no_value_stops_folding(value: bytes | None) -> None:
    states: dict[bytes, BrandState] = {}
    result = fold(states, [Record(5, b"acme", value)], Policy(), lambda key: None, fresh_memory())
    is_label = from_json(b"acme", value, "reviews") is not None
    assert (result.labels, result.unreadable) == ((1, []) if is_label else (0, [5]))
    assert len(states) == result.labels


brands = st.text(max_size=4).map(str.encode)
sources = st.one_of(st.none(), st.text(max_size=4), st.text("0 1", max_size=3))
ids = st.one_of(st.text(max_size=4), st.text("0 1", max_size=3))
reviews = st.tuples(brands, sources, ids)
texts = st.tuples(brands, st.binary(min_size=8, max_size=8))


def essence_of(brand: bytes, **fields: Any) -> tuple[Essences, str | None]:
    packed = from_json(brand, orjson.dumps(label(**fields)), "reviews")
    assert packed is not None
    return as_essence(packed[0]), packed[1]


def review_key(brand: bytes, source: str | None, review_id: str) -> bytes:
    return bytes(review_keys(essence_of(brand, source=source, review_id=review_id)[0])[0])


def text_key(brand: bytes, digest: bytes) -> bytes:
    hashes = np.array([brand_hash(brand)], np.uint64)
    return bytes(text_keys(essence_of(brand, text_digest=digest.hex())[0], hashes)[0])


@enough
@given(reviews, reviews, texts, texts)
def test_keys_differ_as_what_they_stand_for_does(
    one: tuple[bytes, str | None, str],
    other: tuple[bytes, str | None, str],
    text: tuple[bytes, bytes],
    another: tuple[bytes, bytes],
) -> None:
    assert (review_key(*one) == review_key(*other)) == (one == other)
    assert (text_key(*text) == text_key(*another)) == (text == another)
    assert review_key(*one) != text_key(*text)


@enough
@given(
    st.integers(0, LATEST_MS),
    st.booleans(),
    st.one_of(st.text(max_size=9), st.from_regex("reviews-[0-9]{1,3}-[0-9]{1,3}", fullmatch=True)),
)
def test_entries_give_back_what_was_put_into_them(reference_ms: int, counted: bool, event_id: str) -> None:
    essences, odd = essence_of(b"acme", event_id=event_id)
    end = b"" if odd is None else appended(odd)
    references = np.array([reference_ms])

    def entry(values: Keys) -> bytes:
        return bytes(values[0]) + end

    former = unpack_former(entry(review_entries(essences, references, np.array([counted]))), "reviews")
    (essence,) = essences
    negative, neutral, positive = essence["units"].tolist()
    created_at, index = int(essence["created_at"]), int(essence["label"])
    assert former == Former(reference_ms, created_at, negative, neutral, positive, index, counted, event_id)
    original = unpack_original(entry(text_entries(essences, references)), "reviews")
    assert original == Original(reference_ms, bytes(essence["review"]), event_id)


@enough
@given(st.dictionaries(st.binary(max_size=96), st.binary(max_size=60), max_size=20), st.integers(1, 3))
def test_unpacking_inverts_packing(entries: dict[bytes, bytes], times: int) -> None:
    many = {
        b"%d %b" % (number, key): entry for key, entry in entries.items() for number in range(800 * times)
    }
    records = list(pack(NewEntries(single=many)))
    assert len(records) == -(-len(many) // MOST_PACKED)
    unpacked = [item for record in records for item in unpack(record)]
    assert unpacked == list(many.items())
