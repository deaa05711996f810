"""Brands with days behind them, for the tests of alerts."""

from typing import Any

import orjson

from stream.brands.alerting.desk import Desk, Look
from stream.brands.alerting.published import AlertEvent
from stream.brands.alerting.rules import Rules
from stream.brands.cells import HOUR_MS, KEPT_HOURS, KEPT_MINUTES, MINUTE_MS, WIDTH, Cells, cell_at, prune
from stream.brands.state import BrandState

FIRST_HOUR = 497_232
START_MS = (FIRST_HOUR + 8 * 24) * HOUR_MS
"""Eight days after the first hour."""


def add(state: BrandState, at_ms: int, negative: int = 0, positive: int = 0) -> None:
    """Reviews of one moment."""
    for cells, width_ms in ((state.minutes, MINUTE_MS), (state.hours, HOUR_MS)):
        cell = cell_at(cells, at_ms // width_ms)
        cell[1] += negative
        cell[3] += positive
    state.horizon_ms = max(state.horizon_ms, at_ms)
    prune(state.minutes, state.horizon_ms // MINUTE_MS - KEPT_MINUTES)
    prune(state.hours, state.horizon_ms // HOUR_MS - KEPT_HOURS)


def calm_brand(an_hour: int = 60, negative: int = 9, days: int = 8) -> BrandState:
    """A brand with equal hours up to `START_MS`."""
    state = BrandState("Acme", "m@1", fence=41)
    for hour in range(FIRST_HOUR + (8 - days) * 24, FIRST_HOUR + 8 * 24):
        add(state, hour * HOUR_MS, negative, an_hour - negative)
    return state


def hours_of(*pairs: tuple[int, int], first_hour: int = FIRST_HOUR) -> Cells:
    """Hour cells of (reviews, negatives)."""
    return {
        index: [index, negative, 0, reviews - negative, *[0] * (WIDTH - 4)]
        for index, (reviews, negative) in enumerate(pairs, first_hour)
    }


class Bench:
    """A desk with the clock in hand."""

    def __init__(self, rules: Rules | None = None, held: int = 1) -> None:
        self.desk, self.held = Desk(3, rules or Rules()), held
        self.events: list[dict[str, Any]] = []

    def look(self, states: dict[bytes, BrandState], now_ms: int) -> list[dict[str, Any]]:
        """The events of one look at all of them."""
        looks = [Look(key, state) for key, state in states.items()]
        return self.take(self.desk.judge(looks, max(self.held, len(states)), now_ms))

    def take(self, events: list[AlertEvent]) -> list[dict[str, Any]]:
        """The events as their readers see them; `events` keeps all."""
        values = [orjson.loads(event.value) for event in events]
        self.events += values
        return values

    def play(
        self, key: bytes, state: BrandState, start_ms: int, minutes: int, per_minute: tuple[int, int]
    ) -> int:
        """Minutes with (negative, positive) reviews each and a look after each; returns when they end."""
        for minute in range(minutes):
            at_ms = start_ms + minute * MINUTE_MS
            if any(per_minute):
                add(state, at_ms, *per_minute)
            self.look({key: state}, at_ms + 30_000)
        return start_ms + minutes * MINUTE_MS
