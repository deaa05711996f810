"""Labelled reviews: stars become labels; what cannot be trained on is refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from training.data import log_prior, read_reviews
from training.errors import DataError


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
    reviews = read_reviews([path]).split("train")
    assert (list(reviews.texts), reviews.labels.tolist()) == (list("abcde"), [0, 0, 1, 2, 2])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": ["a"], "split": ["train"]}, "stars"),
        ({"text": ["a"], "stars": [6], "split": ["train"]}, "outside 1 to 5"),
        ({"text": ["a"], "stars": [5], "split": ["test"]}, "no row is in the split"),
        ({"text": [" "], "stars": [5], "split": ["train"]}, "1 rows .* no text"),
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, columns: dict[str, list[object]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_reviews([write(tmp_path / "r.parquet", **columns)]).split("train")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the extra training (pyarrow)")
    with pytest.raises(DataError, match="parquet file with the columns"):
        read_reviews([tmp_path / "none.parquet"])
