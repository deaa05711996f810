"""Files of labelled reviews in every format, written from the same rows."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

Rows = Sequence[Mapping[str, object]]
SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".csv.gz", ".tsv.gz", ".jsonl.gz")
ALL_CLASSES = (("broke at once", 1), ("it is okay", 3), ("a joy to use", 5))


def write(path: Path, rows: Rows) -> Path:
    """Write rows in the format of the suffix; all rows have the same columns."""
    suffix = path.name.removesuffix(".gz").rsplit(".", 1)[1]
    if suffix == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet (pyarrow)")
        import pyarrow

        parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
        return path
    if suffix in ("csv", "tsv"):
        file = io.StringIO()
        writer = csv.DictWriter(file, list(rows[0]), delimiter="," if suffix == "csv" else "\t")
        writer.writeheader()
        writer.writerows(rows)
        content = file.getvalue()
    else:
        content = "".join(json.dumps(row) + "\n" for row in rows)
    data = content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def complete(**more: object) -> list[dict[str, object]]:
    """Nine rows: every class in every split; `more` are columns with one value."""
    return [
        {"text": f"{text}, {split}", "stars": stars, "split": split, **more}
        for split in ("train", "validation", "test")
        for text, stars in ALL_CLASSES
    ]
