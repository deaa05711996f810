"""Batches: every row once, within both limits; stars become labels; bad files are refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data import Encoded, collate, log_prior, plan_batches, read_reviews
from training.errors import DataError

lengths = st.lists(st.integers(1, 40), min_size=1, max_size=300).map(np.array)


@given(lengths, st.integers(1, 32), st.integers(40, 400), st.integers(0, 3))
def test_every_row_is_in_one_batch_within_the_limits(
    lengths: np.ndarray, batch_rows: int, batch_tokens: int, seed: int
) -> None:
    batches = plan_batches(lengths, batch_rows, batch_tokens, (seed,))
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    for rows in batches:
        assert 1 <= len(rows) <= batch_rows
        assert len(rows) * lengths[rows].max() <= batch_tokens


def test_a_plan_depends_on_its_seed_alone() -> None:
    lengths = np.arange(1, 200)
    first, again, other = (plan_batches(lengths, 8, 400, seed) for seed in ((1, 0), (1, 0), (1, 1)))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(np.concatenate(first), np.concatenate(other))


def test_collate_pads_to_the_longest_row() -> None:
    data = Encoded(np.array([5, 6, 7, 8], np.int32), np.array([0, 1, 4]), np.array([0, 2]))
    batch = collate(data, np.array([1, 0]))
    assert batch.token_ids.tolist() == [[6, 7, 8], [5, 0, 0]]
    assert (batch.lengths.tolist(), batch.labels.tolist()) == ([3, 1], [2, 0])


def test_log_prior_needs_every_class() -> None:
    assert np.exp(log_prior(np.array([0, 1, 2, 2]))).tolist() == pytest.approx([0.25, 0.25, 0.5])
    with pytest.raises(DataError, match=r"\[2, 0, 1\]"):
        log_prior(np.array([0, 0, 2]))


def write(path: Path, **columns: Sequence[object]) -> Path:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra training (pyarrow)")
    import pyarrow

    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_stars_become_labels(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r.parquet", text=list("abcdef"), stars=[1, 2, 3, 4, 5, 1], split=["train"] * 5 + ["test"]
    )
    reviews = read_reviews(path, "train")
    assert (list(reviews.texts), reviews.labels.tolist()) == (list("abcde"), [0, 0, 1, 2, 2])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": ["a"], "split": ["train"]}, "stars"),
        ({"text": ["a"], "stars": [6], "split": ["train"]}, "outside 1 to 5"),
        ({"text": ["a"], "stars": [5], "split": ["test"]}, "empty"),
        ({"text": [" "], "stars": [5], "split": ["train"]}, "1 rows .* no text"),
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, columns: dict[str, list[object]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_reviews(write(tmp_path / "r.parquet", **columns), "train")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the extra training (pyarrow)")
    with pytest.raises(DataError, match="parquet file with the columns"):
        read_reviews(tmp_path / "none.parquet", "train")
