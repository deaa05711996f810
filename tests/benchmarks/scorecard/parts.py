"""The parts of a run: rounds over a backlog, delays under load, kill -9."""

import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from aiokafka.errors import KafkaError

from stream.settings import Settings
from tests.benchmarks.corpus import Corpus, review_value
from tests.benchmarks.model import BareModel
from tests.benchmarks.parts import note
from tests.benchmarks.scorecard.arena import Arena
from tests.benchmarks.scorecard.contestants import OURS, Contestant
from tests.benchmarks.scorecard.counting import agreement
from tests.benchmarks.scorecard.drain import drain
from tests.benchmarks.scorecard.kill import kill
from tests.benchmarks.scorecard.load import measure_load
from tests.benchmarks.scorecard.results import Card, Kill, Results

Found = TypeVar("Found")
BARE_REVIEWS = 8_000
KILL_SECONDS = 10
"""How long the backlog of a kill would last."""
LEAST_KILL_REVIEWS = 400


@dataclass
class Run:
    """One run over some contestants, and what it found."""

    arena: Arena
    corpus: Corpus
    contestants: Mapping[str, Contestant]
    bundles: Mapping[bool, Path]
    """By whether they are heavy."""
    rounds: int
    backlog: int
    results: Results
    labels: dict[str, str] = field(default_factory=dict)
    """Review id to label, by ours."""

    async def drain(self) -> None:
        """All over the same topic, in turn, round for round, and the bare model beside them."""
        source: str | None = None
        for number in range(1, self.rounds + 1):
            note(f"round {number} of {self.rounds}: bare model")
            model = BareModel(Settings(), self.corpus, BARE_REVIEWS)
            model.reviews_per_second()
            self.results.bare_per_second.append(model.reviews_per_second())
            for card, each in self._all():
                if card.faults:
                    continue  # it would take the time of the others
                note(f"round {number} of {self.rounds}: {each.title}")
                entry = await self.arena.entry(each, self.bundles[each.heavy], source)
                if source is None:
                    source = entry.source
                    await self.arena.fill(source, self._reviews(self.backlog))
                if (found := await _tried(card, drain(entry, self.backlog))) is not None:
                    card.rounds.append(found)

    async def load(self) -> None:
        """Delays, each at shares of what it carries."""
        values = self._reviews(self.backlog)
        for card, each in self._with_rate():
            note(f"under load: {each.title}")
            entry = await self.arena.entry(each, self.bundles[each.heavy])
            card.loaded = await _tried(card, measure_load(self.arena, entry, values, card.per_second))

    async def kill(self) -> None:
        """kill -9 in the middle of a backlog of some seconds."""
        for card, each in self._with_rate():
            note(f"kill -9: {each.title}")
            reviews = self._reviews(max(LEAST_KILL_REVIEWS, int(KILL_SECONDS * card.per_second)))
            ids = [json.loads(value)["review_id"] for value in reviews]
            entry = await self.arena.entry(each, self.bundles[each.heavy])
            await self.arena.fill(entry.source, reviews, block=max(1, len(reviews) // 400))
            if (found := await _tried(card, kill(entry, ids))) is None:
                continue
            if each.name == OURS:
                self.labels |= found.labels
            same = None if each.heavy else agreement(self.labels, found.labels)
            cost = found.damage
            card.kill = Kill(len(reviews), cost.lost, cost.doubled, found.again_seconds, same)

    def _all(self) -> Iterator[tuple[Card, Contestant]]:
        for name, each in self.contestants.items():
            yield self.results.cards[name], each

    def _with_rate(self) -> Iterator[tuple[Card, Contestant]]:
        return ((card, each) for card, each in self._all() if card.rounds)

    def _reviews(self, count: int) -> Sequence[bytes]:
        return [review_value(self.corpus, number) for number in range(count)]


PARTS: Mapping[str, Callable[[Run], Awaitable[None]]] = {
    "drain": Run.drain,
    "load": Run.load,
    "kill": Run.kill,
}


async def _tried(card: Card, measuring: Awaitable[Found]) -> Found | None:
    """What was found; where it failed, the card says why, and the others are measured all the same."""
    try:
        return await measuring
    except (AssertionError, KafkaError, OSError) as error:
        print(error, file=sys.stderr, flush=True)
        fault = (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
        if fault not in card.faults:
            card.faults.append(fault)
        return None
