"""Shares from a histogram of scores by expectation-maximisation, when the mix of the classes has shifted.

M. Saerens, P. Latinne and C. Decaestecker (2002), Adjusting the outputs of a classifier to new a priori
probabilities: a simple procedure. Neural Computation 14, 21-41. Each step replaces the shares by the mean of
what every review's class is expected to be under the former shares; with a Dirichlet prior the steps climb to
the mode of the posterior instead of the likelihood's.

Everything is done element by element and in a fixed order, so that the shares of a window do not depend, in
any bit, on the windows beside it.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def maximise(histogram: Floats, class_bins: Floats, start: Floats, prior: Floats, steps: int) -> Floats:
    """Shares [3, windows] after so many steps from `start` [3, windows].

    Args:
        histogram: [bins, windows], shares of a window's reviews, with a sum of 1 for each.
        class_bins: [3, bins], above 0: how often the scores of a class fall into each bin.
        start: inside the simplex.
        prior: [3, windows], pseudo-reviews of each class for one review of the window; 0 is plain EM.
        steps: how many.
    """
    columns = class_bins[:, :, np.newaxis]
    shares = start
    total = 1 + (prior[0] + prior[1] + prior[2])
    for _ in range(steps):
        expected = columns[0] * shares[0] + columns[1] * shares[1] + columns[2] * shares[2]
        ratio = histogram / expected
        seen = np.stack([sum_rows(column * ratio) for column in columns])
        shares = (shares * seen + prior) / total
    return shares


def sum_rows(table: Floats) -> Floats:
    """The sum over the rows of [rows, windows], halves first: `sum` may add one column in another order.

    >>> sum_rows(np.ones((3, 1)))
    array([3.])
    """
    while len(table) > 1:
        half = len(table) // 2
        halves = table[:half] + table[half : 2 * half]
        table = halves if len(table) % 2 == 0 else np.concatenate([halves, table[-1:]])
    total: Floats = table[0]
    return total
