"""A bounded cache without bookkeeping per hit, for look-ups that happen once a word or once a review."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class GenerationCache(Generic[K, V]):
    """Keeps between half of `capacity` and `capacity` entries, those used last among them.

    Two dictionaries take the place of a list in order of use: entries are added to the young one, and
    when it holds half the capacity it becomes the old one. What is found in the old one becomes young.
    Threads may share it: two that add at once can at worst make it forget what was old too early.
    """

    def __init__(self, capacity: int) -> None:
        self._half = max(1, capacity // 2)
        self.young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value, or None."""
        value = self.young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Add or replace an entry."""
        if len(self.young) >= self._half:
            self._old = self.young
            self.young = {}
        self.young[key] = value

    def __len__(self) -> int:
        return len(self.young.keys() | self._old.keys())
