"""docs/batching.md: what fixed and learned batches carry at equal p99. From values to text; pure."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log

from tests.benchmarks.batcher_day import Day
from tests.benchmarks.table import machine_table, markdown_table

LEARNED = "learned"
WANTED = 1.3
Days = Mapping[str, Sequence[Day]]
"""By what cut the batches, in the order of growing peaks."""

METHOD = """\
# Batches and the promise of latency

Written by `python -m tests.benchmarks.batcher`; do not edit.

`score` collects reviews for a pass while all threads are busy, and cuts it when one is free: at the latest
5 ms after the first review, at most `BATCH_ROWS` of them. So a pass is as large as the load makes it, not as
a setting says: small and quick when there is little to do, large and cheap when there is much; and
transactions grow in the same way. What remains to be chosen is the upper limit.

The rival chooses for each pass how long to wait and when it is large enough. It learns what a pass costs on
this machine (a + b x rows + c x bytes of text; least squares with forgetting, non-negative, robust against
stalls), holds a pass back for as long as its oldest review still comes in time, and cuts it when what is
fixed of its cost is a twentieth. It takes part only in this benchmark (`tests/benchmarks/batcher_cost.py`).

A day of {seconds:.0f} seconds goes to a worker over the embedded broker: six hours idle, a ramp, a plateau
at 60 %, a spike of three hours, a drain. Each day is busier than the last, the workers take turns, all else
is as shipped, and load and reader share the cores. A worker carries a peak when 99 % of the day's labels
are readable within {target:.0f} ms; a day that it does not carry is played once more, and the better of
the two counts, because neighbours on the machine disturb single days. Between the last day that it carried
and the first that it did not, the peak is interpolated."""


COSTS = """\
What a review costs in one thread and without Kafka, by the size of its pass: all that a choice of the size
can gain."""


def page(
    facts: Sequence[tuple[str, str]],
    days: Days,
    costs: Mapping[int, float],
    target_ms: float,
    day_seconds: float,
) -> str:
    """The whole page; `costs` are microseconds a review by rows of a pass."""
    parts = [
        METHOD.format(seconds=day_seconds, target=target_ms),
        "![p99 against the peak, and over a day](images/batching.png)",
        table(days, target_ms),
        verdict(days, target_ms),
        "A day by its peak: p50, p99, share of the labels that missed the target.",
        _days_table(days),
        COSTS,
        costs_table(costs),
        machine_table(facts),
    ]
    return "\n\n".join(parts) + "\n"


def carried(days: Sequence[Day], target_ms: float) -> float | None:
    """The largest peak at which p99 is within the target; None: not even the first.

    Interpolated on the logarithm of p99; the last peak where all were carried.
    """
    if days[0].p99_ms > target_ms:
        return None
    for good, bad in pairwise(days):
        if bad.p99_ms > target_ms:
            share = log(target_ms / good.p99_ms) / log(bad.p99_ms / good.p99_ms)
            return good.peak_per_second + share * (bad.peak_per_second - good.peak_per_second)
    return days[-1].peak_per_second


def table(days: Days, target_ms: float) -> str:
    """What each carried."""
    rows = [(name, _shown(its, target_ms)) for name, its in days.items()]
    return markdown_table(("batches", f"largest peak with p99 ≤ {target_ms:.0f} ms"), rows)


def costs_table(costs: Mapping[int, float]) -> str:
    """Each size beside the cheapest."""
    least = min(costs.values())
    rows = [(f"{rows:,}", f"{spent:.0f} µs", f"{spent / least:.2f}") for rows, spent in costs.items()]
    return markdown_table(("reviews in a pass", "a review", "times the cheapest"), rows)


def verdict(days: Days, target_ms: float) -> str:
    """Which is to ship."""
    peaks = {name: carried(its, target_ms) for name, its in days.items()}
    learned = peaks.pop(LEARNED)
    fixed = {name: peak for name, peak in peaks.items() if peak}
    if not fixed or not learned:
        return "Not every kind of batch carried its first day: nothing can be said of this run."
    best = max(fixed, key=lambda name: fixed[name])
    ratio = learned / fixed[best]
    if ratio >= WANTED:
        return f"**The learned one wins**: {ratio:.2f} times what {best} carries (wanted: {WANTED})."
    return (
        f"**The learned one does not win**: it carries {ratio:.2f} times what {best} carries, and {WANTED} "
        "was wanted. The fixed limit ships. `LATENCY_TARGET_MS` only says from when on a label is counted as "
        "late."
    )


def _shown(days: Sequence[Day], target_ms: float) -> str:
    peak = carried(days, target_ms)
    if peak is None:
        return f"< {days[0].peak_per_second:,.0f}/s"
    return ("≥ " if days[-1].p99_ms <= target_ms else "") + f"{peak:,.0f}/s"


def _days_table(days: Days) -> str:
    peaks = sorted({day.peak_per_second for its in days.values() for day in its})
    rows = []
    for name, its in days.items():
        by_peak = {day.peak_per_second: day for day in its}
        rows.append((name, *(_cell(by_peak.get(peak)) for peak in peaks)))
    return markdown_table(("batches", *(f"{peak:,.0f}/s" for peak in peaks)), rows)


def _cell(day: Day | None) -> str:
    return f"{day.p50_ms:.0f}, {day.p99_ms:.0f} ms, {day.late:.1%}" if day else ""
