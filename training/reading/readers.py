"""Columns of CSV, TSV, JSON lines (each also gzipped) and Parquet files.

Text formats are read by the standard library and orjson rather than by pyarrow: the types of columns that
nobody uses are not guessed, rows are counted where they are wrong, and no review's text gets into a message.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

import orjson

from training.errors import DataError

FORMATS = ".csv, .tsv, .jsonl, .ndjson (each also with .gz) and .parquet"
_MAX_FIELD_CHARS = 10_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A file's column names, and the values of the fields that it has: `fields["text"]` has one a row."""

    path: Path
    found: tuple[str, ...]
    fields: Mapping[str, list[Any]]
    rows: int


def read_table(path: Path, columns: Mapping[str, str]) -> Table:
    """Read the columns named by the values of `columns`; its keys are what the fields are called here.

    Rows are numbered from 1 in messages; a header is not a row, neither is an empty line.

    Raises:
        DataError: the file cannot be read or its format is unknown, a row is broken, or there is no row.
    """
    read = _reader(path)
    try:
        table = read(path, columns)
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.start} of a block): convert it first") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DataError(f"{path}: the gzip data is damaged or cut off; fetch the file again") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or 'damaged'}. Check --data") from None
    if not table.rows:
        raise DataError(f"{path} is empty: it has no row. Remove it from --data")
    return table


def listed(rows: Iterable[int]) -> str:
    """A count of rows and the first of their numbers.

    >>> listed([4, 9])
    '2 rows (4, 9)'
    """
    numbers = list(rows)
    more = ", ..." if len(numbers) > 5 else ""
    return f"{len(numbers)} row{'s'[: len(numbers) != 1]} ({', '.join(map(str, numbers[:5]))}{more})"


def _reader(path: Path) -> Callable[[Path, Mapping[str, str]], Table]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    match suffixes[-2:-1] if suffixes[-1:] == [".gz"] else suffixes[-1:]:
        case [".csv"]:
            return lambda path, columns: _read_delimited(path, columns, ",")
        case [".tsv"]:
            return lambda path, columns: _read_delimited(path, columns, "\t")
        case [".jsonl" | ".ndjson"]:
            return _read_json_lines
        case [".parquet"] if suffixes[-1] == ".parquet":
            return _read_parquet
    raise DataError(f"{path}: unknown format; known are {FORMATS}")


def _open(path: Path) -> TextIO:
    """Open as UTF-8 with or without a byte order mark; line ends are left as they are."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    return cast(TextIO, opened(path, "rt", encoding="utf-8-sig", newline=""))


def _read_delimited(path: Path, columns: Mapping[str, str], delimiter: str) -> Table:
    csv.field_size_limit(_MAX_FIELD_CHARS)
    with _open(path) as file:
        lines = csv.reader(file, delimiter=delimiter, strict=True)
        cells = _cells(path, lines)
        header = [name.strip() for name in next(cells, [])]
        if len(set(header)) < len(header):
            raise DataError(f"{path}: two columns have the same name in the header; rename one")
        places = {field: header.index(name) for field, name in columns.items() if name in header}
        fields: dict[str, list[Any]] = {field: [] for field in places}
        broken, rows = [], 0
        for rows, row in enumerate(cells, start=1):
            if len(row) != len(header):
                broken.append(rows)
                continue
            for field, place in places.items():
                fields[field].append(row[place])
    if broken:
        raise DataError(f"{path}: {listed(broken)} with more or fewer values than its {len(header)} columns")
    return Table(path, tuple(header), fields, rows)


def _cells(path: Path, lines: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows that are not empty lines, the header first."""
    rows = 0
    try:
        for row in lines:
            if row:
                yield row
                rows += 1
    except csv.Error as error:
        raise DataError(f"{path}, row {rows}: not valid CSV: {error}") from None


def _read_json_lines(path: Path, columns: Mapping[str, str]) -> Table:
    fields: dict[str, list[Any]] = {field: [] for field in columns}
    found: dict[str, None] = {}
    broken, rows = [], 0
    with _open(path) as file:
        for rows, line in enumerate((line for line in file if not line.isspace()), start=1):
            try:
                values = orjson.loads(line)
            except orjson.JSONDecodeError:
                values = None
            if not isinstance(values, dict):
                broken.append(rows)
                continue
            found.update(dict.fromkeys(values))
            for field, name in columns.items():
                fields[field].append(values.get(name))
    if broken:
        raise DataError(f"{path}: {listed(broken)} with no JSON object; it needs one object a line")
    return Table(
        path, tuple(found), {field: fields[field] for field in columns if columns[field] in found}, rows
    )


def _read_parquet(path: Path, columns: Mapping[str, str]) -> Table:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise DataError(f"{path} needs pyarrow: pip install 'brandpulse[parquet]'") from None
    try:
        with path.open("rb") as raw, parquet.ParquetFile(raw) as file:
            found = tuple(file.schema_arrow.names)
            here = {field: name for field, name in columns.items() if name in found}
            table = file.read(columns=sorted(set(here.values())))
            rows = file.metadata.num_rows
    except ArrowException:
        raise DataError(f"{path} is no Parquet file, or damaged; fetch it again") from None
    return Table(path, found, {field: table[name].to_pylist() for field, name in here.items()}, rows)
