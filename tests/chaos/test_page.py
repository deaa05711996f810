"""The page says what was counted, and does not hide what is wrong."""

from collections import Counter

from tests.chaos.ledger import Findings
from tests.chaos.page import page
from tests.chaos.storm import Episode, Outcome
from tests.chaos.verdict import Verdict

EPISODES = [
    Episode("kill -9", 1.23, 4.56, 7.89, first={0: 0}, last={0: 1_000}),
    Episode("flood", 0.5, 0.5, 8.0, first={0: 1_000}, last={0: 3_000}),
]
OUTCOME = Outcome(EPISODES, ends={0: 3_500}, seconds=60.0, shown={})
COUNTS = Counter({"labels": 3_400, "dead letters": 100})


def test_every_fault_has_a_row_and_every_count_its_place() -> None:
    text = page([("date", "today")], OUTCOME, Verdict(Findings(), COUNTS))
    assert "| kill -9 | 1.2 s | 4.6 s | 7.9 s | 1,000 | 0 | 0 | 0 |" in text
    assert "| flood | 0.5 s | 0.5 s | 8.0 s | 2,000 | 0 | 0 | 0 |" in text
    assert "| reviews | 3,500 |" in text
    assert "| dead letters | 100 |" in text
    assert "| anything else that is not as computed | 0 |" in text
    assert "| date | today |" in text


def test_what_is_wrong_stands_beside_its_fault() -> None:
    findings = Findings()
    for offset in (10, 1_000, 2_999, 3_400):
        findings.add("lost", "an example", (0, offset))
    findings.add("windows", "an example")
    text = page([], OUTCOME, Verdict(findings, COUNTS))
    assert "| 1,000 | 1 | 0 | 0 |" in text
    assert "| 2,000 | 2 | 0 | 0 |" in text
    assert "| reviews lost | 4 |" in text
    assert "| anything else that is not as computed | 1 |" in text
