"""The independent count: what was read back, against what had to come out. Pure; knows no Kafka."""

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_SHOWN = 20
Place = tuple[int, int]
"""Partition and offset of a review."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One label or dead letter, named by the review that it says it belongs to."""

    partition: int
    offset: int
    topic: str
    output_partition: int


@dataclass(slots=True)
class Findings:
    """Everything that is wrong: counts by kind, the first examples in words, and the reviews it is about."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    places: list[tuple[str, Place]] = field(default_factory=list)

    def add(self, kind: str, example: str, place: Place | None = None) -> None:
        """Note one fault."""
        self.counts[kind] += 1
        if place is not None:
            self.places.append((kind, place))
        if self.counts[kind] <= MOST_SHOWN:
            self.examples.append(f"{kind}: {example}")

    def expect(
        self, kind: str, example: str, found: object, expected: object, place: Place | None = None
    ) -> None:
        """Note a fault unless both are equal."""
        if found != expected:
            self.add(kind, f"{example}: found {found!r}, expected {expected!r}", place)

    def among(self, kind: str, first: Mapping[int, int], last: Mapping[int, int]) -> int:
        """How many faults of a kind are about reviews from `first` on and before `last`, by partition."""
        return sum(
            found == kind and first.get(partition, 0) <= offset < last.get(partition, 0)
            for found, (partition, offset) in self.places
        )

    def __str__(self) -> str:
        return "\n".join([str(dict(self.counts)), *self.examples])


class Ledger:
    """Counts outcomes by review, for source partitions that hold the offsets from 0 to an end."""

    def __init__(self, ends: Mapping[int, int]) -> None:
        self.findings = Findings()
        self.outcomes = 0
        self._counts = {partition: array("H", bytes(2 * end)) for partition, end in ends.items()}
        self._last: dict[tuple[int, str, int], int] = {}

    def enter(self, outcome: Outcome) -> bool:
        """Note an outcome, in the order in which its output partition holds it; true if it is the first."""
        partition, offset = outcome.partition, outcome.offset
        counts = self._counts.get(partition)
        if counts is None or not 0 <= offset < len(counts):
            self.findings.add("unknown", f"{outcome.topic} speaks of review {partition}-{offset}")
            return False
        self.outcomes += 1
        counts[offset] += 1
        if counts[offset] > 1:
            self.findings.add(
                "doubled", f"{outcome.topic} has review {partition}-{offset} again", (partition, offset)
            )
        route = (partition, outcome.topic, outcome.output_partition)
        if self._last.get(route, -1) > offset:
            example = f"{route} has {offset} after {self._last[route]}"
            self.findings.add("disordered", example, (partition, offset))
        self._last[route] = offset
        return counts[offset] == 1

    def close(self) -> Findings:
        """All outcomes are entered: note the reviews without one."""
        for partition, counts in self._counts.items():
            for offset, count in enumerate(counts):
                if count == 0:
                    example = f"review {partition}-{offset} has no outcome"
                    self.findings.add("lost", example, (partition, offset))
        return self.findings
