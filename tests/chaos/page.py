"""docs/reliability.md: pure, from what happened to text."""

from collections.abc import Iterable

from tests.benchmarks.table import markdown_table
from tests.chaos.ledger import Findings
from tests.chaos.storm import Episode, Outcome
from tests.chaos.verdict import Verdict

_DONE = """\
Three real Kafka nodes (replication 3, min.insync.replicas 2, acks all) and two workers each of `score`,
`brands`, `history` and `web` share one machine with the load. Reviews flow without a pause, among them edits,
late ones, malformed ones, missing and future times. The faults below strike one after another: each while
a transaction is open that it can break, and each after the last one has healed. Workers that end are
started again, at most every 2 s, as an orchestrator does. One score and one brands worker reach the
cluster over TCP proxies of their own, which every node advertises to them. The state of one brands worker
lies on a small file system that shrinks until not a byte is left."""

_MEANING = """\
*No label*: the longest time in which a reader under `read_committed` saw no label at all. *One
partition*: the longest in which it saw none of the reviews of one partition of `reviews`, the worst of
them. *Well again*: from the strike, the length of the fault itself included, until every worker was ready
and had caught up. Lost, doubled and out of order are counted over the reviews fed in that time. What
bounds these times: the partitions of a killed worker wait for the session time-out
(`SESSION_TIMEOUT_SECONDS`, 6 s), those of a killed broker for a new leader (`broker.session.timeout.ms`,
6 s here), and a transaction that was left open holds back the labels behind it until its partition has a
new owner."""

_COUNTED = """\
After the last review everything is read back and compared with what a slow recomputation says: each
review has one label or one dead letter, with its own text's scores, id, times, trace and place; labels of
one partition lie in the order of its reviews; every brand's cells, windows, series, hours and corrections
equal a batch over all labels; each incident was told of as one alert, opened once, updated in order,
never two at a time, its numbers recounted from the labels it names; the rows of SQL, and what both copies
of the API show of every brand, equal the last states of the topics; the committed offsets are the ends of
the topics; no review's text is in a log."""


def page(facts: Iterable[tuple[str, str]], outcome: Outcome, verdict: Verdict) -> str:
    """The whole of the page."""
    parts = [
        "# Reliability",
        "Written by `make chaos`; do not edit.",
        "## What was done",
        _DONE,
        "## What became of it",
        _faults(outcome.episodes, verdict.findings),
        _MEANING,
        "## The ledger",
        _ledger(outcome, verdict),
        _COUNTED,
        "## How to repeat it",
        "`make chaos CHAOS_REVIEWS=1000000` does all of it and writes this page, `make test` a part of it. "
        "`python -m tests.chaos --only network` strikes with those faults alone.",
        markdown_table(("", ""), list(facts)),
    ]
    return "\n\n".join(parts) + "\n"


def _faults(episodes: Iterable[Episode], findings: Findings) -> str:
    rows = [
        (
            episode.name,
            f"{episode.without_labels_seconds:.1f} s",
            f"{episode.worst_partition_seconds:.1f} s",
            f"{episode.well_again_seconds:.1f} s",
            f"{episode.reviews:,}",
            *(str(findings.among(kind, episode.first, episode.last)) for kind in _KINDS),
        )
        for episode in episodes
    ]
    head = ("fault", "no label", "one partition", "well again", "reviews", "lost", "doubled", "out of order")
    return markdown_table(head, rows)


_KINDS = ("lost", "doubled", "disordered")


def _ledger(outcome: Outcome, verdict: Verdict) -> str:
    counts, wrong = verdict.counts, verdict.findings.counts
    verdict_of = {
        "reviews lost": wrong["lost"],
        "reviews doubled": wrong["doubled"],
        "labels out of order": wrong["disordered"],
        "anything else that is not as computed": sum(
            count for kind, count in wrong.items() if kind not in _KINDS
        ),
    }
    seen = {
        "reviews": outcome.reviews,
        "labels": counts["labels"],
        "of these by the other bundle": counts["other bundle"],
        "dead letters": counts["dead letters"],
        "outputs of aborted transactions, made again": counts["aborted"],
        "times in the future, replaced and flagged": counts["ahead"],
        "corrections": counts["corrections"],
        "alerts": counts["alerts"],
        "events of alerts": counts["alert events"],
        "rows of hours in SQL": counts["rows of hours"],
    }
    rows = [(name, f"{count:,}") for name, count in (seen | verdict_of).items()]
    rows.append(("duration", f"{outcome.seconds:.0f} s"))
    return markdown_table(("", "count"), rows)
