"""Every format gives the same columns; what cannot be read is refused in words, without any text of it."""

import gzip
from pathlib import Path

import pytest

from tests.unit.training.tables import SUFFIXES, write
from training.errors import DataError
from training.reading.readers import listed, read_table

COLUMNS = {"text": "body", "stars": "stars", "source": "source"}
ROWS = [
    {"body": 'two lines\nand a "quote", a comma', "stars": 5, "junk": "x"},
    {"body": "naïve 😀\ttab", "stars": 1, "junk": "y"},
]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_gives_the_same_columns(tmp_path: Path, suffix: str) -> None:
    table = read_table(write(tmp_path / f"r{suffix}", ROWS), COLUMNS)
    assert (table.found, table.rows) == (("body", "stars", "junk"), 2)
    assert table.fields.keys() == {"text", "stars"}
    assert table.fields["text"] == [row["body"] for row in ROWS]
    assert [int(value) for value in table.fields["stars"]] == [5, 1]


def test_the_suffix_counts_in_any_case(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", ROWS).rename(tmp_path / "R.CSV")
    assert read_table(path, COLUMNS).rows == 2


def test_a_byte_order_mark_and_empty_lines_are_no_content(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes("\ufeffbody,stars\r\n\r\nfine,4\r\n\r\n".encode())
    (tmp_path / "r.jsonl").write_bytes('\ufeff{"body": "fine", "stars": 4}\n\n'.encode())
    for name in ("r.csv", "r.jsonl"):
        table = read_table(tmp_path / name, COLUMNS)
        assert (table.fields["text"], table.rows) == (["fine"], 1)


def test_json_objects_may_lack_keys(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"body": "a"}\n{"stars": 2, "body": null}\n')
    table = read_table(path, COLUMNS)
    assert table.fields == {"text": ["a", None], "stars": [None, 2]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.xlsx", b"", r"r\.xlsx: unknown format; known are \.csv, "),
        ("r.gz", b"", "unknown format"),
        ("r.parquet.gz", b"", "unknown format"),
        ("r", b"", "unknown format"),
        ("r.csv", b"", "is empty"),
        ("r.csv", b"body,stars\n", "is empty"),
        ("r.jsonl", b"\n\n", "is empty"),
        ("r.parquet", b"", "no Parquet file, or damaged"),
        ("r.parquet", b"PAR1 cut off", "no Parquet file, or damaged"),
        ("r.csv", b"body,body\na,b\n", "two columns have the same name"),
        ("r.csv", b"body,stars\nsecret,1\nsecret,2,3\nsecret\n", r"2 rows \(2, 3\) with more or fewer"),
        ("r.csv", b'body,stars\nsecret,1\n"secret"x,2\n', "row 2: not valid CSV"),
        ("r.csv", b'body,stars\n"secret,1\n', "row 1: not valid CSV"),
        ("r.csv", b"body,stars\ncaf\xe9,1\n", "not UTF-8"),
        ("r.jsonl", b'{"body": "secret"}\n{"body": \n', r"1 row \(2\) with no JSON object"),
        ("r.jsonl", b'[{"body": "secret"}]\n', r"1 row \(1\) with no JSON object"),
        ("r.jsonl.gz", b"no gzip", "gzip data is damaged"),
        ("r.csv.gz", gzip.compress(b"body,stars\nsecret,1\n" * 100)[:-9], "gzip data is damaged"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    if name == "r.parquet":
        pytest.importorskip("pyarrow", reason="needs the extra parquet (pyarrow)")
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as refused:
        read_table(path, COLUMNS)
    assert str(path) in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_missing_files_and_directories_are_refused(tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="needs the extra parquet (pyarrow)")
    with pytest.raises(DataError, match=r"cannot be read: No such file"):
        read_table(tmp_path / f"none{suffix}", COLUMNS)
    (tmp_path / f"directory{suffix}").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        read_table(tmp_path / f"directory{suffix}", COLUMNS)


def test_long_lists_of_rows_are_cut() -> None:
    assert listed([7]) == "1 row (7)"
    assert listed(range(1, 9)) == "8 rows (1, 2, 3, 4, 5, ...)"
