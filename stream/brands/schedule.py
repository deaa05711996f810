"""Which brands change merely because time passes, and when."""

import heapq


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

    def __len__(self) -> int:
        return len(self._due_ms)
