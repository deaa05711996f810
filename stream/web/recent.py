"""The labels near the end of `review-sentiment`, by brand: bounded by reviews of a brand and bytes in all."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from stream.events import Correction
from stream.web.values import Marks, RecentReview, read_head, read_review

MOST_OF_A_BRAND = 50
MOST_BYTES = 64 * 1024 * 1024
MOST_MARKS = 100_000
_OVERHEAD_BYTES = 600


@dataclass(frozen=True, slots=True)
class _Kept:
    brand_key: str
    partition: int
    offset: int
    value: bytes


class RecentReviews:
    """Keeps the newest labels; the oldest of all go first. Labels and corrections come in any order."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._by_id: OrderedDict[str, _Kept] = OrderedDict()
        self._by_brand: dict[str, deque[str]] = {}
        self._marks: OrderedDict[str, Marks] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, brand_key: str, partition: int, offset: int, value: bytes) -> int | None:
        """Keep a label; returns its `received_at`, ms, or None where it is no label."""
        head = read_head(value)
        if head is None:
            return None
        event_id, received_at = head
        if event_id in self._by_id:
            return received_at
        ids = self._by_brand.setdefault(brand_key, deque())
        if len(ids) == MOST_OF_A_BRAND:
            self._drop(ids.popleft())
        ids.append(event_id)
        self._by_id[event_id] = _Kept(brand_key, partition, offset, value)
        self._bytes += len(value) + _OVERHEAD_BYTES
        while self._bytes > self._most_bytes:
            self._drop_oldest()
        return received_at

    def correct(self, correction: Correction) -> None:
        """Mark the later label, and the one that it replaces."""
        self._mark(correction.event_id, duplicate_of=correction.duplicate_of, counted=correction.counted)
        if correction.replaces is not None:
            self._mark(correction.replaces, replaced_by=correction.event_id, counted=False)

    def of(self, brand_key: str) -> Iterator[RecentReview]:
        """Those of a brand, newest first."""
        for event_id in reversed(self._by_brand.get(brand_key, ())):
            if review := self.get(event_id):
                yield review

    def get(self, event_id: str) -> RecentReview | None:
        """One of them; None where it is not kept, or no label when it is read as a whole."""
        kept = self._by_id.get(event_id)
        if kept is None:
            return None
        return read_review(kept.partition, kept.offset, kept.value, self.marks(event_id))

    def marks(self, event_id: str) -> Marks:
        """What is known of a label, kept or not."""
        return self._marks.get(event_id, Marks())

    def _mark(self, event_id: str, **what: object) -> None:
        self._marks[event_id] = replace(self._marks.pop(event_id, Marks()), **what)  # type: ignore[arg-type]
        if len(self._marks) > MOST_MARKS:
            self._marks.popitem(last=False)

    def _drop_oldest(self) -> None:
        oldest = next(iter(self._by_id))
        ids = self._by_brand[self._by_id[oldest].brand_key]
        ids.popleft()
        if not ids:
            del self._by_brand[self._by_id[oldest].brand_key]
        self._drop(oldest)

    def _drop(self, event_id: str) -> None:
        self._bytes -= len(self._by_id.pop(event_id).value) + _OVERHEAD_BYTES
