"""Soft labels: a teacher's log-probabilities by review id, in a parquet file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.data import LABELS
from training.errors import SoftLabelsError
from training.evaluate import Floats

_COLUMNS = ("review_id", *(f"log_p_{label}" for label in LABELS))


def write_soft_labels(path: Path, ids: Sequence[str], log_probabilities: Floats) -> None:
    """Write natural log-probabilities [rows, 3] of the reviews `ids` [rows], atomically, as float32."""
    import pyarrow
    from pyarrow import parquet

    columns = [np.asarray(column, np.float32) for column in log_probabilities.T]
    beside = path.with_name(path.name + ".new")
    parquet.write_table(pyarrow.table([list(ids), *columns], names=list(_COLUMNS)), beside)
    beside.replace(path)


def read_soft_labels(path: Path, ids: Sequence[str]) -> Floats:
    """Log-probabilities [rows, 3] of the reviews `ids` [rows], in their order.

    Raises:
        SoftLabelsError: the file cannot be read, gives an id twice or no probabilities, or lacks ids.
    """
    from pyarrow import ArrowException, parquet

    if not path.is_file():
        raise SoftLabelsError(f"{path} is missing. `python -m training teach` writes such files")
    try:
        table = parquet.read_table(path)
    except (OSError, ArrowException) as error:
        raise SoftLabelsError(f"{path}: {error}. Needed: a parquet file with {_COLUMNS}") from error
    missing_columns = [name for name in _COLUMNS if name not in table.column_names]
    if missing_columns:
        raise SoftLabelsError(
            f"{path} lacks the columns {missing_columns}. `python -m training teach` writes them"
        )
    row_of = {review: row for row, review in enumerate(table["review_id"].to_pylist())}
    if len(row_of) != table.num_rows:
        raise SoftLabelsError(f"{path} gives {table.num_rows - len(row_of)} review ids twice")
    missing = sum(review not in row_of for review in ids)
    if missing:
        raise SoftLabelsError(
            f"{path} lacks {missing} of {len(ids)} review ids: it belongs to other data. "
            "Run `python -m training teach` on the files that are trained on"
        )
    rows = np.fromiter((row_of[review] for review in ids), np.int64, len(ids))
    found = np.stack([table[name].to_numpy() for name in _COLUMNS[1:]], 1)[rows].astype(np.float64)
    if not np.allclose(np.exp(found).sum(1), 1, atol=1e-3):  # also where one is not a number
        raise SoftLabelsError(f"{path}: rows whose probabilities do not sum to 1")
    return found
