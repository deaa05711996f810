"""Every format yields the same rows; damaged lines cost themselves only."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from stream.errors import ConfigurationError, MissingExtra
from stream.feed.readers import RowFile
from stream.feed.records import BadRow

ROWS: list[dict[str, Any]] = [
    {"brand": "Acme", "text": "schön, leise", "stars": "5"},
    {"brand": "Bolt", "text": 'says "hello"\nand goes', "stars": "1"},
]
JSON_LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
CSV = 'brand,text,stars\nAcme,"schön, leise",5\nBolt,"says ""hello""\nand goes",1\n'.encode()
TSV = 'brand\ttext\tstars\nAcme\tschön, leise\t5\nBolt\t"says ""hello""\nand goes"\t1\n'.encode()


def rows(path: Path, **how: Any) -> list[tuple[int, Any]]:
    return [
        (number, values.reason if isinstance(values, BadRow) else values)
        for number, values in RowFile(path, **how)
    ]


def values(path: Path, **how: Any) -> list[Any]:
    return [found for _, found in rows(path, **how)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.csv", CSV),
        ("r.CSV", b"\xef\xbb\xbf" + CSV),
        ("r.csv.gz", gzip.compress(CSV)),
        ("r.tsv", TSV),
        ("r.jsonl", JSON_LINES),
        ("r.json", b"\xef\xbb\xbf" + JSON_LINES),
        ("r.ndjson", JSON_LINES.replace(b"\n", b"\r\n\n")),
        ("r.jsonl.gz", gzip.compress(JSON_LINES)),
        ("r.json.gz", gzip.compress(JSON_LINES)),
    ],
)
def test_text_formats_yield_the_same_rows(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert values(path) == ROWS
    assert values(path) == ROWS, "a second reading starts again"


def test_parquet_yields_rows_without_nested_columns(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "r.parquet"
    images = [[{"url": "x"}]] * len(ROWS)
    parquet.write_table(pyarrow.Table.from_pylist(ROWS).append_column("images", [images]), path)
    file = RowFile(path)
    assert list(file) == [(1, ROWS[0]), (2, ROWS[1])]
    assert file.position_bytes == file.total_bytes


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.parquet").touch()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"brandpulse\[parquet\]"):
        RowFile(tmp_path / "r.parquet")


def test_row_numbers_are_lines(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b'brand,text\nA,"one\ntwo"\n\nB,three\n')
    assert rows(path) == [(2, {"brand": "A", "text": "one\ntwo"}), (5, {"brand": "B", "text": "three"})]


def test_bad_csv_rows_are_named_and_the_others_kept(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"brand,text\nA\nB,ok\nC,caf\xe9\nD,too,many\nE," + b"x" * 4_000_001 + b"\nF,ok\n")
    assert rows(path) == [
        (2, "1 values under 2 columns"),
        (3, {"brand": "B", "text": "ok"}),
        (4, {"brand": "C", "text": "caf\udce9"}),
        (5, "3 values under 2 columns"),
        (6, "not CSV: field larger than field limit (4000000)"),
        (7, {"brand": "F", "text": "ok"}),
    ]
    assert values(path, encoding="cp1252")[2] == {"brand": "C", "text": "café"}


def test_bad_json_lines_are_named_and_the_others_kept(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"text": "a"}\n{"text": \n[1]\n\xff\n{"text": "b"}')
    found = rows(path)
    assert [number for number, _ in found] == [1, 2, 3, 4, 5]
    assert found[0][1] == {"text": "a"}
    assert found[1][1].startswith("not JSON")
    assert found[2][1] == "not a JSON object"
    assert found[3][1].startswith("not JSON")
    assert found[4][1] == {"text": "b"}


def test_damaged_gzip_is_said_and_what_was_readable_kept(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"text": "%d"}\n' % number for number in range(50_000)))
    path.write_bytes(whole[:-1000])
    found = rows(path)
    assert len(found) > 1000
    assert found[-1] == (len(found), "the gzip data is damaged or cut off; the rest is lost")
    path.write_bytes(b"no gzip at all")
    assert rows(path) == [(1, "the gzip data is damaged or cut off; the rest is lost")]


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl.gz"
    path.write_bytes(gzip.compress(JSON_LINES))
    file = RowFile(path)
    assert file.position_bytes == 0
    list(file)
    assert file.position_bytes == file.total_bytes == path.stat().st_size


def test_unusable_files_are_refused_with_advice(tmp_path: Path) -> None:
    array, text = tmp_path / "a.json", tmp_path / "a.txt"
    array.write_text('[{"text": "a"}]')
    text.touch()
    with pytest.raises(ConfigurationError, match="jq -c"):
        list(RowFile(array))
    with pytest.raises(ConfigurationError, match=r"unknown format\. Known are csv"):
        RowFile(text)
    with pytest.raises(ConfigurationError, match="no encoding"):
        RowFile(array, "martian")


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "r.parquet"
    path.write_bytes(b"PAR1 but not really")
    with pytest.raises(ConfigurationError, match="no Parquet"):
        list(RowFile(path))
