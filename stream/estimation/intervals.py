"""95 % intervals of shares, of net sentiment and of its change, for many windows at once.

The number of reviews may be an effective one, smaller than the counted: an estimate whose own error has the
variance that a count of fewer reviews would have. This is how surveys with a design effect use the same
formulas: N. Dean and M. Pagano (2015), Evaluating confidence interval methods for binomial proportions in
clustered surveys. Journal of Survey Statistics and Methodology 3, 484-503.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z_95 = 1.959963984540054
"""Quantile 0.975 of the standard normal distribution."""


def share_interval(share: Floats, reviews: Floats) -> tuple[Floats, Floats]:
    """Wilson's score interval of one share, given `reviews` > 0; within [0, 1] and wide for few.

    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22, 209-212.
    """
    shrink = 1 + Z_95 * Z_95 / reviews
    centre = (share + Z_95 * Z_95 / (2 * reviews)) / shrink
    half = Z_95 / shrink * np.sqrt(share * (1 - share) / reviews + Z_95 * Z_95 / (4 * reviews * reviews))
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


def net_interval(negative: Floats, positive: Floats, reviews: Floats) -> tuple[Floats, Floats]:
    """The interval of positive share - negative share, given `reviews` > 0; clamped to [-1, 1].

    The variance of a difference of two multinomial shares, with one review added to each of the two: the
    adjusted Wald interval of D. G. Bonett and R. M. Price (2012), Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data. Journal of Educational and Behavioral Statistics
    37, 479-488. Positive and negative reviews take the place of its two kinds of discordant pairs.
    """
    adjusted = reviews + 2
    more = (positive * reviews + 1) / adjusted
    less = (negative * reviews + 1) / adjusted
    net = more - less
    half = Z_95 * np.sqrt((more + less - net * net) / adjusted)
    return np.maximum(-1.0, net - half), np.minimum(1.0, net + half)


def difference_interval(
    one: Floats, of_one: tuple[Floats, Floats], other: Floats, of_other: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """The interval of `one` - `other`, recovered from the intervals of both.

    The method of variance estimates recovery: G. Y. Zou and A. Donner (2008), Construction of confidence
    limits about effect measures: a general approach. Statistics in Medicine 27, 1693-1702.
    """
    difference = one - other
    below = (one - of_one[0]) ** 2 + (of_other[1] - other) ** 2
    above = (of_one[1] - one) ** 2 + (other - of_other[0]) ** 2
    return difference - np.sqrt(below), difference + np.sqrt(above)
