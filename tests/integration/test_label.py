"""`brandpulse label` as people use it: in a pipe, and on files."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "stream", "label"]
GOOD = b'{"text": "Awesome sound for the price"}'


def run(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, timeout=120, check=False)


def parsed(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def test_a_pipe_gets_one_line_for_each_in_order() -> None:
    lines = [
        GOOD,
        b"no JSON",
        b'{"review_id": "mine", "brand": "Acme", "text": "fake, did not work, lost my money", "stars": 1}',
        b"",
        b'{"text": " "}',
        b"{}",
        b"[1]",
        b'{"text": "fine", "title": "T", "created_at": "2026-01-02T00:00:00Z", "deep": '
        + b"[" * 150
        + b"]" * 150,
    ]
    lines[-1] += b"}"
    done = run("-", given=b"\n".join(lines))
    assert done.returncode == 1
    results = parsed(done.stdout)
    assert len(results) == len(lines)
    assert [result.get("label") for result in results[:3]] == ["positive", None, "negative"]
    assert (results[0]["review_id"], results[0]["brand"]) == ("line-1", "unknown")
    assert (results[2]["review_id"], results[2]["brand"], results[2]["stars"]) == ("mine", "Acme", 1)
    assert results[1]["error"] == {
        "line": 2,
        "reason": "undecodable",
        "detail": "the value is not JSON in UTF-8",
    }
    assert [result["error"]["line"] for result in results if "error" in result] == [2, 4, 5, 6, 7]
    assert results[5]["error"]["detail"] == "text: is missing"
    assert results[7]["created_at"] == 1767312000000
    assert {"text", "title"}.isdisjoint(results[7])
    assert b"3 reviews labelled, 5 rejected" in done.stderr


def test_good_lines_alone_end_well_and_silently() -> None:
    done = run("-", given=GOOD + b"\r\n" + GOOD + b"\n")
    assert (done.returncode, done.stderr, len(parsed(done.stdout))) == (0, b"", 2)


def test_nothing_in_is_nothing_out() -> None:
    done = run("-")
    assert (done.returncode, done.stdout) == (0, b"")


def test_ten_thousand_lines_keep_their_order() -> None:
    given = b"\n".join(b'{"review_id": "%d", "text": "fine number %d"}' % (n, n % 50) for n in range(10_000))
    results = parsed(run("-", given=given).stdout)
    assert [result["review_id"] for result in results] == [str(n) for n in range(10_000)]


def test_somebody_who_types_gets_each_answer_before_the_next_line() -> None:
    with subprocess.Popen([*COMMAND, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for number in (1, 2):
            process.stdin.write(GOOD + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["review_id"] == f"line-{number}"
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_reader_that_has_seen_enough_is_no_drama() -> None:
    with subprocess.Popen(
        [*COMMAND, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(GOOD + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(GOOD + b"\n")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_a_csv_file_of_somebody_is_labelled_into_a_file(tmp_path: Path) -> None:
    source, output = tmp_path / "theirs.csv", tmp_path / "labels.jsonl"
    source.write_text(
        "rating,reviewText,asin,date\n5,Awesome sound for the price,B01,2026-01-02\n"
        '9,too many stars,B02,2026-01-02\n1,"fake, lost my money",B03,no date\n1,too,many,values,here\n'
    )
    done = run(source, "--output", output, "--output-text-chars", "4")
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"2 reviews labelled, 2 rejected" in done.stderr
    first, second, third, fourth = parsed(output.read_bytes())
    assert (first["label"], first["product_id"], first["stars"], first["text"]) == (
        "positive",
        "B01",
        5,
        "Awes",
    )
    assert (first["review_id"], first["created_at"]) == ("line-2", 1767312000000)
    assert second["error"]["line"] == 3
    assert third["label"] == "negative"
    assert "created_at" not in third
    assert fourth["error"]["reason"] == "undecodable"


def test_a_column_of_another_name_and_gzipped_json_lines(tmp_path: Path) -> None:
    source = tmp_path / "theirs.jsonl.gz"
    source.write_bytes(gzip.compress(b'{"Worte": "Awesome sound for the price", "Brand": " "}\n'))
    (result,) = parsed(run(source, "--map", "text=Worte").stdout)
    assert (result["label"], result["brand"]) == ("positive", "unknown")


def test_the_same_text_has_the_same_verdict_by_file_and_by_pipe(tmp_path: Path) -> None:
    source = tmp_path / "lines.jsonl"
    source.write_bytes(GOOD + b"\n")
    assert run(source).stdout == run("-", given=GOOD).stdout


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.csv", None, "there is no file"),
        ("reviews.xls", b"x", "unknown format"),
        ("reviews.csv", b"a,b\n1,2\n", "--map text=COLUMN"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run(tmp_path / name)
    assert done.returncode == 2
    assert words.encode() in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "lines.jsonl"
    source.write_bytes(GOOD)
    done = run(source, "--output", source)
    assert done.returncode == 2
    assert source.read_bytes() == GOOD
