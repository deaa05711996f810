from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from stream.events import EVENTS, LABELS, WINDOWS, BrandSentiment, Review, brand_key
from stream.schemas import json_schema

GOOD: dict[str, Any] = {"review_id": "r", "brand": "b", "text": "t"}


@given(st.text())
def test_a_brand_key_is_the_key_of_itself(brand: str) -> None:
    key = brand_key(brand)
    assert brand_key(key) == key
    assert key == key.strip()


@pytest.mark.parametrize(
    ("one", "other"),
    [("ACME", "acme"), ("Straße", "STRASSE"), ("ＡＣＭＥ", "acme"), (" a \t b ", "a b"), ("é", "e\u0301")],
)
def test_spellings_of_one_brand_have_one_key(one: str, other: str) -> None:
    assert brand_key(one) == brand_key(other)


@pytest.mark.parametrize("topic", EVENTS)
def test_every_schema_is_a_valid_schema(topic: str) -> None:
    schema = json_schema(topic)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"stars": 5},
        {"stars": 0},
        {"stars": 2.5},
        {"text": " "},
        {"text": None},
        {"brand": "x" * 201},
        {"created_at": 17},
        {"created_at": []},
        {"more": [1]},
        {"title": 5},
    ],
    ids=str,
)
def test_the_schema_of_reviews_accepts_what_the_code_accepts(changed: dict[str, Any]) -> None:
    review = GOOD | changed
    adapter = TypeAdapter(Review)
    try:
        adapter.validate_python(review)
        accepted = True
    except ValidationError:
        accepted = False
    assert jsonschema.Draft202012Validator(json_schema("reviews")).is_valid(review) == accepted


def test_the_windows_of_the_event_are_the_windows() -> None:
    names = BrandSentiment.model_json_schema()["properties"]["windows"]["propertyNames"]["enum"]
    assert names == list(WINDOWS)
    assert LABELS == ("negative", "neutral", "positive")
