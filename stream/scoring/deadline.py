"""The promise of `latency_target_ms`: counts the reviews whose outcome came later."""

from collections.abc import Iterable, Sequence
from typing import Protocol


class Timestamped(Protocol):
    """A record, of which only the time matters: milliseconds since 1970, negative: none."""

    @property
    def timestamp(self) -> int: ...


def count_late(chunks: Iterable[Sequence[Timestamped]], readable_ms: float, latency_target_ms: float) -> int:
    """How many records are older than the target at the time at which their outcomes became readable.

    A record without a timestamp has no deadline.
    """
    limit_ms = readable_ms - latency_target_ms
    return sum(0 <= record.timestamp < limit_ms for chunk in chunks for record in chunk)
