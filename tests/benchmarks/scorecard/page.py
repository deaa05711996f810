"""docs/scorecard.md: from results to text."""

import math
import os
from collections.abc import Iterable, Sequence

from tests.benchmarks.scorecard.contestants import ONE_PROCESS, OURS
from tests.benchmarks.scorecard.load import SHARES, Delays
from tests.benchmarks.scorecard.results import Card, Results
from tests.benchmarks.table import Row, at_least, at_most, machine_table, markdown_table, results_table

TUNED = "confluent"
AS_DOCUMENTED_TIMES, TUNED_TIMES, BARE_SHARE, P99_MS = 3.0, 1.3, 0.95, 500.0
CORES = os.cpu_count() or 1

METHOD = """\
Everyone reads the same topic of 8 partitions on the same broker, which shares the cores with whoever is
measured, and publishes to a topic of 8 partitions. All but the last score with the same bundle, the same
ONNX file in int8 and the same tokenizer, ONNX Runtime on as many threads as there are cores; the last with
a transformer of the size of MiniLM-L6 (6 layers, 384 wide, int8 by dynamic quantization, random weights),
which tells what accuracy would cost. The peers parse JSON, score, and publish id, brand, label and scores;
brandpulse also validates, hides the brand, adds fingerprints and CloudEvents headers, and keeps dead
letters.

Each peer is one file of [tests/benchmarks/peers](../tests/benchmarks/peers), written as its documentation
recommends, in an environment of its own with pinned versions; `model.py` and `command.py` there are what
all of them need besides, and count as lines, without blanks, comments and docstrings. The one tuned by hand
is what an experienced engineer makes of an afternoon. Quix Streams scores review by review, because its
windows make batches only for each key; PyFlink scores in a vectorized function on a cluster within the
process, of parallelism 1; Bytewax scores what its source delivers at once.

- **Rate, CPU, memory:** {rounds} rounds in turn over a backlog that is longer than anyone gets; from 2 s
  after the first readable label, for 8 s. Median, and half of what lies between the slowest and the
  fastest. Labels are counted by the time at which the broker took them, and only if they became readable
  under `read_committed`. CPU and memory are those of all processes of the contestant, not of the broker;
  memory is the sum of the most that each process ever had resident.
- **Cost:** {cores} vCPUs at {price:.2f} € an hour, for as long as a million reviews take.
- **Bare model:** nothing but runs of the model on texts tokenised and packed by length beforehand, once a
  round.
- **Delay:** from the moment a review is sent until its label is read under `read_committed`, at 50 and 70 %
  of what the contestant carries while load and reader share its cores, for 9 s each.
- **kill -9:** all its processes at once, when 40 % of a backlog of about 10 s is labelled; started again at
  once. Counted by review id over everything readable. The time is that until the broker takes the first
  label after the kill. All have a session timeout of 6 s where they have sessions, so that nobody waits
  longer for a dead consumer.
- **Commits:** brandpulse each 150 ms, Quix Streams exactly once likewise (its default is 5 s, which is what
  its delays would be); the checkpoints of PyFlink and the snapshots of Bytewax each second.

Repeat it with `make scorecard`; `make scorecard PARTS=drain ONLY=brandpulse,confluent` measures some of
it."""


def page(results: Results, vcpu_hour_eur: float) -> str:
    """The whole page."""
    cards = list(results.cards.values())
    method = METHOD.format(
        rounds=max(len(card.rounds) for card in cards),
        cores=CORES,
        price=vcpu_hour_eur,
    )
    parts = [
        "# Scorecard",
        "brandpulse beside what people would use instead, in one run.",
        "Written by `make scorecard`; do not edit.",
        machine_table(results.facts),
        "## Results",
        summary(results, vcpu_hour_eur),
        "![Reviews a second, CPU seconds for a million, and delays of each](images/scorecard.png)",
        "## Method",
        method,
    ]
    return "\n\n".join(parts) + "\n"


def summary(results: Results, vcpu_hour_eur: float) -> str:
    """The tables, and what could not be measured."""
    cards = list(results.cards.values())
    parts = [_throughput(cards, vcpu_hour_eur), _delays(cards), _kills(cards)]
    targets = targets_of(results)
    if targets:
        parts.append(results_table(targets))
    parts += [f"Not measured of {card.title}: {fault}." for card in cards for fault in card.faults]
    return "\n\n".join(part for part in parts if part)


def targets_of(results: Results) -> list[Row]:
    """Ratios to the others of the same run."""
    ours = results.cards.get(OURS)
    if ours is None or not ours.rounds:
        return []
    others = {name: card for name, card in results.cards.items() if name not in (OURS, ONE_PROCESS)}
    rated = {name: card for name, card in others.items() if card.rounds}
    rows: list[Row] = []
    documented = [card for name, card in rated.items() if name != TUNED and not card.heavy]
    if documented:
        best = max(documented, key=lambda card: card.per_second)
        what = f"against the best as documented ({best.title})"
        rows.append(at_least(what, ours.per_second / best.per_second, AS_DOCUMENTED_TIMES, times))
    if TUNED in rated:
        ratio = ours.per_second / rated[TUNED].per_second
        rows.append(at_least("against the one tuned by hand", ratio, TUNED_TIMES, times))
    if results.bare_per_second:
        bare = sum(results.bare_per_second) / len(results.bare_per_second)
        what = f"end to end / bare model ({bare:,.0f}/s)"
        rows.append(at_least(what, ours.per_second / bare, BARE_SHARE, "{:.2f}".format))
    if ours.loaded:
        p99 = ours.loaded.delays[-1].p99_ms
        rows.append(at_most(f"p99 at {SHARES[-1]:.0%}".replace("%", " %"), p99, P99_MS, milliseconds))
    return rows


def euros_per_million(per_second: float, vcpu_hour_eur: float, vcpus: int = CORES) -> float:
    """For as many vCPUs as everyone has.

    >>> round(euros_per_million(10_000, 0.04, 2), 5)
    0.00222
    """
    return 1e6 / per_second / 3600 * vcpus * vcpu_hour_eur


def times(number: float) -> str:
    """As 3.1 ×."""
    return f"{number:.1f} ×"


def milliseconds(number: float) -> str:
    """As 1,200 ms; nothing came: as `never`."""
    return f"{number:,.0f} ms" if math.isfinite(number) else "never"


def _throughput(cards: Iterable[Card], vcpu_hour_eur: float) -> str:
    rows = [
        (
            card.title,
            card.guarantee,
            f"{card.per_second:,.0f} (±{card.spread / 2:.0%})".replace("%", " %"),
            f"{card.median(lambda one: one.cpu_seconds_per_million):,.0f}",
            f"{euros_per_million(card.per_second, vcpu_hour_eur):.4f}",
            f"{card.median(lambda one: one.peak_mib):,.0f}",
            f"{card.median(lambda one: one.first_label_seconds):.1f}",
            str(card.lines),
        )
        for card in cards
        if card.rounds
    ]
    head = ("", "labels", "reviews/s", "CPU s a million", "€ a million", "MiB", "s to first label", "lines")
    return markdown_table(head, rows) if rows else ""


def _delays(cards: Iterable[Card]) -> str:
    rows = [
        (card.title, f"{card.loaded.capacity_per_second:,.0f}", *_three(card.loaded.delays))
        for card in cards
        if card.loaded
    ]
    head = ["", "carries, reviews/s"] + [
        f"{name} at {share:.0%}".replace("%", " %") for share in SHARES for name in ("p50", "p99", "p99.9")
    ]
    return markdown_table(head, rows) if rows else ""


def _three(delays: Sequence[Delays]) -> list[str]:
    return [milliseconds(ms) for one in delays for ms in (one.p50_ms, one.p99_ms, one.p999_ms)]


def _kills(cards: Iterable[Card]) -> str:
    rows = []
    for card in cards:
        if (kill := card.kill) is None:
            continue
        again = "never" if kill.again_seconds is None else f"{kill.again_seconds:.1f} s"
        same = "" if kill.same_labels is None else f"{kill.same_labels:.2%}".replace("%", " %")
        counts = [f"{count:,}" for count in (kill.reviews, kill.lost, kill.doubled)]
        rows.append((card.title, *counts, again, same))
    head = ("kill -9", "reviews", "lost", "doubled", "labels again after", "labels as ours")
    return markdown_table(head, rows) if rows else ""
