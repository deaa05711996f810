"""Which of many tests may be called discoveries."""

from collections.abc import Sequence


def q_values(p_values: Sequence[float], hypotheses: int) -> list[float]:
    """For each p-value the least false discovery rate at which it would be a discovery.

    Y. Benjamini and Y. Hochberg (1995), Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289-300.

    Args:
        hypotheses: how many were tested, at least as many as there are p-values; those without one have 1.

    >>> q_values([0.01, 0.04, 0.03], hypotheses=4)
    [0.04, 0.05333333333333334, 0.05333333333333334]
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    adjusted = [1.0] * len(p_values)
    least = 1.0
    for rank, at in zip(range(len(order), 0, -1), order, strict=True):
        least = adjusted[at] = min(least, p_values[at] * hypotheses / rank)
    return adjusted
