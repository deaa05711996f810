"""The audit of a whole run: the topics, the tables, the offsets, and whether the faults did strike."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from tests.batch_recomputation import NAMES
from tests.chaos.audit import Audit, count_records
from tests.chaos.brand_audit import BrandAudit, Hours
from tests.chaos.cluster import admin, committed, reader
from tests.chaos.ledger import Findings
from tests.chaos.load import TEXTS, Load
from tests.chaos.scene import Scene
from tests.chaos.stored import stored_rows
from tests.chaos.storm import Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found wrong, and how much was looked at."""

    findings: Findings
    counts: Mapping[str, int]

    def assert_exact(self) -> None:
        """Raises AssertionError unless all is exact."""
        assert not self.findings.counts, str(self.findings)

    def assert_telling(self, *more: str) -> None:
        """Raises AssertionError unless enough happened to make that worth something, `more` as well.

        Whether a kill meets a transaction in the middle is chance: `aborted` can be asked of many kills only.
        """
        for kind in ("ahead", "dead letters", "corrections", "alert events", "rows of hours", *more):
            assert self.counts[kind] > 0, f"no {kind}: this run proved little"


async def judge(scene: Scene, load: Load, outcome: Outcome) -> Verdict:
    """Audit what a storm left behind; all workers have ended."""
    bootstrap, topics = scene.broker.bootstrap, scene.topics
    async with reader(bootstrap) as source, admin(bootstrap) as client:
        audit = Audit(source, topics, load, outcome.ends)
        await audit.run()
        scored = await committed(client, topics("brandpulse-score"), topics("reviews"))
        folded = await committed(client, topics("brandpulse-brands"), topics("review-sentiment"))
    findings = audit.findings
    findings.expect("committed", "reviews", scored, outcome.ends)
    findings.expect("committed", "review-sentiment", folded, audit.label_ends)
    _compare_tables(scene, audit.brands)
    _compare_shown(outcome, audit.brands)
    logs = scene.logs()
    for text in TEXTS:
        findings.expect("leaked", "a review's text in a log", text in logs, False)
    counts = audit.counts + Counter(
        {
            "corrections": audit.brands.corrections,
            "alerts": len(audit.brands.alert_events),
            "alert events": audit.brands.told,
            "rows of hours": sum(map(len, audit.brands.hours.values())),
            "aborted": await _written(scene) - audit.ledger.outcomes,
        }
    )
    return Verdict(findings, counts)


def _compare_shown(outcome: Outcome, audit: BrandAudit) -> None:
    """Every copy of the view shows each brand as it was told of last."""
    for worker, pages in outcome.shown.items():
        audit.findings.expect("brands shown", worker, set(pages), set(audit.told_of))
        for key in pages.keys() & audit.told_of.keys():
            told = audit.told_of[key]
            audit.findings.expect(
                "shown", f"{worker} {key}", {part: pages[key].get(part) for part in told}, told
            )


async def _written(scene: Scene) -> int:
    """Labels and dead letters, those of aborted transactions among them."""
    topics = scene.topics
    async with reader(scene.broker.bootstrap, "read_uncommitted") as everything:
        counted = [
            await count_records(everything, topics(name), topics.partitions)
            for name in ("review-sentiment", "reviews-dlq")
        ]
    return sum(counted)


def _compare_tables(scene: Scene, audit: BrandAudit) -> None:
    """The rows of SQL are the last states of the topics, which were compared with the batch."""
    hours: defaultdict[str, Hours] = defaultdict(dict)
    for row in stored_rows(scene.database_url, "brand_hours"):
        numbers = [row[name + part] for part in ("", "_sum") for name in NAMES]
        hours[row["brand_key"]][row["hour"]] = (*numbers, row["late"], *orjson.loads(row["bins"]))
    for key in hours.keys() | audit.hours.keys():
        audit.findings.expect("rows of hours", key, hours.get(key), audit.hours.get(key))
    alerts = {row["alert_id"]: row["event"] for row in stored_rows(scene.database_url, "brand_alerts")}
    for name in alerts.keys() | audit.alert_events.keys():
        audit.findings.expect("rows of alerts", name, alerts.get(name), audit.alert_events.get(name))
