"""What is wrong with labelled rows taken together: ids, contradictions, classes."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from training.reading.labelling import LABELS, Row
from training.reading.splits import text_key

_SHOWN = 3


def repeated_ids(rows: Sequence[Row]) -> list[str]:
    """A line if several rows have the same id; empty if all differ."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        places[row.review_id].append(row.place)
    repeated = [places for places in places.values() if len(places) > 1]
    if not repeated:
        return []
    return [
        f"{len(repeated)} review ids are given to more than one row ({_shown(repeated)}): "
        "give every row its own; rows without one get the file's name, so name files differently"
    ]


def part_contradictory(rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """The rows whose text has one class only, and a line about the others: equal but for case and signs."""
    keys = [text_key(row.text) for row in rows]
    classes: defaultdict[str, set[int]] = defaultdict(set)
    for key, row in zip(keys, rows, strict=True):
        classes[key].add(row.label)
    apart: defaultdict[str, list[str]] = defaultdict(list)
    for key, row in zip(keys, rows, strict=True):
        if len(classes[key]) > 1:
            apart[key].append(row.place)
    if not apart:
        return list(rows), []
    kept = [row for key, row in zip(keys, rows, strict=True) if key not in apart]
    count = sum(len(places) for places in apart.values())
    return kept, [
        f"{count} rows contradict others: {len(apart)} texts occur with different classes "
        f"({_shown(list(apart.values()))}): correct them, or add --drop-contradictory to leave them out"
    ]


def missing_classes(labels: Sequence[int], splits: Sequence[str], needed: Sequence[str]) -> list[str]:
    """A line for each split that lacks rows of a class."""
    counts = Counter(zip(splits, labels, strict=True))
    lines = []
    for split in needed:
        lacks = [name for index, name in enumerate(LABELS) if not counts[split, index]]
        if lacks:
            lines.append(
                f"the split {split} has no {' and no '.join(lacks)} rows: add some, "
                "or leave the column split out to have splits made"
            )
    return lines


def _shown(places: Sequence[Sequence[str]]) -> str:
    """The first of these groups of rows."""
    more = "; ..." if len(places) > _SHOWN else ""
    return "; ".join(" = ".join(group[:_SHOWN]) for group in places[:_SHOWN]) + more
