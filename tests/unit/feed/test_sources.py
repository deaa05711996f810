"""Files in order, bad rows counted and the first ones named."""

from pathlib import Path

import orjson
import pytest

from stream.errors import ConfigurationError
from stream.feed.columns import Columns
from stream.feed.sources import SHOWN_BAD_ROWS, Tally, file_source, story_source


def test_good_rows_flow_and_bad_ones_are_counted_and_named(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.csv"
    first.write_bytes(b'{"text": "one"}\n' + b"broken\n" * 30 + b'{"text": "two"}\n')
    second.write_bytes(b"text,stars\nthree,5\nfour,6\n")
    said: list[str] = []
    tally = Tally(said.append)
    source = file_source([first, second], Columns(brand="Acme"), "utf-8", None, None, tally)
    assert [orjson.loads(record.value)["text"] for record in source.records] == ["one", "two", "three"]
    assert tally.bad == 31
    assert said[0].startswith("bad row a.jsonl:2: not JSON")
    assert len(said) == SHOWN_BAD_ROWS + 1
    assert source.position(0) == source.total == first.stat().st_size + second.stat().st_size


def test_a_limit_counts_good_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'x\n{"text": "1"}\n{"text": "2"}\n{"text": "3"}\n')
    tally = Tally(lambda _: None)
    source = file_source([path], Columns(brand="Acme"), "utf-8", 10.0, 2, tally)
    assert len(list(source.records)) == 2
    assert source.per_second == 10.0


def test_a_file_without_brands_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "1"}\n')
    with pytest.raises(ConfigurationError, match="--brand NAME"):
        file_source([path], Columns(), "utf-8", None, None, Tally(lambda _: None))


def test_the_story_has_a_usual_rate_and_zero_lifts_it() -> None:
    assert story_source(0, None, 5).per_second == 100.0
    assert story_source(0, 0.0, 5).per_second is None
    assert len(list(story_source(0, 7.0, 5).records)) == 5
