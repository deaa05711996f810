"""Bytes from the topic become a review, or a value that says why not: exactly one of the two."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from stream.events import MAX_BRAND_CHARS, MAX_SHORT_CHARS, MAX_TEXT_CHARS, Review

Reason = Literal["undecodable", "invalid"]

_NOT_AN_OBJECT = {"json_invalid", "model_type", "model_attributes_type"}
_MAX_CHARS = {"brand": MAX_BRAND_CHARS, "text": MAX_TEXT_CHARS}
_validate = Review.__pydantic_validator__.validate_json


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a record is no review. `detail` names fields and faults, never what was in them."""

    reason: Reason
    detail: str


def decode_review(value: bytes | None) -> Review | Rejected:
    """The review in a record's value (JSON, RFC 8259), or why it is none."""
    if not value:
        return Rejected("undecodable", "the value is empty")
    try:
        review: Review = _validate(value)
    except ValidationError as error:
        return _rejected(error)
    if b"\\u0000" in value and _has_nul(review):
        # Databases and C strings end there, so no consumer of the labels could be trusted with it.
        return Rejected("undecodable", "a string holds the character NUL")
    return review


def _has_nul(review: Review) -> bool:
    return any(isinstance(value, str) and "\0" in value for _, value in review)


def _rejected(error: ValidationError) -> Rejected:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    kind = problems[0]["type"]
    if kind == "json_invalid":
        return Rejected("undecodable", "the value is not JSON in UTF-8")
    if kind in _NOT_AN_OBJECT:
        return Rejected("undecodable", "the value is not a JSON object")
    faults = {str(problem["loc"][0]): problem for problem in reversed(problems)}
    return Rejected(
        "invalid", "; ".join(_fault(name, faults[name]["type"], faults[name]["msg"]) for name in faults)
    )


def _fault(name: str, kind: str, message: str) -> str:
    match kind:
        case "missing":
            return f"{name}: is missing"
        case "string_pattern_mismatch":
            return f"{name}: is blank"
        case "string_too_long":
            return f"{name}: is longer than {_MAX_CHARS.get(name, MAX_SHORT_CHARS)} characters"
        case "string_type":
            return f"{name}: is not a string"
        case "value_error":
            return f"{name}: {message.removeprefix('Value error, ')}"
    if name == "stars":
        return "stars: is not a whole number from 1 to 5"
    return f"{name}: has a wrong type"
