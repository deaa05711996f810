"""Cursors: the place where a page ended, as text that fits into an address. Pure."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson

NO_CURSOR = "is none of ours"
MOST_CHARACTERS = 4_000


def write_cursor(values: Sequence[str | int | float | None]) -> str:
    """Values as text.

    >>> read_cursor(write_cursor(["a", 1]), 2)
    ['a', 1]
    """
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def read_cursor(text: str, length: int) -> list[Any]:
    """The values, so many; whether they are of the right kind the caller must see.

    Raises:
        ValueError: the text is no cursor.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
    except (binascii.Error, UnicodeEncodeError, orjson.JSONDecodeError):
        raise ValueError(NO_CURSOR) from None
    if not isinstance(values, list) or len(values) != length:
        raise ValueError(NO_CURSOR)
    return values
