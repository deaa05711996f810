"""The table of bad input, row by row."""

import orjson
import pytest

from stream.events import MAX_BRAND_CHARS, MAX_SHORT_CHARS, MAX_TEXT_CHARS, Review
from stream.scoring.decode import Rejected, decode_review
from tests.unit.scoring.fakes import review_json

SECRET = "xylophone"


def rejected(value: bytes | None) -> Rejected:
    outcome = decode_review(value)
    assert isinstance(outcome, Rejected), outcome
    return outcome


def accepted(value: bytes) -> Review:
    outcome = decode_review(value)
    assert isinstance(outcome, Review), outcome
    return outcome


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b" \n",
        b"not JSON",
        b'{"review_id": "r", "brand": "b", "text": "cut o',
        b"<review/>",
        b"null",
        b"[]",
        b'"a review"',
        b"17",
        b"true",
        b'[{"review_id": "r", "brand": "b", "text": "t"}]',
        b"\x00\x01\x02\x03",
        b'{"review_id": "r", "brand": "b", "text": "caf\xe9"}',
        b'{"review_id": "r", "brand": "b", "text": "cut \xf0\x9f\x98"}',
        b'{"review_id": "r", "brand": "b", "text": "a\x00b"}',
        rb'{"review_id": "r", "brand": "b", "text": "a\u0000b"}',
        rb'{"review_id": "r\u0000", "brand": "b", "text": "t"}',
        rb'{"review_id": "r", "brand": "b", "text": "half an emoji \ud83d"}',
        rb'{"review_id": "r", "brand": "b", "text": "other half \udE00"}',
        b"\xef\xbb\xbf" + review_json(),
        review_json() + review_json(),
        b"[" * 100_000,
        b'{"review_id": "r", "brand": "b", "text": "t", "deep": ' + b"[" * 100_000,
    ],
    ids=lambda value: repr(value)[:50],
)
def test_what_is_no_json_object_is_undecodable(value: bytes | None) -> None:
    assert rejected(value).reason == "undecodable"


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"text": None}, "text: is missing"),
        ({"brand": None}, "brand: is missing"),
        ({"review_id": None}, "review_id: is missing"),
        ({"text": ""}, "text: is blank"),
        ({"text": " \t\r\n\u00a0\u2003\u3000\x1c\x1d\x1e\x1f\x85"}, "text: is blank"),
        ({"brand": "  "}, "brand: is blank"),
        ({"review_id": "\n"}, "review_id: is blank"),
        ({"text": 5}, "text: is not a string"),
        ({"text": ["t"]}, "text: is not a string"),
        ({"brand": {"name": "b"}}, "brand: is not a string"),
        ({"review_id": 17}, "review_id: is not a string"),
        ({"title": 17}, "title: is not a string"),
        ({"text": "x" * (MAX_TEXT_CHARS + 1)}, f"text: is longer than {MAX_TEXT_CHARS} characters"),
        ({"brand": "x" * (MAX_BRAND_CHARS + 1)}, f"brand: is longer than {MAX_BRAND_CHARS} characters"),
        (
            {"review_id": "x" * (MAX_SHORT_CHARS + 1)},
            f"review_id: is longer than {MAX_SHORT_CHARS} characters",
        ),
        ({"source": "x" * (MAX_SHORT_CHARS + 1)}, f"source: is longer than {MAX_SHORT_CHARS} characters"),
        ({"stars": 0}, "stars: is not a whole number from 1 to 5"),
        ({"stars": 6}, "stars: is not a whole number from 1 to 5"),
        ({"stars": 4.5}, "stars: is not a whole number from 1 to 5"),
        ({"stars": "five"}, "stars: is not a whole number from 1 to 5"),
        ({"stars": True}, "stars: is not a whole number from 1 to 5"),
        ({"created_at": "yesterday"}, "created_at: is not an RFC 3339 time"),
        ({"created_at": "2026-01-02T03:04:05"}, "created_at: lacks a UTC offset such as Z or +01:00"),
        ({"created_at": -1}, "created_at: lies outside the years 1970 to 9999"),
        ({"created_at": 10**18}, "created_at: lies outside the years 1970 to 9999"),
        ({"created_at": []}, "created_at: is neither a string nor a number"),
        ({"created_at": True}, "created_at: is neither a string nor a number"),
    ],
)
def test_a_wrong_field_is_invalid_and_named(fields: dict[str, object], detail: str) -> None:
    assert rejected(review_json(**fields)) == Rejected("invalid", detail)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("name", ["stars", "created_at"])
def test_numbers_that_are_none_are_invalid(name: str, number: str) -> None:
    value = review_json()[:-1] + f', "{name}": {number}}}'.encode()
    assert rejected(value).reason == "invalid"


def test_the_detail_names_every_wrong_field() -> None:
    outcome = rejected(b'{"brand": " ", "text": 1, "stars": 9, "created_at": "x", "language": 2}')
    assert {part.split(":")[0] for part in outcome.detail.split("; ")} == {
        "review_id",
        "brand",
        "text",
        "language",
        "stars",
        "created_at",
    }


@pytest.mark.parametrize(
    "value",
    [
        orjson.dumps({"review_id": SECRET, "brand": SECRET, "text": [SECRET], SECRET: SECRET}),
        orjson.dumps({"review_id": "r", "brand": "b", "text": "t", "created_at": SECRET, "stars": SECRET}),
        orjson.dumps({"review_id": "r", "brand": SECRET * 100, "text": "t", "title": SECRET * 1000}),
        b'{"text": "' + SECRET.encode(),
        SECRET.encode(),
        orjson.dumps(SECRET),
        orjson.dumps([SECRET]),
    ],
)
def test_the_detail_never_says_what_was_in_the_review(value: bytes) -> None:
    assert SECRET not in rejected(value).detail


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "😀" * 100_000,
        "שלום עולם، مرحبا بالعالم \u202egnol\u202c",
        "bell \u0007 escape \u001b[31m delete \u007f \u0001",
        "a" * 50_000,
        "\u200b",
        "e\u0301" * 1000,
        "backslash \\u0000 spelled out",
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_strange_texts_are_reviews(text: str) -> None:
    assert accepted(review_json(text)).text == text


def test_optional_fields_come_along_and_unknown_ones_are_ignored() -> None:
    review = accepted(review_json(title="T", stars=4, language="de", created_at=5, votes=[1], user="u"))
    assert (review.title, review.stars, review.language, review.created_at) == ("T", 4, "de", 5)
    assert not hasattr(review, "votes")


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T01:00:00.250+01:00", 250),
        (1234.4, 1234),
        (1_750_000_000_000, 1_750_000_000_000),
    ],
)
def test_times_become_milliseconds(written: object, milliseconds: int) -> None:
    assert accepted(review_json(created_at=written)).created_at == milliseconds


def test_null_is_as_good_as_absent_for_optional_fields() -> None:
    value = b'{"review_id": "r", "brand": "b", "text": "t", "stars": null, "created_at": null, "title": null}'
    review = accepted(value)
    assert (review.stars, review.created_at, review.title) == (None, None, None)
