"""What flows through the feed: a record ready for Kafka, or a row that is none and why."""

from dataclasses import dataclass

# The topics take 4 MB; the rest is room for the batch around a record.
MAX_RECORD_BYTES = 3_900_000


@dataclass(frozen=True, slots=True)
class Record:
    """One message for the topic `reviews`."""

    key: bytes
    """The brand key: all reviews of a brand go to one partition and stay in order."""
    value: bytes
    """A review as JSON."""
    fault: str | None = None
    """What is wrong with it on purpose; only the story makes such records."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a file that cannot become a review."""

    file: str
    row: int
    """Line of the file (text formats) or row (Parquet), from 1."""
    reason: str
    """What is wrong, never what was in it."""
