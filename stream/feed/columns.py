"""From a row of somebody's file to a review: which column is which field, and what its values mean."""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson
from pydantic import ValidationError

from stream.errors import ConfigurationError
from stream.events import Review, brand_key
from stream.feed.records import MAX_RECORD_BYTES, BadRow, Record

# Our own name of each field first, then those of the usual dumps: Amazon 2014/2018 (reviewText, overall,
# summary, unixReviewTime), Amazon 2015 (review_body, star_rating, ...), Amazon 2023 (parent_asin, timestamp),
# Datafiniti (reviews.*), Flipkart (Review, Rate, product_name), Yelp (business_id, date). Reviewers' names
# and ids are nobody's field and stay behind. Compared without regard to case.
USUAL: Mapping[str, tuple[str, ...]] = {
    "review_id": ("review_id", "reviewid", "reviews.id"),
    "brand": ("brand", "brand_name", "brandname", "brands", "manufacturer"),
    "text": ("text", "reviewtext", "review_text", "reviews.text", "review_body", "review", "content", "body"),
    "title": ("title", "reviews.title", "review_title", "review_headline", "summary", "headline"),
    "product_id": ("product_id", "parent_asin", "asin", "asins", "productid", "business_id", "product_name"),
    "source": ("source",),
    "language": ("language", "lang", "review_language"),
    "stars": ("stars", "rating", "overall", "reviews.rating", "star_rating", "rate", "score"),
    "created_at": (
        "created_at",
        "timestamp",
        "unixreviewtime",
        "reviews.date",
        "review_date",
        "date",
        "time",
    ),
}
# The Flipkart dump calls the headline `Review` and the text `Summary`.
_FLIPKART = {**USUAL, "text": ("summary", "review"), "title": ("review",)}
_FLIPKART_NAMES = {"review", "summary", "rate"}

# Epoch numbers below this are seconds: as milliseconds they would lie before March 1973.
_LEAST_MILLISECONDS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """How the rows of one file are read.

    Args:
        overrides: field of `stream.events.Review` → column, before every usual name.
        brand: brand of all rows; then no column is asked for it.
        keep_times: take `created_at` from the file; otherwise it is left out, and the review counts as
            written when Kafka gets it.
    """

    overrides: Mapping[str, str] = field(default_factory=dict)
    brand: str | None = None
    keep_times: bool = False
    _resolved: dict[tuple[str, ...], Mapping[str, list[str]]] = field(default_factory=dict)

    def require(self, file: str, names: Iterable[str]) -> None:
        """Refuse a file in which brand or text would be missing from every row.

        Raises:
            ConfigurationError: says which option names the missing column.
        """
        names = tuple(names)
        absent = [column for column in self.overrides.values() if column not in names]
        if absent:
            raise ConfigurationError(f"{file} has no column {', '.join(absent)}; {_listing(names)}.")
        found = self._candidates(names)
        wanted = ["text"] if self.brand else ["text", "brand"]
        wanted += ["created_at"] if self.keep_times else []
        for name in wanted:
            if not found[name]:
                other = {"brand": " or --brand NAME", "created_at": " or --times now"}.get(name, "")
                raise ConfigurationError(
                    f"{file}: no column is known to hold the {name}; {_listing(names)}. "
                    f"Say --map {name}=COLUMN{other}."
                )

    def record(self, file: str, row: int, values: Mapping[str, Any]) -> Record | BadRow:
        """The message for one row, checked against the schema of reviews."""
        found = self._candidates(tuple(values))
        fields = {name: _first(values, found[name]) for name in USUAL}
        fields["review_id"] = _text(fields["review_id"]) or _made_id(file, row)
        fields["brand"] = self.brand or _text(fields["brand"])
        fields["stars"] = _stars(fields["stars"])
        for name in ("product_id", "source", "language", "title"):
            fields[name] = _text(fields[name])
        fields["created_at"] = _time(fields["created_at"]) if self.keep_times else None
        if self.keep_times and fields["created_at"] is None:
            return BadRow(file, row, "created_at: missing, which --times keep needs")
        return _checked(file, row, {name: value for name, value in fields.items() if value is not None})

    def _candidates(self, names: tuple[str, ...]) -> Mapping[str, list[str]]:
        """For each field the columns among `names` that may hold it, best first."""
        if names not in self._resolved:
            if len(self._resolved) >= 1000:  # JSON objects may each have other members
                self._resolved.clear()
            lowered = {name.lower(): name for name in reversed(names)}
            usual = _FLIPKART if lowered.keys() >= _FLIPKART_NAMES else USUAL
            self._resolved[names] = {
                name: [self.overrides[name]]
                if name in self.overrides
                else [lowered[column] for column in columns if column in lowered]
                for name, columns in usual.items()
            }
        return self._resolved[names]


def parse_overrides(pairs: Iterable[str]) -> dict[str, str]:
    """`field=column` pairs as a mapping.

    >>> parse_overrides(["text=Body", "stars=Points"])
    {'text': 'Body', 'stars': 'Points'}

    Raises:
        ConfigurationError: not of that form, or no such field.
    """
    overrides = {}
    for pair in pairs:
        name, _, column = pair.partition("=")
        if name not in USUAL or not column:
            raise ConfigurationError(
                f"--map {pair}: say FIELD=COLUMN, where FIELD is one of {', '.join(USUAL)}."
            )
        overrides[name] = column
    return overrides


def _checked(file: str, row: int, fields: dict[str, Any]) -> Record | BadRow:
    try:
        review = Review.model_validate(fields)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        return BadRow(
            file, row, "; ".join(f"{problem['loc'][0]}: {_reason(problem)}" for problem in problems)
        )
    if review.created_at is not None:
        fields["created_at"] = review.created_at
    value = orjson.dumps(fields)
    if len(value) > MAX_RECORD_BYTES:
        return BadRow(file, row, f"{len(value):,} bytes, more than the topic takes ({MAX_RECORD_BYTES:,})")
    return Record(brand_key(review.brand).encode(), value)


def _reason(problem: Mapping[str, Any]) -> str:
    match problem["type"]:
        case "missing":
            return "missing"
        case "string_pattern_mismatch":
            return "blank"
        case "string_unicode":
            return "not valid in the encoding of the file (see --encoding)"
        case _:
            return str(problem["msg"]).removeprefix("Value error, ")


def _listing(names: tuple[str, ...]) -> str:
    return f"its columns are {', '.join(names)}" if names else "it has no columns"


def _made_id(file: str, row: int) -> str:
    """An id that is the same whenever this row of this file is fed."""
    return hashlib.sha256(f"{file}:{row}".encode(errors="surrogateescape")).hexdigest()[:32]


def _absent(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _first(values: Mapping[str, Any], names: list[str]) -> Any:
    return next((values[name] for name in names if not _absent(values.get(name))), None)


def _text(value: Any) -> Any:
    """Numbers become text (ids often are numbers); everything else is left for the schema to judge."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _stars(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number


def _time(value: Any) -> Any:
    """RFC 3339, a date, or an epoch number in seconds or milliseconds; without a zone it is UTC."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return value
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        return round((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(value, int | float) and math.isfinite(value):
        return round(value * 1000 if abs(value) < _LEAST_MILLISECONDS else value)
    return value
