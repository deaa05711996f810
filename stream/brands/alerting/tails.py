"""Exact upper tails of the two overdispersed counts: beta-binomial and negative binomial."""

from math import exp, lgamma, log, log1p

MOST_TRIALS = 5_000
_TINY = 1e-300
_PRECISION = 1e-15
_MOST_STEPS = 20_000


def beta_binomial_tail(successes: int, trials: int, share: float, correlation: float) -> float:
    """P(X >= successes) of a beta-binomial count with mean `trials * share`.

    Its variance is `trials * share * (1 - share) * (1 + (trials - 1) * correlation)`. More than 5,000 trials
    are taken as 5,000 with the same share of successes, which errs on the careful side.

    Args:
        share: between 0 and 1, neither included.
        correlation: between two trials of the same window, likewise.

    >>> round(beta_binomial_tail(2, 2, share=0.5, correlation=1 / 3), 12)  # uniform over 0, 1, 2
    0.333333333333
    """
    if trials > MOST_TRIALS:
        successes, trials = successes * MOST_TRIALS // trials, MOST_TRIALS
    if successes <= 0:
        return 1.0
    if successes > trials:
        return 0.0
    scale = (1 - correlation) / correlation
    alpha, beta = share * scale, (1 - share) * scale
    failures = trials - successes
    term = exp(
        -_log_beta(successes + 1, failures + 1)
        - log(trials + 1)
        + _log_beta(successes + alpha, failures + beta)
        - _log_beta(alpha, beta)
    )
    tail = term
    for count in range(successes, trials):
        rest = trials - count
        term *= rest * (count + alpha) / ((count + 1) * (rest - 1 + beta))
        tail += term
        if term < tail * _PRECISION:
            break
    return min(1.0, tail)


def negative_binomial_tail(count: int, mean: float, dispersion: float) -> float:
    """P(N >= count) of a negative binomial count, both parameters above 0.

    Its variance is `mean + dispersion * mean ** 2`. The tail is a regularised incomplete beta function: NIST
    Digital Library of Mathematical Functions, 8.17.24.

    >>> round(negative_binomial_tail(3, mean=1.0, dispersion=1.0), 12)  # geometric
    0.125
    """
    if count <= 0:
        return 1.0
    size = 1 / dispersion
    return _incomplete_beta(mean / (mean + size), size / (mean + size), count, size)


def _incomplete_beta(x: float, complement: float, a: float, b: float) -> float:
    """The regularised incomplete beta function at `x` = 1 - `complement`, both above 0."""
    if x > (a + 1) / (a + b + 2):
        return max(0.0, 1 - _incomplete_beta(complement, x, b, a))
    log_complement = log1p(-x) if x < complement else log(complement)
    factor = exp(a * log(x) + b * log_complement - _log_beta(a, b)) / a
    return min(1.0, factor / _continued_fraction(x, a, b))


def _continued_fraction(x: float, a: float, b: float) -> float:
    """DLMF 8.17.22 by Lentz's method in the form of Thompson and Barnett (1986)."""
    value, upper, lower = 1.0, 1.0, 0.0
    for step in range(1, _MOST_STEPS):
        half = step // 2
        numerator = -(a + half) * (a + b + half) if step % 2 else half * (b - half)
        numerator *= x / ((a + step - 1) * (a + step))
        lower = 1 / (1 + numerator * lower or _TINY)
        upper = 1 + numerator / upper or _TINY
        value *= upper * lower
        if abs(upper * lower - 1) < _PRECISION:
            break
    return value


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
