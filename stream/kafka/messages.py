"""What is published, as plain tuples: one for every review; and what is read, as clients hand it over.

Pure, so that any room may use it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

Header = tuple[str, bytes]
Message = tuple[bytes | None, bytes | None, list[Header]]
"""Key, value, headers."""
Outbox = Mapping[tuple[str, int], Sequence[Message]]
"""Messages by (topic, partition), in the order in which they are to appear there."""


class Record(Protocol):
    """One record of a partition that is known."""

    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class HeadedRecord(Record, Protocol):
    """One with its headers."""

    @property
    def headers(self) -> Sequence[Header]: ...


class ReceivedRecord(HeadedRecord, Protocol):
    """A record with where it came from; the timestamp is in milliseconds since 1970, -1: none."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
