"""What a kill -9 costs: labels lost and doubled. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damage:
    """Reviews without a readable label, and labels beyond the first of each review."""

    lost: int
    doubled: int


def damage(reviews: Collection[str], labelled: Iterable[str]) -> Damage:
    """By review id: what was given, and of which reviews there are labels.

    >>> damage(["a", "b", "c"], ["a", "a", "c"])
    Damage(lost=1, doubled=1)
    """
    counts = Counter(labelled)
    return Damage(len(set(reviews) - counts.keys()), counts.total() - len(counts))


def agreement(ours: Mapping[str, str], theirs: Mapping[str, str]) -> float | None:
    """Share of the reviews with both labels on which both are the same; None where there are none.

    >>> agreement({"a": "positive", "b": "neutral"}, {"a": "positive", "b": "negative", "c": "neutral"})
    0.5
    """
    common = ours.keys() & theirs.keys()
    return sum(ours[review] == theirs[review] for review in common) / len(common) if common else None
