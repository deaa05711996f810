"""Each usual dump's columns become the fields of a review; what does not fit is named."""

from typing import Any

import orjson
import pytest

from stream.errors import ConfigurationError
from stream.events import Review
from stream.feed.columns import Columns, parse_overrides
from stream.feed.records import BadRow, Record

DUMPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "our own": (
        {"review_id": "r1", "brand": "Acme", "text": "fine", "stars": 4, "language": "en", "source": "shop"},
        {"review_id": "r1", "brand": "Acme", "text": "fine", "stars": 4, "language": "en", "source": "shop"},
    ),
    "Amazon 2014 and 2018": (
        {
            "reviewerID": "A1",
            "asin": "B01",
            "reviewText": "loud enough",
            "overall": 5.0,
            "summary": "Good",
            "unixReviewTime": 1400000000,
            "brand": "Acme",
        },
        {
            "product_id": "B01",
            "text": "loud enough",
            "stars": 5,
            "title": "Good",
            "created_at": 1400000000000,
        },
    ),
    "Amazon 2015": (
        {
            "customer_id": "7",
            "product_id": "B02",
            "brand": "Acme",
            "review_body": "it hums",
            "star_rating": "2",
            "review_headline": "Hm",
            "review_date": "2015-08-31",
        },
        {"product_id": "B02", "text": "it hums", "stars": 2, "title": "Hm", "created_at": 1440979200000},
    ),
    "Amazon 2023": (
        {
            "user_id": "U1",
            "asin": "B03X",
            "parent_asin": "B03",
            "brand": "Acme",
            "text": "shiny",
            "title": "Wow",
            "rating": 5.0,
            "timestamp": 1588687728923,
        },
        {"product_id": "B03", "text": "shiny", "title": "Wow", "stars": 5, "created_at": 1588687728923},
    ),
    "Datafiniti": (
        {
            "id": "P1",
            "brand": "Acme",
            "asins": "B04",
            "reviews.text": "glows",
            "reviews.rating": "4.0",
            "reviews.title": "Lamp",
            "reviews.date": "2017-01-13T00:00:00.000Z",
            "reviews.username": "somebody",
            "reviews.id": "",
        },
        {"product_id": "B04", "text": "glows", "title": "Lamp", "stars": 4, "created_at": 1484265600000},
    ),
    "Flipkart": (
        {"product_name": "Cooler", "brand": "Acme", "Rate": "3", "Review": "fair", "Summary": "cools a bit"},
        {"product_id": "Cooler", "stars": 3, "title": "fair", "text": "cools a bit"},
    ),
    "Flipkart without headline": (
        {"product_name": "Cooler", "brand": "Acme", "Rate": "3", "Review": "cools a bit"},
        {"product_id": "Cooler", "stars": 3, "text": "cools a bit"},
    ),
    "Yelp": (
        {
            "review_id": "y1",
            "user_id": "U2",
            "business_id": "b9",
            "brand": "Acme",
            "stars": 1.0,
            "text": "cold soup",
            "date": "2018-07-07 22:09:11",
        },
        {"review_id": "y1", "product_id": "b9", "stars": 1, "text": "cold soup", "created_at": 1531001351000},
    ),
}


def made(row: dict[str, Any], columns: Columns | None = None, number: int = 1) -> dict[str, Any]:
    record = (columns or Columns()).record("file.csv", number, row)
    assert isinstance(record, Record), record
    Review.model_validate(orjson.loads(record.value))
    value: dict[str, Any] = orjson.loads(record.value)
    return value


def refused(row: dict[str, Any], columns: Columns | None = None) -> str:
    bad = (columns or Columns()).record("file.csv", 3, row)
    assert isinstance(bad, BadRow)
    assert (bad.file, bad.row) == ("file.csv", 3)
    return bad.reason


@pytest.mark.parametrize("dump", DUMPS)
def test_usual_dumps_are_understood(dump: str) -> None:
    row, expected = DUMPS[dump]
    if "created_at" in expected:
        review = made(row, Columns(keep_times=True))
    else:
        review = made(row)
        assert "created_at" not in review
    assert {name: review[name] for name in expected} == expected
    assert review["brand"] == "Acme"
    assert not {"A1", "U1", "U2", "7", "somebody"} & set(map(str, review.values())), "reviewers stay behind"


def test_times_now_leaves_the_files_time_out() -> None:
    assert "created_at" not in made(DUMPS["Amazon 2023"][0])


def test_made_ids_are_stable_and_distinct() -> None:
    row = {"brand": "Acme", "text": "fine"}
    assert made(row, number=1) == made(row, number=1)
    assert made(row, number=1)["review_id"] != made(row, number=2)["review_id"]


def test_the_key_is_the_brand_key() -> None:
    record = Columns(brand="  ACME  Audio ").record("f", 1, {"text": "fine"})
    assert isinstance(record, Record)
    assert record.key == b"acme audio"


def test_overrides_win_over_usual_names() -> None:
    columns = Columns(parse_overrides(["text=Body", "brand=Maker"]))
    assert made({"Body": "mine", "text": "not this", "Maker": "Acme"}, columns)["text"] == "mine"


def test_numbers_as_ids_become_text_and_empty_values_are_absent() -> None:
    review = made({"brand": "A", "text": "t", "product_id": 17, "title": "", "stars": float("nan")})
    assert review["product_id"] == "17"
    assert review.keys() == {"review_id", "brand", "text", "product_id"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"brand": "A", "text": ""}, "text: missing"),
        ({"brand": "A", "text": "  "}, "text: blank"),
        ({"brand": "", "text": "t"}, "brand: missing"),
        ({"brand": "A", "text": "t", "stars": "9"}, "stars: Input should be less than or equal to 5"),
        ({"brand": "A", "text": "t", "stars": "many"}, "stars: Input should be a valid number"),
        ({"brand": "A", "text": "t", "stars": "4.5"}, "stars: Input should be a multiple of 1"),
        ({"brand": "A", "text": "t\udc80"}, "text: not valid in the encoding of the file (see --encoding)"),
        ({"brand": "A", "text": ["t"]}, "text: Input should be a valid string"),
        (
            {"brand": "A", "text": "\u20ac" * 1_900_000},
            "5,700,070 bytes, more than the topic takes (3,900,000)",
        ),
    ],
)
def test_bad_rows_are_named_without_their_content(row: dict[str, Any], reason: str) -> None:
    assert refused(row) == reason


def test_keeping_times_needs_a_time_in_every_row() -> None:
    columns = Columns(keep_times=True)
    assert refused({"brand": "A", "text": "t", "date": ""}, columns).startswith("created_at: missing")
    assert (
        refused({"brand": "A", "text": "t", "date": "soon"}, columns) == "created_at: is not an RFC 3339 time"
    )


def test_a_file_without_brand_or_text_is_refused_with_advice() -> None:
    with pytest.raises(ConfigurationError, match="--map brand=COLUMN or --brand NAME"):
        Columns().require("f.csv", ["text", "shop"])
    with pytest.raises(ConfigurationError, match=r"columns are brand, words\. Say --map text=COLUMN"):
        Columns().require("f.csv", ["brand", "words"])
    with pytest.raises(ConfigurationError, match="--times now"):
        Columns(keep_times=True).require("f.csv", ["brand", "text"])
    with pytest.raises(ConfigurationError, match="no column Body"):
        Columns({"text": "Body"}).require("f.csv", ["brand", "text"])
    Columns(brand="Acme").require("f.csv", ["text"])


@pytest.mark.parametrize("pair", ["text", "text=", "colour=red"])
def test_overrides_must_name_a_field_and_a_column(pair: str) -> None:
    with pytest.raises(ConfigurationError, match="FIELD=COLUMN"):
        parse_overrides([pair])


def test_rows_with_ever_new_members_do_not_fill_the_memory() -> None:
    columns = Columns()
    for number in range(3000):
        made({"brand": "A", "text": "t", f"x{number}": 1}, columns, number)
    assert len(columns._resolved) <= 1000
