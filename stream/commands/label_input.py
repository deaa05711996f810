"""What `brandpulse label` reads: JSON lines from a pipe, or the rows of a file, as chunks of reviews."""

import os
import select
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from stream.errors import ConfigurationError
from stream.feed.columns import USUAL, Columns, parse_overrides
from stream.feed.readers import RowFile
from stream.feed.records import BadRow
from stream.scoring.decode import Rejected, decode_review
from stream.scoring.lines import UNKNOWN_BRAND, Line, decode_line, made_review_id

CHUNK_LINES = 4_000
SAMPLED_ROWS = 100
READ_BYTES = 1 << 20
READS_AT_ONCE = 4


def pipe_chunks(descriptor: int) -> Iterator[list[Line]]:
    """The lines that are there, many or one: nobody who types or trickles them waits for the next."""
    number, rest, ended = 0, b"", False
    while not ended:
        parts = [rest]
        ended = _read_available(descriptor, parts)
        *lines, rest = b"".join(parts).split(b"\n")
        if ended and rest:
            lines.append(rest)
        for start in range(0, len(lines), CHUNK_LINES):
            chunk = lines[start : start + CHUNK_LINES]
            yield [decode_line(number + i, line) for i, line in enumerate(chunk, start=1)]
            number += len(chunk)


def file_chunks(path: Path, pairs: list[str], encoding: str, *, progress: bool) -> Iterator[list[Line]]:
    """The rows of a file, with a progress bar on stderr if that is a terminal.

    Raises:
        ConfigurationError: no such file, an unknown format, or no column is known to hold the text.
        MissingExtra: Parquet without pyarrow.
    """
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}")
    rows = RowFile(path, encoding)
    overrides = parse_overrides(pairs)
    sample = (values for _, values in islice(rows, SAMPLED_ROWS) if not isinstance(values, BadRow))
    names = dict.fromkeys(name for values in sample for name in (*values, "brand"))
    # A time that is missing or cannot be read is no reason to refuse a review here: nothing depends on it.
    ways = (Columns(overrides, keep_times=True), Columns(overrides))
    ways[1].require(path.name, names)
    lines = (decode_row(path.name, number, values, ways) for number, values in rows)
    return _shown(rows, iter(lambda: list(islice(lines, CHUNK_LINES)), []), progress)


def decode_row(file: str, number: int, values: Mapping[str, Any] | BadRow, ways: Sequence[Columns]) -> Line:
    """The review in a row of somebody's file, in the first way in which it is one."""
    if isinstance(values, BadRow):
        return Line(number, Rejected("undecodable", values.reason))
    values = _with_default(values, ways[0], "brand", UNKNOWN_BRAND)
    values = _with_default(values, ways[0], "review_id", made_review_id(number))
    faults = []
    for columns in ways:
        record = columns.record(file, number, values)
        if not isinstance(record, BadRow):
            return Line(number, decode_review(record.value))
        faults.append(record.reason)
    return Line(number, Rejected("invalid", faults[-1]))


def _with_default(values: Mapping[str, Any], columns: Columns, field: str, default: str) -> Mapping[str, Any]:
    names = (columns.overrides[field].lower(),) if field in columns.overrides else USUAL[field]
    if any(name.lower() in names and not _blank(value) for name, value in values.items()):
        return values
    others = {name: value for name, value in values.items() if name.lower() not in names}
    return others | {columns.overrides.get(field, field): default}


def _blank(value: object) -> bool:
    return value is None or value != value or not str(value).strip()


def _read_available(descriptor: int, parts: list[bytes]) -> bool:
    """Wait for input, then append what is there, a few megabytes at most; True at its end."""
    for _ in range(READS_AT_ONCE):
        part = os.read(descriptor, READ_BYTES)
        parts.append(part)
        if not part:
            return True
        if not select.select([descriptor], [], [], 0)[0]:
            break
    return False


def _shown(rows: RowFile, chunks: Iterator[list[Line]], progress: bool) -> Iterator[list[Line]]:
    console = Console(stderr=True)
    with Progress(console=console, disable=not (progress and console.is_terminal)) as bar:
        task = bar.add_task("labelling", total=rows.total_bytes)
        for chunk in chunks:
            yield chunk
            bar.update(task, completed=rows.position_bytes)
