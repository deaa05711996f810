"""When brands change merely because time passes, and when nothing is left of them."""

from stream.brands.schedule import Schedule
from stream.brands.windows import Dated, empty_at_ms, next_change_ms


class Agenda:
    """The brands of a partition with their next moments."""

    def __init__(self) -> None:
        self._ageing = Schedule()
        self._emptying = Schedule()

    def plan(self, key: bytes, cells: Dated, now_ms: int) -> None:
        """Note when the brand changes next, if only by age, and when nothing is left of it."""
        empty_ms = empty_at_ms(cells)
        self._emptying.set(key, empty_ms)
        if now_ms < empty_ms:
            changes_ms = next_change_ms(cells, now_ms)
            self._ageing.set(key, empty_ms if changes_ms is None else min(changes_ms, empty_ms))
        else:
            self._ageing.forget(key)

    def aged(self, now_ms: int, most: int) -> list[bytes]:
        """At most so many of the brands that have changed by now; they must be planned again."""
        return self._ageing.due(now_ms, most)

    def emptied(self, now_ms: int, most: int) -> list[bytes]:
        """At most so many of the brands that have nothing left by now; they leave the agenda."""
        keys = self._emptying.due(now_ms, most)
        for key in keys:
            self._ageing.forget(key)
        return keys

    def __len__(self) -> int:
        """How many brands there are."""
        return len(self._emptying)
