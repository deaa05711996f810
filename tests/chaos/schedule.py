"""Every fault, in the order in which they strike."""

from tests.chaos.faults import Disturb, Fault, FillDisk, Freeze, Grow, Kill, KillNodes, Restart, Roll, Turn

FAULTS: tuple[Fault, ...] = (
    Kill("kill -9 of a score worker", ("score-0",)),
    Kill("kill -9 of both score workers", ("score-0", "score-1")),
    Kill("kill -9 of a brands worker", ("brands-0",)),
    Kill("kill -9 of both brands workers", ("brands-0", "brands-1")),
    Kill("kill -9 of both history workers", ("history-0", "history-1")),
    Kill("kill -9 of both web workers", ("web-0", "web-1")),
    Restart("SIGTERM of one worker of each role", ("score-1", "brands-1", "history-1", "web-1")),
    Freeze("score, brands and history workers frozen for 12 s", ("score-1", "brands-1", "history-1")),
    KillNodes("kill -9 of a broker, back after 8 s", followers=1),
    KillNodes("kill -9 of two of three brokers, back after 8 s", followers=2),
    KillNodes("kill -9 of the active controller, back after 8 s", leader=True),
    Disturb("network of a score worker silent for 12 s", "score-0", "silent"),
    Disturb("network of a brands worker cut for 12 s", "brands-0", "cut"),
    Disturb("network of a score worker slow for 12 s", "score-0", "slow"),
    Disturb("network of a brands worker slow for 12 s", "brands-0", "slow"),
    FillDisk("disk of a brands worker full for 12 s"),
    Turn("producers' clocks an hour ahead, then an hour behind", ("ahead", "behind")),
    Turn("a quarter of the reviews malformed, 250 in a row", ("poison",)),
    Grow("`reviews` grows from 4 to 8 partitions"),
    Roll("rolling restart of score with another bundle"),
)
_BOUNDED = (
    "kill -9 of a score worker",
    "kill -9 of both brands workers",
    "kill -9 of a broker, back after 8 s",
    "network of a score worker silent for 12 s",
    "a quarter of the reviews malformed, 250 in a row",
    "`reviews` grows from 4 to 8 partitions",
)
BOUNDED_FAULTS = tuple(fault for fault in FAULTS if fault.name in _BOUNDED)
"""What `make test` has time for."""
