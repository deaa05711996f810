"""Who takes part: ours as shipped, and what people would use instead."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.scorecard.lines import lines_of

ROOT = Path(__file__).resolve().parents[3]
PEERS = Path(__file__).resolve().parents[1] / "peers"
ALL_USE = ("model.py", "command.py")
OURS, ONE_PROCESS = "brandpulse", "brandpulse-one"
"""A process on each core, and the default; who is compared is the former."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program that labels reviews from topic to topic."""

    name: str
    title: str
    guarantee: str
    """What its documentation promises of labels: `at least once` or `exactly once`."""
    module: str = ""
    """In tests/benchmarks/peers; empty: ours."""
    arguments: Sequence[str] = ()
    environment: str = ".venv-peers"
    heavy: bool = False
    """Scores with the transformer."""

    @property
    def python(self) -> Path:
        """The interpreter that has its packages."""
        return ROOT / self.environment / "bin" / "python"

    @property
    def installed(self) -> bool:
        """Whether its environment was made whole (see the Makefile)."""
        return not self.module or (ROOT / self.environment / "installed").exists()

    @property
    def lines(self) -> int:
        """What a user writes: of ours nothing."""
        files = (f"{self.module}.py", *ALL_USE) if self.module else ()
        return sum(lines_of((PEERS / file).read_text(encoding="utf-8")) for file in files)


AT_LEAST, EXACTLY = "at least once", "exactly once"
CONTESTANTS: Mapping[str, Contestant] = {
    each.name: each
    for each in (
        Contestant(OURS, "brandpulse, `--processes 0`", EXACTLY, "", ("--processes", "0"), ".venv"),
        Contestant(ONE_PROCESS, "brandpulse, one process", EXACTLY, environment=".venv"),
        Contestant("aiokafka", "plain aiokafka loop", AT_LEAST, "plain_aiokafka"),
        Contestant("confluent", "confluent-kafka, tuned by hand", AT_LEAST, "tuned_confluent"),
        Contestant("quix", "Quix Streams", AT_LEAST, "quix"),
        Contestant("quix-eos", "Quix Streams, exactly once", EXACTLY, "quix", ("--exactly-once",)),
        Contestant("faust", "Faust with `take`", AT_LEAST, "stock_faust"),
        # Its function gets what all 8 partitions delivered at once.
        Contestant("bytewax", "Bytewax", AT_LEAST, "bytewax_flow", ("--batch", "125")),
        Contestant("flink", "PyFlink", EXACTLY, "flink_table", environment=".venv-peers-flink"),
        Contestant(
            "transformer",
            "aiokafka loop, MiniLM-size model",
            AT_LEAST,
            "plain_aiokafka",
            ("--batch", "32"),
            heavy=True,
        ),
    )
}


def clean_environment() -> dict[str, str]:
    """This process's, without settings of ours, able to import the peers."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BRANDPULSE_")}
    return clean | {"PYTHONPATH": str(ROOT), "TOKENIZERS_PARALLELISM": "true"}
