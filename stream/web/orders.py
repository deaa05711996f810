"""Brands in order, a page at a time. Pure.

A page ends with a cursor that holds the place of its last brand: what is listed and how it is sorted, the
brand's value then, its key. The next page begins behind that place, wherever the brands are by then: one
whose place does not change is listed once, however many others come, go or move.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import islice
from typing import Literal

from stream.events import WindowName
from stream.web.cursors import NO_CURSOR, read_cursor, write_cursor
from stream.web.values import BrandRow
from stream.web.view import LiveView

Sort = Literal["volume", "net", "change", "name", "alerts"]
Direction = Literal["asc", "desc"]
Value = float | str
LEAST_AGE_SECONDS = 1.0
_BY_WINDOW: tuple[Sort, ...] = ("volume", "net")
_ANY_WINDOW: WindowName = "24h"


@dataclass(frozen=True, slots=True)
class Listing:
    """Which brands, and in which order. `search` is part of a brand key; empty: all."""

    sort: Sort = "volume"
    direction: Direction = "desc"
    window: WindowName = "24h"
    search: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended; `value` None: among the brands that have none, which come last."""

    value: Value | None
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some brand keys, and where to go on; None: there are no more."""

    keys: Sequence[str]
    next: Place | None
    total: int


@dataclass(frozen=True, slots=True)
class Order:
    """All brands of a listing: those with a value, ascending, and those without; `version`: of the view."""

    version: int
    valued: Sequence[tuple[Value, str]]
    without: Sequence[str]

    def page(self, after: Place | None, limit: int, direction: Direction) -> Page:
        """The brands behind a place; None: from the beginning."""
        taken = list(islice(self._behind(after, direction), limit + 1))
        last = taken[limit - 1] if len(taken) > limit else None
        keys = [place.key for place in taken[:limit]]
        return Page(keys, last, len(self.valued) + len(self.without))

    def _behind(self, after: Place | None, direction: Direction) -> Iterator[Place]:
        if after is None or after.value is not None:
            yield from (Place(value, key) for value, key in self._valued_behind(after, direction))
        start = 0
        if after is not None and after.value is None:
            start = bisect_right(self.without, after.key)
        for at in range(start, len(self.without)):
            yield Place(None, self.without[at])

    def _valued_behind(self, after: Place | None, direction: Direction) -> Iterator[tuple[Value, str]]:
        forward, count = direction == "asc", len(self.valued)
        at = 0 if forward else count
        if after is not None:
            here = (after.value, after.key)
            at = bisect_right(self.valued, here) if forward else bisect_left(self.valued, here)
        for number in range(at, count) if forward else range(at - 1, -1, -1):
            yield self.valued[number]


class Orders:
    """The orders of a view, each made at most once a second, and only when the view has changed.

    One that was made before is brought up to date: what did not move is in order already.
    """

    def __init__(self, view: LiveView) -> None:
        self._view = view
        self._made: dict[tuple[Sort, WindowName], Order] = {}
        self._version, self._looked_at = -1, float("-inf")

    def refresh(self, now: float) -> int:
        """Let orders be brought up to date, `now` in monotonic seconds; returns the version of the view."""
        if self._version != self._view.version and now - self._looked_at >= LEAST_AGE_SECONDS:
            self._version, self._looked_at = self._view.version, now
        return self._version

    def page(self, listing: Listing, after: Place | None, limit: int) -> Page:
        """One page, of the version that `refresh` returned or a newer one."""
        made = self._order(listing)
        if listing.search:
            made = Order(
                made.version,
                [each for each in made.valued if listing.search in each[1]],
                [key for key in made.without if listing.search in key],
            )
        return made.page(after, limit, listing.direction)

    def _order(self, listing: Listing) -> Order:
        kind = (listing.sort, listing.window if listing.sort in _BY_WINDOW else _ANY_WINDOW)
        made = self._made.get(kind)
        if made is None or made.version < self._version:
            made = self._made[kind] = self._make(listing, made)
        return made

    def _make(self, listing: Listing, before: Order | None) -> Order:
        changes = None if before is None else self._view.changes_since(before.version)
        valued: list[tuple[Value, str]] = []
        without: list[str] = []
        rows: Iterable[BrandRow] = self._view.rows().values()
        if before is not None and changes is not None:
            rows, moved = changes.rows, {row.brand_key for row in changes.rows}.union(changes.gone)
            valued = [each for each in before.valued if each[1] not in moved]
            without = [key for key in before.without if key not in moved]
        value = self._value_of(listing)
        for row in rows:
            if (found := value(row)) is None:
                without.append(row.brand_key)
            else:
                valued.append((found, row.brand_key))
        valued.sort()
        without.sort()
        return Order(self._view.version, valued, without)

    def _value_of(self, listing: Listing) -> Callable[[BrandRow], Value | None]:
        window = listing.window
        match listing.sort:
            case "volume":
                return lambda row: row.windows[window].reviews
            case "net":
                return lambda row: row.windows[window].net
            case "change":
                return lambda row: row.trend.change if row.trend else None
            case "alerts":
                return lambda row: self._view.open_count(row.brand_key)
            case "name":
                return lambda row: row.brand_key


def write_place(listing: Listing, place: Place) -> str:
    """A place as a cursor."""
    return write_cursor([*astuple(listing), place.value, place.key])


def read_place(cursor: str, listing: Listing) -> Place:
    """The place in a cursor that `write_place` made.

    Raises:
        ValueError: it is none, or of another listing.
    """
    *asked, value, key = read_cursor(cursor, len(fields(Listing)) + 2)
    if asked != list(astuple(listing)):
        raise ValueError("is of a list with another q, sort, order or window")
    known = isinstance(value, str) if listing.sort == "name" else type(value) in (int, float)
    if not isinstance(key, str) or not (value is None or known):
        raise ValueError(NO_CURSOR)
    return Place(value, key)
