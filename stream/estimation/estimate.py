"""What shares of a brand's reviews are negative, neutral, positive: from the integers of its windows.

Two ways are right, each in its own case. While a brand is as brands usually are, the mean of the calibrated
scores is hard to beat. When the mix has shifted, the scores lag behind, for they are calibrated to the usual
one: expectation-maximisation is right then, but takes the peculiar wording of a brand for a shift where there
is none. So the estimate goes from the mean to the other with the mean's distance from the usual
(`stream.estimation.shift`). docs/shares.md says what that is worth on real reviews.

Everything is done element by element: the estimate of a window does not depend, in any bit, on the windows
beside it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stream.estimation.constants import Constants
from stream.estimation.fitted import FITTED
from stream.estimation.intervals import net_interval, share_interval
from stream.estimation.shift import departure_of, shifted_shares

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ENOUGH_REVIEWS = 30
"""From here on a window is enough to judge by: by sampling alone, net is known to about 0.3 then."""

_AT_ONCE = 4_096
_LEAST_SPREAD = 1e-4


@dataclass(frozen=True, slots=True)
class Evidence:
    """What cells say of windows; the sum of two windows' evidence is the evidence of both together."""

    counts: Ints
    """[windows, 3], labels."""
    sums: Ints
    """[windows, 3], scores in units of 2^-20."""
    bins: Ints
    """[windows, BINS], see `stream.estimation.bins`."""

    def rows(self, start: int, end: int) -> "Evidence":
        """Of the windows from `start` on, before `end`."""
        return Evidence(self.counts[start:end], self.sums[start:end], self.bins[start:end])


@dataclass(frozen=True, slots=True)
class Estimates:
    """One row for each window: not a number where the window has no reviews."""

    reviews: Ints
    """[windows]"""
    counted: Floats
    """[windows, 3], shares of the labels."""
    shares: Floats
    """[windows, 3], estimated."""
    net: Floats
    """[windows], positive share - negative share."""
    low: Floats
    """[windows, 4], of the 95 % intervals of the three shares and of net."""
    high: Floats
    """[windows, 4]"""
    departure: Floats
    """[windows], 0 where the mix is a usual one, to 1."""
    net_error: Floats
    """[windows], variance of net that the departure adds, in units of a single review's."""

    @property
    def enough(self) -> npt.NDArray[np.bool_]:
        """[windows], whether there are `ENOUGH_REVIEWS`."""
        return self.reviews >= ENOUGH_REVIEWS

    def rows(self, chosen: slice) -> "Estimates":
        """Of some windows only."""
        return Estimates(*(getattr(self, name)[chosen] for name in self.__slots__))


def estimate(evidence: Evidence, constants: Constants = FITTED) -> Estimates:
    """Estimates of all windows: some thousands at a time, which stay in the processor's cache."""
    windows = len(evidence.counts)
    starts = range(0, max(1, windows), _AT_ONCE)
    parts = [_estimate(evidence.rows(at, at + _AT_ONCE), constants) for at in starts]
    columns = zip(*([getattr(part, name) for name in Estimates.__slots__] for part in parts), strict=True)
    return Estimates(*map(np.concatenate, columns))


def _estimate(evidence: Evidence, constants: Constants) -> Estimates:
    reviews = evidence.counts[:, 0] + evidence.counts[:, 1] + evidence.counts[:, 2]
    some = np.flatnonzero(reviews)
    size = reviews[some].astype(np.float64)
    units = evidence.sums[some].T.astype(np.float64)
    means = units / (units[0] + units[1] + units[2])
    departure = departure_of(means, size, constants)
    gaps = _gaps(evidence.bins[some].T / size, means, departure, constants)
    shares = means + departure * gaps
    added = _added_error(shares, gaps, departure, constants)
    usual = (1 - departure) * np.array(constants.usual_error)[:, np.newaxis]
    low, high = _intervals(shares, 1 / (1 / size + (usual + added)))
    columns = (
        evidence.counts[some].T / size,
        shares,
        shares[2] - shares[0],
        low,
        high,
        departure,
        added[3],
    )
    return Estimates(reviews, *(_rows(column, some, len(reviews)) for column in columns))


def _gaps(histogram: Floats, means: Floats, departure: Floats, constants: Constants) -> Floats:
    """How far the shares of a shifted mix are from the means [3, windows]; 0 where they do not count."""
    gaps = np.zeros_like(means)
    away = np.flatnonzero(departure)
    gaps[:, away] = shifted_shares(histogram[:, away], means[:, away], constants) - means[:, away]
    return gaps


def _added_error(shares: Floats, gaps: Floats, departure: Floats, constants: Constants) -> Floats:
    """What a departure adds to the variance of shares and net, [4, windows], in units of a single review's.

    By the law of total variance for two explanations, of which the second is as likely as `departure` says.
    """
    negative, _, positive = shares
    net = positive - negative
    single = np.stack([*(shares * (1 - shares)), negative + positive - net * net])
    apart = np.stack([*gaps, gaps[2] - gaps[0]])
    between = departure * (1 - departure) * apart * apart / np.maximum(single, _LEAST_SPREAD)
    added: Floats = departure * np.array(constants.shifted_error)[:, np.newaxis] + between
    return added


def _intervals(shares: Floats, reviews: Floats) -> tuple[Floats, Floats]:
    """Lower and upper bounds [4, windows], given effective numbers of reviews [4, windows]."""
    bounds = [share_interval(shares[each], reviews[each]) for each in range(3)]
    bounds.append(net_interval(shares[0], shares[2], reviews[3]))
    low, high = zip(*bounds, strict=True)
    return np.stack(low), np.stack(high)


def _rows(column: Floats, places: Ints, windows: int) -> Floats:
    """[..., places] as [windows, ...]; not a number in other places."""
    rows = np.full((windows, *column.shape[:-1]), np.nan)
    rows[places] = column.T
    return rows
