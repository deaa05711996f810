"""Has a window's mix of classes shifted, and what are its shares if it has?"""

import numpy as np
import numpy.typing as npt

from stream.estimation.constants import Constants
from stream.estimation.em import maximise

Floats = npt.NDArray[np.float64]

EM_STEPS = 20
"""After which shares of real groups are 0.0004 from the limit in the mean, and 0.024 at most."""

_CORNER = 1e-4


def departure_of(means: Floats, reviews: Floats, constants: Constants) -> Floats:
    """How unusual mean scores [3, windows] of so many reviews [windows] are: 0 to 1, [windows].

    A smooth step over the squared distance of P. C. Mahalanobis (1936). Means differ between brands and, of
    few reviews, by chance: along the two axes the variance is 1 by the one, and a noise over the number of
    reviews by the other.
    """
    negative = means[0] - constants.usual_mean[0]
    positive = means[2] - constants.usual_mean[2]
    one, other = (
        (negative * to_negative + positive * to_positive) ** 2 / (1 + noise / reviews)
        for (to_negative, to_positive), noise in zip(constants.axes, constants.axis_noise, strict=True)
    )
    begins, complete = constants.departure
    step = np.clip((one + other - begins) / (complete - begins), 0.0, 1.0)
    departure: Floats = step * step * (3 - 2 * step)
    return departure


def shifted_shares(histogram: Floats, means: Floats, constants: Constants) -> Floats:
    """Shares [3, windows] of a shifted mix, given what share of the reviews is in each bin [bins, windows].

    The prior lies around the means and weighs the same beside any number of reviews: brands word their
    reviews differently, and that does not average out.
    """
    start = (means + _CORNER) / (1 + 3 * _CORNER)
    prior = constants.prior_share * means
    return maximise(histogram, np.array(constants.class_bins), start, prior, EM_STEPS)
