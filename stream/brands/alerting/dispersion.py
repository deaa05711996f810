"""How much more counts vary than chance alone makes them: estimated by moments, shrunk where few speak.

Each estimate is the mean, weighted by precision, of a moment estimate and of a common value that is held as
precisely as one observation of its own size (linear empirical Bayes). The precision of the moment estimate
is taken at the common value, so that it does not depend on the outcome.
"""

from collections.abc import Sequence

_MOST = 0.5


def correlation(trials: Sequence[int], successes: Sequence[int], share: float, common: float) -> float:
    """The intraclass correlation of groups of beta-binomial counts around a share within (0, 1).

    J. C. Kleinman (1973), Proportions with extraneous variance: single and independent samples. Journal of
    the American Statistical Association 68, 46-54.
    """
    total = sum(trials)
    squares = sum(count * count for count in trials)
    pairs = squares - total
    freedom = 1 - squares / (total * total) if total else 0.0
    if pairs <= 0 or freedom <= 0:
        return common
    scatter = sum(
        (hits - count * share) ** 2 for count, hits in zip(trials, successes, strict=True) if count
    ) / (share * (1 - share))
    estimate = (scatter / freedom - total) / pairs
    noise = 2 * sum((count * (1 + (count - 1) * common)) ** 2 for count in trials if count)
    return _shrunk(estimate, freedom * pairs * pairs / noise, common)


def dispersion(counts: Sequence[int], means: Sequence[float], freedom: float, common: float) -> float:
    """The dispersion of negative binomial counts around their means, of which at least one is above 0.

    Args:
        freedom: the share of the scatter that is left, since the means come from the counts; above 0.
    """
    squares = sum(mean * mean for mean in means)
    scatter = sum((count - mean) ** 2 for count, mean in zip(counts, means, strict=True))
    estimate = (scatter / freedom - sum(means)) / squares
    noise = sum(mean + 2 * (mean + common * mean * mean) ** 2 for mean in means)
    return _shrunk(estimate, freedom * squares * squares / noise, common)


def _shrunk(estimate: float, precision: float, common: float) -> float:
    prior = 1 / (common * common)
    return min(_MOST, max(0.0, (estimate * precision + common * prior) / (precision + prior)))
