"""Soft labels come back in the order asked for; a file of other reviews, or a broken one, is refused."""

from pathlib import Path

import numpy as np
import pytest

pyarrow = pytest.importorskip("pyarrow", reason="needs the extra training (pyarrow)")
from pyarrow import parquet  # noqa: E402

from training.errors import SoftLabelsError  # noqa: E402
from training.soft_labels import read_soft_labels, write_soft_labels  # noqa: E402

SOFT = np.log([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]])


@pytest.fixture
def soft_file(tmp_path: Path) -> Path:
    write_soft_labels(tmp_path / "soft.parquet", ["a", "b", "c"], SOFT)
    return tmp_path / "soft.parquet"


def test_rows_are_joined_by_id(soft_file: Path) -> None:
    assert read_soft_labels(soft_file, ["c", "a", "c"]) == pytest.approx(SOFT[[2, 0, 2]], abs=1e-6)
    assert [str(field.type) for field in parquet.read_schema(soft_file)] == ["string"] + ["float"] * 3


def test_missing_ids_are_counted(soft_file: Path) -> None:
    with pytest.raises(SoftLabelsError, match="lacks 2 of 3 review ids"):
        read_soft_labels(soft_file, ["a", "y", "z"])


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    write_soft_labels(tmp_path / "soft.parquet", ["a", "b", "a"], SOFT)
    with pytest.raises(SoftLabelsError, match="gives 1 review ids twice"):
        read_soft_labels(tmp_path / "soft.parquet", ["b"])


@pytest.mark.parametrize("wrong", [np.nan, 0.0])
def test_what_is_no_distribution_is_refused(tmp_path: Path, wrong: float) -> None:
    soft = SOFT.copy()
    soft[1, 2] = wrong
    write_soft_labels(tmp_path / "soft.parquet", ["a", "b", "c"], soft)
    with pytest.raises(SoftLabelsError, match="do not sum to 1"):
        read_soft_labels(tmp_path / "soft.parquet", ["a", "b"])


def test_other_files_are_refused(soft_file: Path, tmp_path: Path) -> None:
    with pytest.raises(SoftLabelsError, match="is missing"):
        read_soft_labels(tmp_path / "none.parquet", ["a"])
    other = tmp_path / "other.parquet"
    parquet.write_table(pyarrow.table({"review_id": ["a"], "stars": [5]}), other)
    with pytest.raises(SoftLabelsError, match=r"lacks .*log_p_negative"):
        read_soft_labels(other, ["a"])
    soft_file.write_bytes(soft_file.read_bytes()[:200])
    with pytest.raises(SoftLabelsError, match="Needed: a parquet file"):
        read_soft_labels(soft_file, ["a"])
