"""docs/alerts.md: how alerts are decided, and what the simulation found. From values to text."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import exp, log
from operator import attrgetter

from stream.brands.alerting.rules import GROWTH, KINDS, LOOKS, Kind, Rules
from tests.benchmarks.alert_play import OURS
from tests.benchmarks.alert_rivals import LEAST_REVIEWS
from tests.benchmarks.alert_score import Caught, Score
from tests.benchmarks.alert_world import HOURS, World
from tests.benchmarks.table import markdown_table

FALSE_TARGET = 0.05
SIZES = ((0, 30), (30, 300), (300, 3_000), (3_000, 10_000))
"""Reviews a day of a brand."""
Scores = Mapping[tuple[str, Kind, float], Score]

METHOD = """\
# Alerts

`brands` opens an alert when a brand departs from its own past by more than chance. Written by
`python -m tests.benchmarks.alerts`; do not edit.

## How it decides

**What is tested.** Of every brand that a flush touches, *negative share*: the counted labels of the last
5 minutes, hour and 24 hours (the classifier errs on both sides alike, so its bias cancels), only upwards; and
*volume*: the reviews of the last hour and 24 hours, only upwards, because a drop is more often a broken feed
than an incident. A volume is compared with that of the same hours of the days before.

**Against what.** The hour cells of the 7 days before the last 24 hours; with less than 3 days or 20 reviews
there is no baseline, and nothing is opened. Negative counts are taken as beta-binomial, volumes as negative
binomial; how much they vary beyond chance is estimated from the brand's own hours (for windows of up to an
hour) and days (for 24 hours) by moments, shrunk towards a common value when few, and the uncertainty of the
baseline itself is added. Tails are exact.

**How much chance.** A brand is looked at about once a second, so a tail is multiplied by a number of looks
that makes it the chance of a whole day of looks; the numbers come from simulations without incidents, with
some room ({looks}).
Over all brands held by a partition and both kinds, Benjamini and Hochberg's procedure holds the false
discovery rate of such a day at {rate:.0%}, open alerts being among the discoveries; and no chance above
{chance} opens an alert, which matters where few brands are held.

**Least effects.** {reviews} reviews and {rise:.0f} points above the expected share; {volume} reviews and
{ratio:.0f} times the expected volume.

**One alert for each incident.** Its baseline stays that of before it was opened. An update follows when a
window that would open one by itself has {growth} times the excess (negative reviews, or reviews, beyond the
expected) of the last event. It closes after an hour in which less than half of the least effect was left,
by the last hour, or by the last 24 hours where it was seen in those or the hour has too few reviews; and
after about a week, when less than a day of its baseline is kept: then what it saw is the new normal. What
came before a closing counts in no later alert, and none is opened in the hour of a closing. A brand that is
forgotten closes what it has open.

**Severity**: *critical* from 30 points or 8 times with a q-value up to 0.001, *warning* from 20 points or 4
times with one up to 0.01, else *notice*; it never falls while an alert is open. The **interval** is a 95 %
one of what was observed, overdispersion included. **Drivers** are the most confident negative reviews of
the window (when it closes: of the whole incident) among the 10 most confident of this hour, of the last,
and of the day before, for alerts of volume as well; reviews whose sketches agree in 6 of 8 bytes are one.
"""


def tables(world: World, scores: Scores, fine: Mapping[int, Mapping[Kind, Score]]) -> str:
    """Everything that was measured."""
    parts = ["## Against the rules in common use", _rules(scores), _target(scores)]
    for kind, title in zip(KINDS, ("Rises of the negative share", "Multiples of the volume"), strict=True):
        parts += [f"## {title}", _sizes(world, scores[OURS, kind, 0.0].caught, kind)]
    return "\n\n".join([*parts, "## A look each minute", _fine(fine)])


def measured(world: World, looks: int, partitions: int) -> str:
    """What was simulated."""
    lasting = ", ".join(map(str, HOURS))
    return f"""{world.brands:,} brands for {world.days} days, {len(world.incidents):,} incidents of
{lasting} hours, {looks / 1e6:.1f} million looks. Brands have 3 to 10,000 reviews a day, a rhythm
of the day and of the weekend; hours and days vary beyond chance, differently from brand to
brand. An alert is *false* when it opens without an incident of its kind or more than a day after one; an
incident is *caught* when an alert opens while it lasts. The brands are spread over {partitions} partitions
and looked at each 5 minutes, whose reviews lie in one cell; the last table shows what that coarsening
changes."""


def page(simulated: str, measured_tables: str) -> str:
    """The whole of docs/alerts.md."""
    rules = Rules()
    looks = "; ".join(
        f"{kind.replace('_', ' ')} " + ", ".join(f"{number:g} for {window}" for window, number in its.items())
        for kind, its in LOOKS.items()
    )
    method = METHOD.format(
        looks=looks,
        rate=rules.false_discovery_rate,
        chance=rules.most_chance,
        reviews=rules.least_reviews,
        rise=rules.least_rise * 100,
        volume=rules.least_volume,
        ratio=rules.least_ratio,
        growth=GROWTH,
    )
    plot = "![Incidents caught against false alerts](images/alerts.png)"
    return f"{method}\n## Simulation\n\n{simulated}\n\n{measured_tables}\n\n{plot}\n"


def matched(points: Sequence[Score], detection_rate: float) -> float | None:
    """The fewest false alerts per brand-month at which a rule catches as much; None if no threshold does.

    Between two thresholds the logarithm is taken as linear; no false alert counts as half of one.
    """
    found = []
    for lower, upper in pairwise(sorted(points, key=attrgetter("detection_rate"))):
        if lower.detection_rate <= detection_rate <= upper.detection_rate:
            span = upper.detection_rate - lower.detection_rate
            part = (detection_rate - lower.detection_rate) / span if span else 0.0
            low, high = log(_rate(lower)), log(_rate(upper))
            found.append(exp(low + part * (high - low)))
    return min(found, default=None)


def _rate(one: Score) -> float:
    return max(one.false_alerts, 0.5) / one.brand_months


def _rules(scores: Scores) -> str:
    rows = []
    for kind in KINDS:
        ours = scores[OURS, kind, 0.0]
        named = {name for name, its, _ in scores if its == kind and name != OURS}
        rows.append(_row(kind, OURS, ours, ""))
        for name in sorted(named):
            sweep = {at: one for (rule, its, at), one in scores.items() if (rule, its) == (name, kind)}
            standard = sweep[3.0 if name == "3 sigma" else 0.05]
            rate = matched(list(sweep.values()), ours.detection_rate)
            same = f"none catches {ours.detection_rate:.0%}" if rate is None else _ratio(rate, ours)
            rows.append(_row(kind, name, standard, same))
    head = ("kind", "rule", "false alerts per brand-month", "caught", "median delay, minutes", "at our rate")
    note = f"""The rules look at 24 hours with at least {LEAST_REVIEWS} reviews. The last column: false alerts
per brand-month at the threshold at which a rule catches as many as we do, and how many times ours that is."""
    return f"{markdown_table(head, rows)}\n\n{note}"


def _row(kind: Kind, name: str, one: Score, same: str) -> tuple[str, ...]:
    found = (f"{one.false_rate:.3f}", f"{one.detection_rate:.0%}", f"{one.median_minutes:.0f}")
    return kind.replace("_", " "), name, *found, same


def _ratio(rate: float, ours: Score) -> str:
    at_least = "" if ours.false_alerts else "at least "
    return f"{rate:.3f} ({at_least}{rate / _rate(ours):.0f} times)"


def _target(scores: Scores) -> str:
    both = sum(scores[OURS, kind, 0.0].false_rate for kind in KINDS)
    verdict = "met" if both <= FALSE_TARGET else "**missed**"
    return (
        f"False alerts of both kinds: {both:.3f} per brand-month; target at most {FALSE_TARGET}: {verdict}."
    )


def _sizes(world: World, caught: Sequence[Caught], kind: Kind) -> str:
    """By size of the incident and of the brand: share caught, median delay in minutes and in reviews."""
    rows = []
    for size in sorted({one.incident.size for one in caught}):
        name = f"+{size * 100:.0f} points" if kind == "negative_share" else f"{size:g} times"
        row = [name]
        for low, high in SIZES:
            its = [
                one
                for one in caught
                if one.incident.size == size and low <= world.reviews_a_day[one.incident.brand] < high
            ]
            row.append(_cell(its))
        rows.append(row)
    return markdown_table(("incident", *(f"{low:,} to {high:,} reviews a day" for low, high in SIZES)), rows)


def _cell(its: Sequence[Caught]) -> str:
    delays = sorted((one.minutes, one.reviews) for one in its if one.minutes is not None)
    if not its or not delays:
        return f"0 of {len(its)}"
    minutes = delays[len(delays) // 2][0]
    reviews = sorted(reviews for _, reviews in delays)[len(delays) // 2]
    return f"{len(delays) / len(its):.0%} of {len(its)}: {minutes} min, {reviews} reviews"


def _fine(fine: Mapping[int, Mapping[Kind, Score]]) -> str:
    rows = [
        (
            *(kind.replace("_", " "), str(minutes), str(found[kind].false_alerts)),
            *(f"{found[kind].detection_rate:.0%}", f"{found[kind].median_minutes:.0f}"),
        )
        for kind in KINDS
        for minutes, found in fine.items()
    ]
    head = ("kind", "minutes between looks", "false alerts", "caught", "median delay, minutes")
    return markdown_table(head, rows)
