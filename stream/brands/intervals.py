"""95 % intervals of a brand's shares and of its net sentiment.

The proportion put into both is the mean calibrated probability. Under a calibrated model it varies less than
a counted label does (its variance lacks the part p(1 - p) of each single review), so these intervals rather
err on the wide side.
"""

from math import sqrt

Z_95 = 1.959963984540054
"""Quantile 0.975 of the standard normal distribution."""


def share_interval(share: float, reviews: int) -> tuple[float, float]:
    """Wilson's score interval of one share, given `reviews` >= 1; within [0, 1] and wide for few.

    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22, 209-212.
    """
    shrink = 1 + Z_95 * Z_95 / reviews
    centre = (share + Z_95 * Z_95 / (2 * reviews)) / shrink
    half = Z_95 / shrink * sqrt(share * (1 - share) / reviews + Z_95 * Z_95 / (4 * reviews * reviews))
    return max(0.0, centre - half), min(1.0, centre + half)


def net_interval(negative: float, positive: float, reviews: int) -> tuple[float, float]:
    """The interval of positive share - negative share, given `reviews` >= 1; clamped to [-1, 1].

    The variance of a difference of two multinomial shares, with one review added to each of the two: the
    adjusted Wald interval of D. G. Bonett and R. M. Price (2012), Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data. Journal of Educational and Behavioral Statistics
    37, 479-488. Positive and negative reviews take the place of its two kinds of discordant pairs.
    """
    adjusted = reviews + 2
    more = (positive * reviews + 1) / adjusted
    less = (negative * reviews + 1) / adjusted
    half = Z_95 * sqrt((more + less - (more - less) ** 2) / adjusted)
    return max(-1.0, more - less - half), min(1.0, more - less + half)
