"""Batches: every row once, within both limits, padded to the longest row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.batches import Encoded, collate, plan_batches

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
