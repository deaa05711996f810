"""Which brands of a partition a flush tells of: changed by labels, changed by age, left with nothing."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field

from stream.brands.agenda import Agenda
from stream.brands.alerting.desk import Desk, Look
from stream.brands.cells import Cells
from stream.brands.edition import BRANDS_AT_ONCE, Edition, Entry
from stream.brands.state import BrandState
from stream.brands.store import BrandStore

MOST_AGED = 1_000
"""Brands that one flush publishes merely for their age: all have changed at a full hour, at 0.2 ms each."""


@dataclass(slots=True)
class Publisher:
    """Plans, forgets and judges the brands of one partition.

    A brand without anything left in its windows gets a tombstone on `brand-sentiment`. Its state is forgotten
    where `edition` is told a stream time: once that is as far (the greatest `scored_at` so far), whatever
    could still land in its cells is too late for them.
    """

    partition: int
    store: BrandStore
    desk: Desk | None = None
    """Decides about alerts; None: nobody does."""
    most_aged: int = MOST_AGED
    """Brands that one edition has merely because time passed."""
    brands_at_once: int = BRANDS_AT_ONCE
    """Brands of one outbox of an edition."""
    _agenda: Agenda = field(default_factory=Agenda)

    def __len__(self) -> int:
        """How many brands there are."""
        return len(self._agenda)

    def resume(self, now_ms: int) -> int:
        """Plan the stored brands, each as of its newest label: since then time may have passed that nobody
        published. Returns the greatest reference time of all.
        """
        stream_ms = 0
        for key, outline in self.store.outlines():
            stream_ms = max(stream_ms, outline.horizon_ms)
            self._agenda.plan(key, outline, min(now_ms, outline.horizon_ms))
            if self.desk is not None:
                self.desk.resume(key, outline.watch)
        return stream_ms

    def edition(
        self,
        states: MutableMapping[bytes, BrandState],
        changed: Mapping[bytes, Cells],
        now_ms: int,
        stream_ms: int | None,
    ) -> Edition:
        """What to tell at `now_ms`; `states` loses who is forgotten and gains who is watched.

        Args:
            states: those at hand, those that changed among them.
            changed: hour cells by brand.
            stream_ms: how far the stream is; None: nothing is forgotten.
        """
        edition = Edition(self.partition, now_ms, self.brands_at_once)
        for key in changed:
            self._agenda.plan(key, states[key], now_ms)
        news = {key: states[key] for key in changed}
        forgotten = [] if stream_ms is None else self._agenda.emptied(min(now_ms, stream_ms), self.most_aged)
        for key in forgotten:
            state = states.pop(key, None) or self._stored_state(key)
            self._close_alerts(edition, key, state)
            edition.entries.append(Entry(key, state, changed.get(key, {}), is_forgotten=True))
            news.pop(key, None)
        aged = self._age(states, now_ms)
        watched = {key: state for key, state in aged.items() if self._is_watched(key)}
        # A label that comes meanwhile finds the states of those whose watch is about to change.
        states.update(watched)
        self._judge(edition, news | watched, changed)
        edition.entries += [Entry(key, state, changed[key]) for key, state in news.items()]
        edition.entries += [
            Entry(key, state, is_stored=key in watched) for key, state in aged.items() if key not in news
        ]
        return edition

    def _age(self, states: Mapping[bytes, BrandState], now_ms: int) -> dict[bytes, BrandState]:
        """Brands that change merely because time passed."""
        aged = {
            key: states.get(key) or self._stored_state(key)
            for key in self._agenda.aged(now_ms, self.most_aged)
        }
        for key, state in aged.items():
            self._agenda.plan(key, state, now_ms)
        return aged

    def _is_watched(self, key: bytes) -> bool:
        """Whether it has an open alert: time alone can end one."""
        return self.desk is not None and self.desk.has_open(key)

    def _close_alerts(self, edition: Edition, key: bytes, state: BrandState) -> None:
        if self.desk is not None and self.desk.has_open(key):
            edition.alerts += self.desk.close(key, state, edition.now_ms)

    def _judge(
        self, edition: Edition, judged: Mapping[bytes, BrandState], changed: Mapping[bytes, Cells]
    ) -> None:
        if self.desk is not None:
            looks = [Look(key, state, changed.get(key, ())) for key, state in judged.items()]
            edition.alerts += self.desk.judge(looks, len(self), edition.now_ms)

    def _stored_state(self, key: bytes) -> BrandState:
        state = self.store.load(key)
        assert state is not None, "this is a bug: a scheduled brand has no state"
        return state
