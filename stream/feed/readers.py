"""Files as streams of rows: CSV, TSV, JSON lines (each also gzipped) and Parquet, in constant memory."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson

from stream.errors import ConfigurationError, MissingExtra
from stream.events import MAX_TEXT_CHARS
from stream.feed.records import BadRow

Row = tuple[int, dict[str, Any] | BadRow]
FORMATS = "csv, tsv, jsonl, ndjson, json (one object a line), each also .gz, and parquet"
_PARQUET_ROWS = 1024


class RowFile:
    """One file, iterated once: pairs of a row number and its values or what is wrong with it.

    Text formats number lines, so that an editor finds them; Parquet numbers rows; both from 1.

    Raises:
        ConfigurationError: the format is unknown.
        MissingExtra: Parquet without pyarrow.
    """

    def __init__(self, path: Path, encoding: str = "utf-8-sig") -> None:
        self.path = path
        self.total_bytes = path.stat().st_size
        try:
            self._encoding = codecs.lookup(encoding).name
        except LookupError:
            raise ConfigurationError(
                f"There is no encoding {encoding}; usual are utf-8 and cp1252."
            ) from None
        self._position: Callable[[], int] = lambda: 0
        self._rows = self._choose()

    def __iter__(self) -> Iterator[Row]:
        self._position = lambda: 0
        return self._rows()

    @property
    def position_bytes(self) -> int:
        """How far reading has come, in bytes of the file (compressed ones if it is)."""
        return self._position()

    def _choose(self) -> Callable[[], Iterator[Row]]:
        suffixes = [suffix.lower() for suffix in self.path.suffixes[-2:]]
        match suffixes[-1:] if suffixes[-1:] != [".gz"] else suffixes[:-1]:
            case [".csv"]:
                return lambda: self._text_rows(lambda file: self._delimited(file, ","))
            case [".tsv"]:
                return lambda: self._text_rows(lambda file: self._delimited(file, "\t"))
            case [".jsonl" | ".ndjson" | ".json"]:
                return lambda: self._text_rows(self._json_lines)
            case [".parquet"] if suffixes[-1] == ".parquet":
                _require_pyarrow()
                return self._parquet
        raise ConfigurationError(f"{self.path.name}: unknown format. Known are {FORMATS}.")

    def _text_rows(self, parse: Callable[[IO[bytes]], Iterator[Row]]) -> Iterator[Row]:
        row = 0
        gzipped = self.path.suffix.lower() == ".gz"
        with self.path.open("rb") as raw, _decompressed(raw) if gzipped else raw as stream:
            self._position = lambda: self.total_bytes if raw.closed else raw.tell()
            try:
                for row, values in parse(stream):
                    yield row, values
            except (EOFError, gzip.BadGzipFile, zlib.error):
                yield row + 1, self._bad(row + 1, "the gzip data is damaged or cut off; the rest is lost")

    def _delimited(self, file: IO[bytes], delimiter: str) -> Iterator[Row]:
        csv.field_size_limit(MAX_TEXT_CHARS * 2)
        # Undecodable bytes survive as lone surrogates: they cost their own row, not the file.
        with io.TextIOWrapper(file, self._encoding, errors="surrogateescape", newline="") as text:
            reader = csv.reader(text, delimiter=delimiter)
            header = next(reader, [])
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield line, self._bad(line, f"not CSV: {error}")
                    continue
                if len(cells) == len(header):
                    yield line, dict(zip(header, cells, strict=True))
                elif cells:
                    yield line, self._bad(line, f"{len(cells)} values under {len(header)} columns")

    def _json_lines(self, file: IO[bytes]) -> Iterator[Row]:
        for line, content in enumerate(file, start=1):
            if line == 1 and content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
                raise ConfigurationError(
                    f"{self.path.name} is one JSON array. Make it one object a line: "
                    "jq -c '.[]' FILE > FILE.jsonl"
                )
            content = content.removeprefix(b"\xef\xbb\xbf") if line == 1 else content
            if content.isspace():
                continue
            try:
                values = orjson.loads(content)
            except orjson.JSONDecodeError as error:
                yield line, self._bad(line, f"not JSON: {error.msg}")
                continue
            yield line, values if isinstance(values, dict) else self._bad(line, "not a JSON object")

    def _parquet(self) -> Iterator[Row]:
        import pyarrow
        import pyarrow.parquet

        try:
            file = pyarrow.parquet.ParquetFile(self.path)
        except pyarrow.ArrowInvalid:
            raise ConfigurationError(f"{self.path.name} is no Parquet file.") from None
        with file:
            # Lists and structs (images, votes) are no field of a review and slow to convert.
            flat = [column.name for column in file.schema_arrow if not pyarrow.types.is_nested(column.type)]
            row, rows = 0, max(1, file.metadata.num_rows)
            self._position = lambda: self.total_bytes * row // rows
            for batch in file.iter_batches(_PARQUET_ROWS, columns=flat):
                for values in batch.to_pylist():
                    row += 1
                    yield row, values

    def _bad(self, row: int, reason: str) -> BadRow:
        return BadRow(self.path.name, row, reason)


def _decompressed(raw: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(raw))


def _require_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise MissingExtra("Parquet files need pyarrow: pip install 'brandpulse[parquet]'") from None
