"""docs/shares.md: pure, from judgements to text."""

from collections.abc import Mapping

from stream.estimation.constants import Constants
from stream.estimation.estimate import ENOUGH_REVIEWS
from tests.benchmarks.shares.fitting import NATURAL_AIM, SHIFTED_AIM
from tests.benchmarks.shares.judging import MOST_MOVED, BySize, Coverage, Judgement
from tests.benchmarks.shares.windows import SIZES
from tests.benchmarks.table import markdown_table

METHOD = """\
Counted labels are biased: a brand with 5 % negative reviews shows more, because some of its many positive
ones are mistaken for negative. The scores are calibrated, so their mean is right, as long as the brand's
mix of classes is as usual. Where it has shifted (an incident), the scores lag, for they lean on the usual
mix; then the expectation-maximisation of Saerens, Latinne and Decaestecker (2002) is right, which in turn
is misled by the peculiar wording of a brand where nothing has shifted. So the estimate is

    shares = mean + departure x (EM - mean)

- **mean** of the calibrated scores, from the cells' sums.
- **EM** on the histogram of the scores (16 bins of the simplex), {steps} steps from the mean, as a maximum
  a posteriori estimate: a Dirichlet prior around the mean, of {prior:.0%} of the window's reviews.
- **departure**: a smooth step from 0 to 1 over the squared Mahalanobis distance of the mean score from that
  of brands in general, from {begins:g} to {complete:g}. A window of few reviews may lie further off by
  chance.

**Intervals** are Wilson's for the shares and Bonett and Price's (2012) for net, with an effective number of
reviews: 1 / (1 / reviews + error). The error is what a classifier gets wrong of a brand however many
reviews there are; it grows with the departure (for the negative share from {usual:.3f} to {shifted:.3f},
in units of the variance of one review), and by the distance of the two estimates from each other. The
**change** of net has an interval by the method of variance estimates recovery (Zou and Donner 2008), without
the error that a brand has in both windows. A window is **enough** to judge by from {enough} reviews on.

The constants are fitted on half of the brands (by a hash of shop and brand), and the bins' shares on the
validation split: `python -m tests.benchmarks.shares --fit`. No figure of the first table comes from that
half. But the form of the estimate, and what it is fitted for, were chosen in several rounds with all three
tables in sight, so that their figures are a little too good. The constants belong to the model that ships;
with another bundle, fit them again."""

READING = """\
A group is a brand, or a product, within a shop, with 50 reviews and more; the truth is its stars (1-2
negative, 3 neutral, 4-5 positive). Natural: the group as it is. Shifted: as many reviews drawn from it,
with a mix drawn from Dirichlet(1, 1, 1); groups with fewer than three reviews of a class are left out.
Errors are mean absolute errors of the three shares. For the coverage, as many reviews as the group has are
drawn from it with replacement, and the truth is what they were drawn from.

Intervals of shifted windows hold the truth less often than they say. A mix of more neutral reviews looks like
a usual mix where a brand's neutral reviews read like its positive ones, and no interval that is fit for
natural windows is wide enough for that. For the same reason a change is rather seen too small."""

TITLES = {
    "crossfit": "Reviews that the model never saw (cross-fitted)",
    "shipped": "The shipped model on its test split",
    "unseen": "Shops that the model never saw",
}
ABOUT = {
    "crossfit": "Three models, each trained on two thirds of all reviews by the shipped recipe but in four "
    "epochs, score the last third. Only the half of the brands that nothing was fitted on. The aims are "
    "meant here.",
    "shipped": "The very bundle, on rows that it was neither trained nor chosen on; few groups are large. "
    "Half of the brands are those that the constants were fitted on, by scores of other models.",
    "unseen": "A model trained without ten sources, on these sources: other shops, other things, other "
    "words. The constants are the shipped ones, for which half of these brands were scored by other models.",
}
MISSING = {
    "crossfit": "Not measured: run `python -m tests.benchmarks.shares.crossfit` first.",
    "shipped": "Not measured.",
    "unseen": "Not measured: run `python -m training unseen --out runs/unseen` first.",
}


def page(judgements: Mapping[str, Judgement | None], constants: Constants, steps: int) -> str:
    """The whole of docs/shares.md."""
    begins, complete = constants.departure
    method = METHOD.format(
        steps=steps,
        prior=constants.prior_share,
        begins=begins,
        complete=complete,
        usual=constants.usual_error[0],
        shifted=constants.shifted_error[0],
        enough=ENOUGH_REVIEWS,
    )
    parts = ["# Estimated shares", "Written by `python -m tests.benchmarks.shares`; do not edit.", method]
    return "\n\n".join([*parts, "## What it is worth", READING, tables(judgements)]) + "\n"


def tables(judgements: Mapping[str, Judgement | None]) -> str:
    """A section for each judgement."""
    sections = []
    for name, judgement in judgements.items():
        sections += [f"### {TITLES[name]}", ABOUT[name]]
        sections += _section(judgement, name == "crossfit") if judgement else [MISSING[name]]
    return "\n\n".join(sections)


def _section(judgement: Judgement, has_aims: bool) -> list[str]:
    found = ", ".join(
        f"{number} of {size} reviews" for size, number in judgement.groups.items() if size != "all"
    )
    section = [f"{judgement.groups['all']} groups: {found}.", _error_table(judgement)]
    if has_aims:
        section.append(_verdict(judgement))
    return [*section, _coverage_table(judgement), _about_changes(judgement)]


def _error_table(judgement: Judgement) -> str:
    head = [
        "mean absolute error",
        *(f"natural {size}" for size in SIZES),
        *(f"shifted {size}" for size in SIZES),
    ]
    rows = [
        [name, *_figures(natural, "{:.4f}"), *_figures(judgement.shifted[name], "{:.3f}")]
        for name, natural in judgement.natural.items()
    ]
    return markdown_table(head, rows)


def _verdict(judgement: Judgement) -> str:
    *_, ours = judgement.natural
    natural, shifted = judgement.natural[ours]["200+"], judgement.shifted[ours]["200+"]
    coverage = judgement.natural_coverage.by_size["all"]
    aims = (
        (f"natural error of 200+ {natural:.4f} (aim {NATURAL_AIM})", natural <= NATURAL_AIM),
        (f"shifted {shifted:.3f} (aim {SHIFTED_AIM})", shifted <= SHIFTED_AIM),
        (f"coverage of natural windows {coverage:.1%} (aim 93 to 97 %)", 0.93 <= coverage <= 0.97),
    )
    return "; ".join(f"{text}: {'met' if met else '**missed**'}" for text, met in aims) + "."


def _coverage_table(judgement: Judgement) -> str:
    head = [
        "coverage of 95 % intervals",
        *SIZES,
        "negative",
        "neutral",
        "positive",
        "net",
        "median width: negative",
        "net",
    ]
    kinds = {"natural": judgement.natural_coverage, "shifted": judgement.shifted_coverage}
    return markdown_table(head, [[kind, *_coverage(coverage)] for kind, coverage in kinds.items()])


def _coverage(coverage: Coverage) -> list[str]:
    widths = [f"{coverage.width[quantity]:.2f}" for quantity in ("negative", "net")]
    held = [f"{share:.1%}" for share in coverage.by_quantity.values()]
    return [*_figures(coverage.by_size, "{:.1%}"), *held, *widths]


def _about_changes(judgement: Judgement) -> str:
    return (
        "Change of net between two windows of a group: its interval holds 0 in "
        f"{judgement.unchanged:.1%} where nothing changed. Where up to {MOST_MOVED:.0%} of the reviews went "
        f"from positive to negative, it holds the change in {judgement.changed:.1%}, and a change of half of "
        f"that or more is clear in {judgement.noticed:.0%} of the windows of 200 reviews and more."
    )


def _figures(by_size: BySize, form: str) -> list[str]:
    return [form.format(by_size[size]) if size in by_size else "–" for size in SIZES]
