"""The alerting of the product on simulated brands: real states, real cells, the real desk."""

from collections.abc import Iterator

import orjson

from stream.brands.alerting.desk import Desk, Look
from stream.brands.alerting.rules import Kind, Rules
from stream.brands.cells import (
    FIRST_COUNT,
    HOUR_MS,
    KEPT_HOURS,
    KEPT_MINUTES,
    MINUTE_MS,
    Cells,
    cell_at,
    prune,
)
from stream.brands.state import BrandState
from tests.benchmarks.alert_rivals import Opening, Rivals
from tests.benchmarks.alert_world import FIRST_HOUR, Counts, World

OURS = "brandpulse"


class Play:
    """One run of the product over a world. The reviews between two looks lie in the last of their minutes.

    Args:
        partitions: over which the brands are spread; each has a desk of its own.
        look_minutes: between two looks at a brand that got reviews; a divisor of 60.
    """

    def __init__(self, world: World, partitions: int, look_minutes: int, rules: Rules) -> None:
        self._world, self._partitions, self._look_minutes = world, partitions, look_minutes
        self._states = [BrandState(f"Brand {number}", "simulation") for number in range(world.brands)]
        self._desks = [Desk(partition, rules) for partition in range(partitions)]
        self.openings: list[Opening] = []
        self.events = self.looks = 0

    def run(self, rivals: Rivals | None = None) -> Iterator[int]:
        """Play hour by hour, the rivals beside it if there are any."""
        for hour, (reviews, negatives) in enumerate(self._world.hours()):
            for minute in range(0, 60, self._look_minutes):
                until = minute + self._look_minutes
                self._step(hour * 60 + minute, reviews[:, minute:until], negatives[:, minute:until])
                if rivals is not None:
                    so_far = reviews[:, :until].sum(1), negatives[:, :until].sum(1)
                    rivals.look(hour, *so_far, hour * 60 + until)
            if rivals is not None:
                rivals.end_hour(hour, reviews.sum(1), negatives.sum(1))
            yield hour

    def of(self, kind: Kind) -> list[Opening]:
        """The alerts of one kind."""
        return [one for one in self.openings if one.kind == kind]

    def _step(self, first_minute: int, reviews: Counts, negatives: Counts) -> None:
        now_minute = FIRST_HOUR * 60 + first_minute + self._look_minutes - 1
        now_ms = (now_minute + 1) * MINUTE_MS - 1
        looks: list[list[Look]] = [[] for _ in self._desks]
        counts = zip(self._states, reviews.sum(1).tolist(), negatives.sum(1).tolist(), strict=True)
        for brand, (state, every, negative) in enumerate(counts):
            if every:
                _add(state.minutes, now_minute, negative, every)
                _add(state.hours, now_minute // 60, negative, every)
            # A brand with an open alert is looked at even if only its windows age.
            if every or state.watch.incidents:
                prune(state.minutes, now_ms // MINUTE_MS - KEPT_MINUTES)
                prune(state.hours, now_ms // HOUR_MS - KEPT_HOURS)
                looks[brand % self._partitions].append(Look(b"%d" % brand, state))
        for partition, desk in enumerate(self._desks):
            self.looks += len(looks[partition])
            held = len(range(partition, self._world.brands, self._partitions))
            for event in desk.judge(looks[partition], held, now_ms):
                self.events += 1
                if event.state == "opened":
                    self._note(event.value, first_minute + self._look_minutes)

    def _note(self, event: bytes, minute: int) -> None:
        value = orjson.loads(event)
        self.openings.append(Opening(OURS, int(value["brand_key"]), value["kind"], minute))


def _add(cells: Cells, index: int, negative: int, reviews: int) -> None:
    cell = cells.get(index) or cell_at(cells, index)
    cell[FIRST_COUNT] += negative
    cell[FIRST_COUNT + 2] += reviews - negative
