"""A series as a table to download: CSV that no spreadsheet runs as a formula, and parquet."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.parse import quote

from stream.errors import MissingExtra
from stream.events import LABELS
from stream.web.series import Point

# A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


_BOUNDED = (*LABELS, "net")
COLUMNS = (
    *("brand", "start", *LABELS),
    *(f"{label}_share" for label in LABELS),
    "net",
    *(f"{name}_{bound}" for name in _BOUNDED for bound in ("low", "high")),
    *("enough", "late"),
)


def csv_table(brand: str, points: Sequence[Point]) -> bytes:
    """The points one a line; a brand that looks like a formula is made text by an apostrophe."""
    safe = "'" + brand if brand.startswith(_FORMULAS) else brand
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(safe, points):
        writer.writerow([each.isoformat() if isinstance(each, datetime) else each for each in row])
    return out.getvalue().encode()


def parquet_table(brand: str, points: Sequence[Point]) -> bytes:
    """The same columns as parquet, times as UTC timestamps.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("parquet needs the extra parquet: pip install 'brandpulse[parquet]'") from error
    types = {"brand": pa.string(), "start": pa.timestamp("ms", "UTC"), "enough": pa.bool_()}
    types |= dict.fromkeys((*LABELS, "late"), pa.int64())
    columns = zip(*_rows(brand, points), strict=True)
    arrays = [
        pa.array(column, types.get(name, pa.float64())) for name, column in zip(COLUMNS, columns, strict=True)
    ]
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=list(COLUMNS)), out)
    return out.getvalue()


def disposition(brand_key: str, ending: str) -> str:
    """The header Content-Disposition (RFC 6266) of a download; the name is ASCII, whatever the brand's is.

    >>> disposition('x"\\r\\nset-cookie: a', "csv")
    "attachment; filename*=UTF-8''x%22%0D%0Aset-cookie%3A%20a.csv"
    """
    return f"attachment; filename*=UTF-8''{quote(brand_key, safe='')}.{ending}"


def _rows(brand: str, points: Sequence[Point]) -> Iterator[tuple[Any, ...]]:
    """Cells in the order of `COLUMNS`."""
    for point in points:
        shares, intervals = point["shares"] or {}, point["intervals"] or {}
        bounds = [
            (intervals[name]["low"], intervals[name]["high"]) if intervals else (None, None)
            for name in _BOUNDED
        ]
        yield (
            brand,
            datetime.fromtimestamp(point["start"] / 1000, UTC),
            *(point["counts"][label] for label in LABELS),
            *(shares.get(label) for label in LABELS),
            point["net"],
            *chain.from_iterable(bounds),
            point["enough"],
            point["late"],
        )
