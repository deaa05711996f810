"""What is fed: the good rows of files, or the story; and the tally of bad rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path

from stream.feed.columns import Columns
from stream.feed.readers import RowFile
from stream.feed.records import BadRow, Record
from stream.feed.story import story

STORY_PER_SECOND = 100.0
SHOWN_BAD_ROWS = 20
SAMPLED_ROWS = 100


@dataclass(slots=True)
class Tally:
    """Bad rows so far; the first ones are reported by file, row and reason."""

    report: Callable[[str], None]
    bad: int = 0

    def count(self, row: BadRow) -> None:
        """Count a bad row, and name it if it is among the first."""
        self.bad += 1
        if self.bad <= SHOWN_BAD_ROWS:
            self.report(f"bad row {row.file}:{row.row}: {row.reason}")
        elif self.bad == SHOWN_BAD_ROWS + 1:
            self.report("further bad rows are counted but not shown")


@dataclass(frozen=True, slots=True)
class Source:
    """Records to send, how fast, and how far that has come."""

    records: Iterator[Record]
    per_second: float | None
    total: int | None
    """Bytes of all files, or records of the story; None where there is no end."""
    files: list[RowFile] = field(default_factory=list)

    def position(self, delivered: int) -> int:
        """How much of `total` is done."""
        return sum(file.position_bytes for file in self.files) if self.files else delivered


def story_source(seed: int, per_second: float | None, limit: int | None) -> Source:
    """The built-in story; `per_second` 0 means no limit, and then its clock runs as at the usual rate."""
    limited = STORY_PER_SECOND if per_second is None else per_second or None
    seconds = (number / (limited or STORY_PER_SECOND) for number in count())
    return Source(islice(story(seed, seconds), limit), limited, limit)


def file_source(
    paths: list[Path],
    columns: Columns,
    encoding: str,
    per_second: float | None,
    limit: int | None,
    tally: Tally,
) -> Source:
    """The good rows of all files, in order; the others go to the tally.

    Raises:
        ConfigurationError: a file's format is unknown, or no column of it is known to hold a needed field.
        MissingExtra: Parquet without pyarrow.
    """
    files = [RowFile(path, encoding) for path in paths]
    for file in files:
        sample = (values for _, values in islice(file, SAMPLED_ROWS) if not isinstance(values, BadRow))
        columns.require(file.path.name, dict.fromkeys(name for values in sample for name in values))
    records = chain.from_iterable(_good_rows(file, columns, tally) for file in files)
    return Source(islice(records, limit), per_second or None, sum(file.total_bytes for file in files), files)


def _good_rows(file: RowFile, columns: Columns, tally: Tally) -> Iterator[Record]:
    for row, values in file:
        made = values if isinstance(values, BadRow) else columns.record(file.path.name, row, values)
        if isinstance(made, BadRow):
            tally.count(made)
        else:
            yield made
