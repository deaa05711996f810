"""Labelled reviews from files: what columns mean, and every kind of row that is refused."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.unit.training.tables import complete, write
from training.data import file_sha256, files_sha256, log_prior, read_reviews
from training.errors import DataError
from training.reading.labelling import parse_columns

REAL = os.environ.get("REVIEWS_DATA")
Row = dict[str, object]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_stars_become_labels_and_optional_columns_are_kept(tmp_path: Path, suffix: str) -> None:
    rows: list[Row] = [
        {**row, "review_id": f"id{number}", "source": "shop", "brand": "ignored"}
        for number, row in enumerate(complete())
    ]
    reviews = read_reviews([write(tmp_path / f"r{suffix}", rows)])
    assert reviews.texts == [row["text"] for row in rows]
    assert reviews.labels.tolist() == [0, 1, 2] * 3
    assert reviews.stars.tolist() == [1, 3, 5] * 3
    assert reviews.ids == [f"id{number}" for number in range(9)]
    assert reviews.splits == ["train"] * 3 + ["validation"] * 3 + ["test"] * 3
    assert set(reviews.sources) == {"shop"}


def test_ids_and_sources_come_from_the_file_where_there_are_none(tmp_path: Path) -> None:
    first = write(tmp_path / "one.csv.gz", complete(source=""))
    second = write(tmp_path / "two.jsonl", [{**row, "text": f"Also {row['text']}"} for row in complete()])
    reviews = read_reviews([first, second])
    assert (reviews.ids[0], reviews.ids[9], reviews.ids[17]) == ("one:1", "two:1", "two:9")
    assert reviews.sources == ["one"] * 9 + ["two"] * 9


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_labels_serve_where_there_are_no_stars(tmp_path: Path, suffix: str) -> None:
    nothing = float("nan") if suffix == ".parquet" else None  # as data frames write it
    rows: list[Row] = [
        {"text": "a", "label": "Negative", "stars": None},
        {"text": "b", "label": None, "stars": 4.0},
        {"text": "c", "label": " neutral", "stars": 3.0},
        {"text": "d", "label": "", "stars": 2.0},
        {"text": "e", "label": "positive", "stars": nothing},
    ]
    reviews = read_reviews([write(tmp_path / f"r{suffix}", rows)], needed=())
    assert (reviews.labels.tolist(), reviews.stars.tolist()) == ([0, 2, 1, 0, 2], [0, 4, 3, 2, 0])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"stars": None, "label": ""}, r"1 row \(10\) with neither stars nor label"),
        ({"stars": 6}, r"1 row \(10\) with stars other than 1, 2, 3, 4, 5"),
        ({"stars": 0}, "stars other than"),
        ({"stars": 4.5}, "stars other than"),
        ({"stars": "many"}, "stars other than"),
        ({"stars": [1]}, "stars other than"),
        ({"label": "mixed"}, r"1 row \(10\) with a label other than negative, neutral, positive"),
        ({"label": "negative"}, r"1 row \(10\) whose stars and label disagree"),
        ({"text": " \n"}, r"1 row \(10\) without text"),
        ({"text": None}, "without text"),
        ({"text": 12}, "without text"),
        ({"split": "dev"}, r"1 row \(10\) with a split other than train, validation, test"),
        ({"split": None}, "with a split other than"),
        ({"text": "A joy to use; train!", "stars": 2}, r"2 rows contradict .* 1 texts .*row 3 = .*row 10\)"),
        ({"review_id": "r:4"}, r"1 review ids .*row 4 = .*row 10\)"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(tmp_path: Path, row: Row, message: str) -> None:
    rows = [*complete(), {"text": "a fine secret", "stars": 5, "split": "train", **row}]
    path = write(tmp_path / "r.jsonl", rows)
    with pytest.raises(DataError, match=message) as refused:
        read_reviews([path])
    assert str(path) in str(refused.value)
    assert "secret" not in str(refused.value)


def test_all_faults_of_all_files_are_listed_together(tmp_path: Path) -> None:
    bad = [{"text": "", "stars": 9}, {"text": "", "stars": 1}]
    files = [write(tmp_path / name, bad) for name in ("one.jsonl", "two.jsonl")]
    with pytest.raises(DataError) as refused:
        read_reviews(files)
    lines = str(refused.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "1 row (1) with stars other than 1, 2, 3, 4, 5",
        "2 rows (1, 2) without text",
    ] * 2


def test_contradictory_rows_are_left_out_where_that_is_wanted(tmp_path: Path) -> None:
    odd: list[Row] = [
        {"text": "Twice", "stars": 1, "label": None, "split": "train"},
        {"text": "twice!", "stars": 5, "label": None, "split": "test"},
        {"text": "Fine twice", "stars": 4, "label": None, "split": "test"},
        {"text": "fine twice", "stars": 5, "label": None, "split": "train"},
        {"text": "It broke", "stars": 1, "label": "positive", "split": "train"},
    ]
    path = write(tmp_path / "r.jsonl", [*complete(label=None), *odd])
    assert read_reviews([path], drop_contradictory=True).texts[9:] == ["Fine twice", "fine twice"]
    path = write(tmp_path / "r.jsonl", odd[:2])
    with pytest.raises(DataError, match="none is left"):
        read_reviews([path], drop_contradictory=True)


@pytest.mark.parametrize(
    ("rename", "columns", "message"),
    [
        ({"text": "reviewText"}, {}, r"no column text; .*stars, split; perhaps --column text=reviewText$"),
        ({"stars": "overall"}, {}, r"no column stars or label; .*perhaps --column stars=overall$"),
        (
            {"text": "body", "stars": "rating"},
            {},
            r"no column text and stars or label; .*text=body, --column stars=rating$",
        ),
        (
            {"text": "x", "stars": "y"},
            {},
            r"it has the columns x, y, split; name them: --column text=COLUMN$",
        ),
        ({}, {"text": "words"}, r"no column for --column text=words; it has the columns text, stars, split$"),
        ({}, {"txt": "text"}, r"--column knows no txt; its fields are text, stars, label, "),
    ],
)
def test_columns_that_are_not_found_are_named(
    tmp_path: Path, rename: Mapping[str, str], columns: Mapping[str, str], message: str
) -> None:
    rows = [{rename.get(name, name): value for name, value in row.items()} for row in complete()]
    with pytest.raises(DataError, match=message):
        read_reviews([write(tmp_path / "r.csv", rows)], columns=columns)


def test_columns_may_be_called_anything(tmp_path: Path) -> None:
    rows = [{"a b": row["text"], "n": row["stars"], "shop": "S"} for row in complete()]
    path = write(tmp_path / "r.csv", rows)
    columns = parse_columns(["text=a b", "stars=n", "source=shop"])
    reviews = read_reviews([path], columns=columns, needed=())
    assert (reviews.texts[0], reviews.stars[0], reviews.sources[0]) == ("broke at once, train", 1, "S")


@pytest.mark.parametrize("pair", ["text", "=a", "text="])
def test_a_column_option_has_two_sides(pair: str) -> None:
    with pytest.raises(DataError, match="takes FIELD=COLUMN"):
        parse_columns([pair])


def test_every_needed_split_has_every_class(tmp_path: Path) -> None:
    rows = [row for row in complete() if (row["split"], row["stars"]) != ("validation", 3)]
    path = write(tmp_path / "r.csv", [row for row in rows if row["split"] != "test"])
    with pytest.raises(DataError) as refused:
        read_reviews([path])
    lines = str(refused.value).splitlines()
    assert lines[0].startswith("the split validation has no neutral rows")
    assert lines[1].startswith("the split test has no negative and no neutral and no positive rows")
    assert len(read_reviews([path], needed=("train",)).texts) == 5


def test_splits_are_given_in_every_file_or_in_none(tmp_path: Path) -> None:
    given = write(tmp_path / "one.csv", complete())
    bare = write(tmp_path / "two.csv", [{"text": "a", "stars": 1}])
    with pytest.raises(DataError, match=r"some files have the column split .*two\.csv row 1"):
        read_reviews([given, bare])


def test_made_splits_keep_copies_together_and_are_told(tmp_path: Path) -> None:
    rows = [
        {"text": f"{text}, part {part}" + "!" * copy, "stars": stars}
        for text, stars in (("broke", 1), ("okay", 3), ("lovely", 5))
        for part in range(200)
        for copy in range(2)
    ]
    told: list[str] = []
    path = write(tmp_path / "r.csv", rows)
    reviews = read_reviews([path], seed=3, tell=told.append)
    assert reviews.splits[::2] == reviews.splits[1::2]
    counts = [reviews.splits.count(name) for name in ("train", "validation", "test")]
    assert told == ["splits made: {:,} train, {} validation, {} test".format(*counts)]
    assert read_reviews([path], seed=4).splits != reviews.splits


def test_copies_across_given_splits_are_told_not_refused(tmp_path: Path) -> None:
    rows = [*complete(), {"text": "Broke at once - TRAIN", "stars": 2, "split": "test"}]
    told: list[str] = []
    read_reviews([write(tmp_path / "r.csv", rows)], tell=told.append)
    assert told == [
        "splits given: 3 train, 3 validation, 4 test; copies in several of them: 1 texts (2 rows)"
    ]


def test_no_file_is_refused() -> None:
    with pytest.raises(DataError, match="--data FILE"):
        read_reviews([])


def test_rows_are_chosen_in_their_order(tmp_path: Path) -> None:
    reviews = read_reviews([write(tmp_path / "r.csv", complete())])
    test = reviews.split("test")
    assert (test.ids, test.labels.tolist(), test.stars.tolist()) == (
        ["r:7", "r:8", "r:9"],
        [0, 1, 2],
        [1, 3, 5],
    )
    assert reviews.where(reviews.labels == 1).splits == ["train", "validation", "test"]
    with pytest.raises(DataError, match="no row is in the split 'test'"):
        reviews.where(reviews.labels > 2).split("test")


def test_log_prior_needs_every_class() -> None:
    assert np.exp(log_prior(np.array([0, 1, 2, 2]))).tolist() == pytest.approx([0.25, 0.25, 0.5])
    with pytest.raises(DataError, match=r"\[2, 0, 1\]"):
        log_prior(np.array([0, 0, 2]))


def test_the_digest_of_files_depends_on_their_content_and_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"abc")
    two.write_bytes(b"")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1
    assert files_sha256([one]) == file_sha256(one) == known
    assert len({files_sha256(files) for files in ([one], [two], [one, two], [two, one])}) == 4


@pytest.mark.skipif(not REAL, reason="needs real reviews: REVIEWS_DATA=directory with reviews.parquet")
def test_real_reviews_are_read_whole() -> None:
    pytest.importorskip("pyarrow", reason="needs the extra parquet (pyarrow)")
    told: list[str] = []
    reviews = read_reviews([Path(str(REAL)) / "reviews.parquet"], tell=told.append)
    assert len(set(reviews.ids)) == len(reviews.texts)
    assert min(np.bincount(reviews.split("test").labels)) > 0
    assert told[0].startswith("splits given: ")
