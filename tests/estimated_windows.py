"""What `brand-sentiment` must say of a window, from the integers of a batch recomputation.

The estimation is the product's own: that it is right is for its own tests; that it got the right integers,
and that nothing was lost on the way, is held here to the last digit.
"""

from typing import Any

import numpy as np

from stream.estimation.bins import BINS
from stream.estimation.estimate import Evidence, estimate
from tests.batch_recomputation import HOUR_MS, MINUTE_MS, NAMES, BatchBrand, Cell

DIGITS = 6


def expected_window(cell: Cell) -> dict[str, Any]:
    """Everything but the times of a window."""
    numbers = np.array([cell], np.int64)
    found = estimate(Evidence(numbers[:, :3], numbers[:, 3:6], numbers[:, 7 : 7 + BINS]))
    expected: dict[str, Any] = {
        "counts": _by_name(cell[:3]),
        "late": cell[6],
        "enough": bool(found.enough[0]),
    }
    if not sum(cell[:3]):
        return expected | {"counted": None, "shares": None, "net": None, "intervals": None}
    counted, shares, net, low, high = (
        np.round(column[0], DIGITS).tolist()
        for column in (found.counted, found.shares, found.net, found.low, found.high)
    )
    bounds = zip((*NAMES, "net"), low, high, strict=True)
    return expected | {
        "counted": _by_name(counted),
        "shares": _by_name(shares),
        "net": net,
        "intervals": {name: {"low": below, "high": above} for name, below, above in bounds},
    }


def expected_series(brand: BatchBrand, now_ms: int) -> dict[str, Any]:
    """The counts of the last 60 minutes and of the last 24 hours."""
    return {
        "minutes": _series(brand.minutes, MINUTE_MS, 60, now_ms),
        "hours": _series(brand.hours, HOUR_MS, 24, now_ms),
    }


def _series(cells: dict[int, Cell], step_ms: int, steps: int, now_ms: int) -> dict[str, Any]:
    start_ms = now_ms - now_ms % step_ms - (steps - 1) * step_ms
    inside = [cells.get(start_ms + step * step_ms) for step in range(steps)]
    counts = {name: [cell[at] if cell else 0 for cell in inside] for at, name in enumerate(NAMES)}
    return {"start": start_ms, "step": step_ms, **counts}


def _by_name(values: Any) -> dict[str, Any]:
    return dict(zip(NAMES, values, strict=True))
