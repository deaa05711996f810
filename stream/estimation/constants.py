"""What the estimator knows of brands and of the classifier before it sees a window."""

from dataclasses import dataclass

Triple = tuple[float, float, float]
Quadruple = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Constants:
    """Fitted on real reviews of brands (`stream.estimation.fitted`); classes in the order of LABELS."""

    class_bins: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    """How often the scores of a review of each class fall into each bin; a row's sum is 1, none is 0."""
    usual_mean: Triple
    """The mean score of a brand in the mean of many brands."""
    axes: tuple[tuple[float, float], tuple[float, float]]
    """Weights of the negative and the positive mean score; brands have variance 1 along each axis."""
    axis_noise: tuple[float, float]
    """The variance of a single review of a brand along each axis."""
    departure: tuple[float, float]
    """Squared distances at which a mix begins to be unusual, and at which it is entirely."""
    prior_share: float
    """Pseudo-reviews of the prior of a shifted mix, for each review of the window."""
    usual_error: Quadruple
    """Variance of the estimates of three shares and net by what is peculiar to a brand, in units of the
    variance of a single review; where the mix is a usual one."""
    shifted_error: Quadruple
    """The same where it is entirely unusual."""
