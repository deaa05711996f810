"""From the columns of one file to labelled rows: what stars, labels and splits mean, and what is wrong."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from training.errors import DataError
from training.reading.readers import Table, listed
from training.reading.splits import SPLITS

LABELS = ("negative", "neutral", "positive")
FIELDS = ("text", "stars", "label", "review_id", "source", "split")
_USUAL_NAMES = {
    "text": ("text", "review", "body", "comment", "content"),
    "stars": ("star", "rating", "rate", "score", "overall"),
    "label": ("label", "sentiment", "class", "polarity"),
}
_CLASS_OF_STARS = (-1, 0, 0, 1, 2, 2)  # at index 1 to 5

_BLANK = "without text: remove them"
_UNLABELLED = "with neither stars nor label: label or remove them"
_BAD_STARS = "with stars other than 1, 2, 3, 4, 5: correct or remove them"
_BAD_LABEL = f"with a label other than {', '.join(LABELS)}: correct or remove them"
_BAD_SPLIT = f"with a split other than {', '.join(SPLITS)}: correct them, or leave the column out"
_DISAGREE = (
    "whose stars and label disagree (1-2 stars are negative, 3 neutral, 4-5 positive): "
    "correct them or add --drop-contradictory"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: `label` an index into LABELS, `stars` 0 where only a label is known, `split` None where none is.

    `place` is for messages: file and row number.
    """

    place: str
    review_id: str
    text: str
    label: int
    stars: int
    source: str
    split: str | None


def column_names(columns: Mapping[str, str]) -> dict[str, str]:
    """The column of each field: its own name unless `columns` names another.

    Raises:
        DataError: `columns` has a field that there is not.
    """
    unknown = sorted(set(columns) - set(FIELDS))
    if unknown:
        raise DataError(f"--column knows no {', '.join(unknown)}; its fields are {', '.join(FIELDS)}")
    return {field: columns.get(field, field) for field in FIELDS}


def parse_columns(pairs: Sequence[str]) -> dict[str, str]:
    """Fields and columns as a person writes them: ["text=review body"] gives {"text": "review body"}.

    Raises:
        DataError: a pair has no equals sign, or nothing on a side.
    """
    parts = [pair.partition("=") for pair in pairs]
    wrong = [pair for pair, (field, _, name) in zip(pairs, parts, strict=True) if not field or not name]
    if wrong:
        raise DataError(f"--column takes FIELD=COLUMN, such as text=review_body, not {', '.join(wrong)}")
    return {field.strip(): name.strip() for field, _, name in parts}


def check_columns(table: Table, columns: Mapping[str, str]) -> list[str]:
    """What of `text`, `stars` or `label`, and the columns asked for, the file lacks."""
    has = f"it has the columns {', '.join(table.found)}"
    lost = [f"{field}={name}" for field, name in columns.items() if field not in table.fields]
    if lost:
        return [f"{table.path}: no column for --column {', '.join(lost)}; {has}"]
    wanted = [] if "text" in table.fields else ["text"]
    if not table.fields.keys() & {"stars", "label"}:
        wanted += ["stars", "label"]
    if not wanted:
        return []
    missing = " and ".join(
        filter(None, ("text" * ("text" in wanted), "stars or label" * ("stars" in wanted)))
    )
    guesses = [f"--column {field}={name}" for field in wanted for name in _nearest(field, table.found)]
    hint = f"perhaps {', '.join(guesses)}" if guesses else "name them: --column text=COLUMN"
    return [f"{table.path}: no column {missing}; {has}; {hint}"]


def label_rows(table: Table, drop_contradictory: bool) -> tuple[list[Row], list[str]]:
    """The rows of a file, and a line for each kind of row that cannot be used."""
    stem = table.path.name.split(".")[0]
    rows: list[Row] = []
    wrong: defaultdict[str, list[int]] = defaultdict(list)
    empty: Sequence[Any] = (None,) * table.rows
    cells = zip(*(table.fields.get(field, empty) for field in FIELDS), strict=True)
    for number, (text, stars, label, review_id, source, split) in enumerate(cells, start=1):
        known = _label(stars, label)
        problems = [known] if isinstance(known, str) else []
        if not isinstance(text, str) or not text.strip():
            problems.append(_BLANK)
        if "split" in table.fields and split not in SPLITS:
            problems.append(_BAD_SPLIT)
        if problems == [_DISAGREE] and drop_contradictory:
            continue
        for problem in problems:
            wrong[problem].append(number)
        if not problems:
            assert not isinstance(known, str)
            place, row_id = f"{table.path} row {number}", _name(review_id) or f"{stem}:{number}"
            rows.append(Row(place, row_id, text, *known, _name(source) or stem, split))
    return rows, [f"{table.path}: {listed(numbers)} {problem}" for problem, numbers in wrong.items()]


def _label(stars: Any, label: Any) -> tuple[int, int] | str:
    """Index into LABELS and stars (0 where there are none), or what is wrong with them."""
    number, index = _stars(stars), _index(label)
    if number is None and index is None:
        return _UNLABELLED
    if number is not None and number not in range(1, 6):
        return _BAD_STARS
    if index == len(LABELS):
        return _BAD_LABEL
    if number is None:
        assert index is not None
        return index, 0
    of_stars = _CLASS_OF_STARS[int(number)]
    return (of_stars, int(number)) if index in (None, of_stars) else _DISAGREE


def _stars(value: Any) -> float | None:
    """The number in a cell, 0 where it is none; None where the cell is empty."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return None if math.isnan(number) else number


def _index(value: Any) -> int | None:
    """Index into LABELS, its length where the value is none of them; None where the cell is empty."""
    name = _name(value)
    if name is None:
        return None
    return LABELS.index(name.lower()) if name.lower() in LABELS else len(LABELS)


def _name(value: Any) -> str | None:
    """The cell as a name; None where it is empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return str(value).strip() or None


def _nearest(field: str, found: Sequence[str]) -> list[str]:
    """The column that the field's values may be in: one that is called like it, or as is usual."""
    usual = [name for part in _USUAL_NAMES[field] for name in found if part in name.lower()]
    return (get_close_matches(field, found, n=1) + usual)[:1]
