"""The time without labels is the longest one between two of them, or to either end."""

import pytest

from tests.chaos.watch import longest_gap


@pytest.mark.parametrize(
    ("moments", "gap"),
    [
        ([], 10.0),
        ([2.0], 8.0),
        ([1.0, 9.0], 8.0),
        ([9.5], 9.5),
        ([-5.0, 0.0, 3.0, 3.0, 6.0, 10.0, 50.0], 4.0),
    ],
)
def test_the_longest_gap(moments: list[float], gap: float) -> None:
    assert longest_gap(moments, since=0.0, until=10.0) == gap
