"""Which brands change merely because time passes, and when."""

import heapq

_SPARE = 1_000


class Schedule:
    """The next moment of each brand, the earliest first.

    >>> schedule = Schedule()
    >>> schedule.set(b"acme", 10); schedule.set(b"bolt", 20); schedule.set(b"acme", 30)
    >>> schedule.due(now_ms=25, most=10)
    [b'bolt']
    """

    def __init__(self) -> None:
        self._due_ms: dict[bytes, int] = {}
        self._heap: list[tuple[int, bytes]] = []

    def set(self, key: bytes, due_ms: int) -> None:
        """Replace the moment of a brand."""
        if self._due_ms.get(key) != due_ms:
            self._due_ms[key] = due_ms
            heapq.heappush(self._heap, (due_ms, key))
            if len(self._heap) > 2 * len(self._due_ms) + _SPARE:
                self._drop_replaced()

    def forget(self, key: bytes) -> None:
        """Drop a brand."""
        self._due_ms.pop(key, None)

    def due(self, now_ms: int, most: int) -> list[bytes]:
        """At most so many of the brands whose moment has come, each once; they leave the schedule."""
        keys: list[bytes] = []
        while len(keys) < most and self._heap and self._heap[0][0] <= now_ms:
            due_ms, key = heapq.heappop(self._heap)
            # A moment that was replaced stays in the heap until its time.
            if self._due_ms.get(key) == due_ms:
                del self._due_ms[key]
                keys.append(key)
        return keys

    def _drop_replaced(self) -> None:
        """Else a brand whose moment moves every hour and lies days ahead would leave hundreds behind."""
        self._heap = [(due_ms, key) for key, due_ms in self._due_ms.items()]
        heapq.heapify(self._heap)

    def __len__(self) -> int:
        return len(self._due_ms)
