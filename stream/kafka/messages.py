"""What is published, as plain tuples: there is one for every review. Pure, so that any room may use it."""

from collections.abc import Mapping, Sequence

Header = tuple[str, bytes]
Message = tuple[bytes | None, bytes | None, list[Header]]
"""Key, value, headers."""
Outbox = Mapping[tuple[str, int], Sequence[Message]]
"""Messages by (topic, partition), in the order in which they are to appear there."""
