"""The archive without blocking: threads, patience, and what is known while the database is away.

Away is found out by asking every few seconds. Until it answers again, nobody waits for it.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, Protocol, TypeVar

from stream.database.keys import bounded_key
from stream.errors import DatabaseAway, DatabaseUnusable
from stream.web.archive import MOST_NOTES
from stream.web.values import HourRow, Note

ASK_SECONDS = 3.0
PATIENCE_SECONDS = 8.0
_THREADS = 4
# Copies of the role write notes by clocks of their own.
_OVERLAP_MS = 60_000
_Answer = TypeVar("_Answer")

log = logging.getLogger(__name__)


class Questions(Protocol):
    """What an `Archive` answers."""

    def hours(self, brand_key: str, start_ms: int, end_ms: int) -> list[HourRow]: ...
    def notes(self, since_ms: int) -> list[Note]: ...
    def acknowledge(self, alert_id: str, by: str | None, now_ms: int) -> Note: ...
    def write_note(self, alert_id: str, note: str, now_ms: int) -> Note: ...


class History:
    """Asks an archive, which `open_archive` opens (blocking; raises DatabaseAway or DatabaseUnusable).

    Every question raises DatabaseAway while the database is away. `notes_version` is raised by every change
    of what people say.
    """

    def __init__(
        self,
        open_archive: Callable[[], Questions],
        now_ms: Callable[[], int],
        ask_seconds: float = ASK_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._open_archive = open_archive
        self._now_ms = now_ms
        self._ask_seconds = ask_seconds
        self._patience_seconds = patience_seconds
        self._archive: Questions | None = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="history")
        self._notes: OrderedDict[str, Note] = OrderedDict()
        self.notes_version = 0

    @property
    def state(self) -> Literal["here", "away"]:
        return "away" if self._archive is None else "here"

    async def hours(self, brand_key: str, start_ms: int, end_ms: int) -> list[HourRow]:
        """Hours of a brand that begin in start <= hour < end, oldest first."""
        return await self._ask(lambda archive: archive.hours(brand_key, start_ms, end_ms))

    def note(self, alert_id: str) -> Note | None:
        """What people said of an alert, as far as it is known; also while the database is away."""
        return self._notes.get(bounded_key(alert_id))

    async def acknowledge(self, alert_id: str, by: str | None) -> Note:
        """Somebody has seen the alert."""
        return self._keep(await self._ask(lambda archive: archive.acknowledge(alert_id, by, self._now_ms())))

    async def write_note(self, alert_id: str, note: str) -> Note:
        """A note in place of the former one."""
        return self._keep(await self._ask(lambda archive: archive.write_note(alert_id, note, self._now_ms())))

    async def watch(self) -> None:
        """Keep the state and the notes up to date; never returns. A log line when that changes."""
        before: str | None = None
        while True:
            now = "history is here"
            try:
                await self.look()
            except (DatabaseAway, DatabaseUnusable) as error:
                now = f"history is away: {error}"
            if now != before:
                log.log(logging.INFO if self._archive else logging.WARNING, "%s", now)
            before = now
            await asyncio.sleep(self._ask_seconds)

    async def look(self) -> None:
        """Open the archive if it is away, and read what people noted since the last look."""
        if self._archive is None:
            self._archive = await self._in_thread(self._open_archive)
        newest = next(reversed(self._notes.values()), None)
        since = 0 if newest is None else newest.updated_at - _OVERLAP_MS
        for note in await self._ask(lambda archive: archive.notes(since)):
            self._keep(note)

    def close(self) -> None:
        """Ask nothing more; whatever a thread still waits for is left alone."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, question: Callable[[Questions], _Answer]) -> _Answer:
        archive = self._archive
        if archive is None:
            raise DatabaseAway("the history's database does not answer")
        try:
            return await self._in_thread(lambda: question(archive))
        except DatabaseAway:
            self._archive = None
            raise

    async def _in_thread(self, work: Callable[[], _Answer]) -> _Answer:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._threads, work), self._patience_seconds)
        except TimeoutError:
            patience = self._patience_seconds
            raise DatabaseAway(f"the history's database does not answer within {patience:.0f} s") from None

    def _keep(self, note: Note) -> Note:
        known = self._notes.get(note.alert_id)
        if known is not None and known.updated_at >= note.updated_at:
            return note
        self.notes_version += 1
        self._notes.pop(note.alert_id, None)
        self._notes[note.alert_id] = note
        if len(self._notes) > MOST_NOTES:
            self._notes.popitem(last=False)
        return note
