"""Rows: the token ids of a text in one piece of memory.

A list holds an object for each id, and most of the cost of tokenising and padding was to walk over them.
"""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Row = bytes
"""Ids of 32 bits each, in the byte order of the machine: rows never leave it."""
ID_BYTES = array("i").itemsize


def to_row(ids: Iterable[int]) -> Row:
    """The row of these ids.

    >>> to_ids(to_row([7, 24_202]))
    [7, 24202]
    """
    return array("i", ids).tobytes()


def to_ids(row: Row) -> list[int]:
    """The ids of a row."""
    ids: list[int] = np.frombuffer(row, np.intc).tolist()
    return ids


def lengths_of(rows: Sequence[Row]) -> Int64:
    """(rows,) how many ids each row has."""
    return np.fromiter(map(len, rows), np.int64, len(rows)) // ID_BYTES


def pad(rows: Sequence[Row], pad_id: int) -> tuple[Int64, Int64]:
    """Put rows into one matrix: (rows, longest) ids and (rows,) lengths."""
    lengths = lengths_of(rows)
    ids = np.full((len(rows), int(lengths.max())), pad_id, np.int64)
    ids[np.arange(ids.shape[1]) < lengths[:, None]] = np.frombuffer(b"".join(rows), np.intc)
    return ids, lengths
