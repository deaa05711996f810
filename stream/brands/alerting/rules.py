"""What makes an alert: the least that counts, how much chance is let through, when it is over.

`LOOKS` and the defaults were chosen by simulation, see docs/alerts.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from stream.brands.cells import HOUR_MS
from stream.events import WindowName

Kind = Literal["negative_share", "volume"]
Severity = Literal["notice", "warning", "critical"]
KINDS: tuple[Kind, ...] = ("negative_share", "volume")
SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "critical")

LOOKS: Mapping[Kind, Mapping[WindowName, float]] = {
    "negative_share": {"5m": 300, "1h": 120, "24h": 75},
    "volume": {"1h": 750, "24h": 200},
}
"""By window tested: a chance at one look times this bounds the chance that a day of looks brings it."""

LEAST_BASELINE_DAYS = 3
LEAST_BASELINE_REVIEWS = 20
LEAST_REMAINING_DAYS = 1
"""With less left of the days before an alert was opened, what it saw is the new normal, and it closes."""
GROWTH = 1.5
"""An update is published once the excess is that many times the last published one."""
CALM_MS = HOUR_MS
"""For so long an effect must stay below half of the least one before its alert is closed."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds of opening."""

    least_reviews: int = 10
    """In a window whose negative share is judged."""
    least_rise: float = 0.1
    """Of the negative share above its baseline, as a difference of shares."""
    least_volume: int = 20
    """Reviews in a window whose volume is judged."""
    least_ratio: float = 2.0
    """Of the volume to its baseline."""
    false_discovery_rate: float = 0.05
    """Over all brands held, for a day of looks."""
    most_chance: float = 0.0002
    """For one brand and kind, for a day of looks: where few brands are held, the rate above is lenient."""


def severity(kind: Kind, effect: float, q_value: float) -> Severity:
    """By effect (rise of the share, ratio of the volume) and certainty.

    >>> severity("negative_share", effect=0.35, q_value=1e-6)
    'critical'
    """
    critical, warning = (0.3, 0.2) if kind == "negative_share" else (8.0, 4.0)
    if effect >= critical and q_value <= 0.001:
        return "critical"
    if effect >= warning and q_value <= 0.01:
        return "warning"
    return "notice"
