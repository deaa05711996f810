"""What a pass costs on this machine, learned while it runs: seconds = a + b x rows + c x bytes of text.

A pass is cut before it is tokenised, so bytes stand in for padded tokens. Least squares with exponential
forgetting (Ljung, "System Identification", 11.2), non-negative (Lawson and Hanson 1974), residuals clipped as
by Huber (1964) so that one stall teaches little. Pure.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

FORGETTING = 0.98
PRIOR_SECONDS = (0.003, 0.1, 0.1)
"""Before anything is learned: a pass, a thousand rows, `BYTES_UNIT`."""
PRIOR_WEIGHT = 0.01
ROWS_UNIT, BYTES_UNIT = 1_000, 500_000
OUTLIER = 3.0
"""Mean absolute residuals beyond which a residual is clipped."""


class CostModel:
    """Non-negative, and so monotone in rows and bytes."""

    def __init__(self) -> None:
        self._prior = np.array(PRIOR_SECONDS)
        self._moments = np.zeros((3, 3))
        self._targets = np.zeros(3)
        self._seconds = self._prior
        self._residual = 0.0

    @property
    def fixed_seconds(self) -> float:
        """What a pass costs however small it is."""
        return self.predict(0, 0)

    def predict(self, rows: int, text_bytes: int) -> float:
        """Seconds of a pass."""
        return float(_features(rows, text_bytes) @ self._seconds)

    def learn(self, rows: int, text_bytes: int, seconds: float) -> None:
        """A pass took so long."""
        features = _features(rows, text_bytes)
        expected = float(features @ self._seconds)
        residual = seconds - expected
        if self._residual:
            most = OUTLIER * self._residual
            seconds = expected + min(max(residual, -most), most)
        # Also a clipped residual widens the scale, so that a lasting change is learned soon.
        self._residual += 0.1 * (abs(residual) - self._residual) if self._residual else abs(residual)
        # Relative errors count: a small pass has to teach what is fixed.
        weight = 1 / max(expected, 1e-4) ** 2
        self._moments = FORGETTING * self._moments + weight * np.outer(features, features)
        self._targets = FORGETTING * self._targets + weight * features * seconds
        self._seconds = self._solve()

    def _solve(self) -> npt.NDArray[np.float64]:
        ridge = PRIOR_WEIGHT / self._prior**2
        root = np.linalg.cholesky(self._moments + np.diag(ridge))
        found: npt.NDArray[np.float64] = nnls(
            root.T, np.linalg.solve(root, self._targets + ridge * self._prior)
        )[0]
        return found


def _features(rows: int, text_bytes: int) -> npt.NDArray[np.float64]:
    return np.array([1.0, rows / ROWS_UNIT, text_bytes / BYTES_UNIT])


def is_enough(cost: CostModel, rows: int, text_bytes: int) -> bool:
    """Whether what is fixed of a pass's cost is a twentieth of it, so that a larger one is hardly cheaper."""
    return cost.predict(rows, text_bytes) >= 20 * cost.fixed_seconds


def hold_seconds(cost: CostModel, rows: int, text_bytes: int, age: float, after: float, aim: float) -> float:
    """How long to wait for more reviews before a pass is cut; 0: cut it now.

    As long as the oldest review still comes in time, also behind a pass as long as this one.

    Args:
        age: seconds since the oldest review was produced.
        after: seconds from the end of a pass to the end of its commit.
        aim: seconds from produced to committed that are aimed at.
    """
    return max(0.0, aim - age - after - 2 * cost.predict(rows, text_bytes))
