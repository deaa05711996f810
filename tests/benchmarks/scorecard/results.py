"""What a run found, and how it is kept: JSON from which the page is made."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.scorecard.drain import Drained
from tests.benchmarks.scorecard.load import Delays, Loaded


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill -9 in the middle of a backlog."""

    reviews: int
    lost: int
    doubled: int
    again_seconds: float | None
    same_labels: float | None
    """Share of the labels that are the same as ours."""


@dataclass(slots=True)
class Card:
    """Everything about one contestant."""

    name: str
    title: str
    guarantee: str
    lines: int
    heavy: bool = False
    rounds: list[Drained] = field(default_factory=list)
    loaded: Loaded | None = None
    kill: Kill | None = None
    faults: list[str] = field(default_factory=list)
    """Why something is missing."""

    def median(self, of: Callable[[Drained], float]) -> float:
        """Over the rounds."""
        return statistics.median(map(of, self.rounds))

    @property
    def per_second(self) -> float:
        """Reviews a second over a backlog."""
        return self.median(lambda one: one.per_second)

    @property
    def spread(self) -> float:
        """How far the fastest and the slowest round lie from each other, as a share of the median."""
        rates = [one.per_second for one in self.rounds]
        return (max(rates) - min(rates)) / self.per_second


@dataclass(slots=True)
class Results:
    """One run of the scorecard."""

    facts: Sequence[tuple[str, str]]
    cards: Mapping[str, Card]
    bare_per_second: list[float] = field(default_factory=list)
    """Of the bare model on all cores, once a round."""


def save(results: Results, file: Path) -> None:
    """Write it as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(results), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(file: Path) -> Results:
    """What `save` wrote."""
    found = json.loads(file.read_text(encoding="utf-8"))
    cards = {name: _card(fields) for name, fields in found["cards"].items()}
    return Results([(name, value) for name, value in found["facts"]], cards, found["bare_per_second"])


def _card(fields: dict[str, Any]) -> Card:
    loaded, kill = fields["loaded"], fields["kill"]
    return Card(
        **fields
        | {
            "rounds": [Drained(**one) for one in fields["rounds"]],
            "loaded": loaded
            and Loaded(loaded["capacity_per_second"], [Delays(**one) for one in loaded["delays"]]),
            "kill": kill and Kill(**kill),
        }
    )
