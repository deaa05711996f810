"""What a person sees of an evaluation: what it is at, then a short table."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.table import Table

from training.report.blocks import plain
from training.report.comparison import Missing
from training.report.findings import Findings
from training.report.scores import LabelScores, ProbabilityScores

_CONSOLE = Console()


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done; each step leaves a line with its seconds."""
    started, step = monotonic(), ""
    with _CONSOLE.status("starting") as status:

        def say(next_step: str) -> None:
            nonlocal started, step
            if step:
                _CONSOLE.print(f"[dim]{monotonic() - started:6.1f} s[/dim]  {step}")
            started, step = monotonic(), next_step
            status.update(next_step)

        yield say
        say("")


def print_findings(findings: Findings, files: Sequence[Path]) -> None:
    """The scores, those of the baselines, and where the whole report lies."""
    ours = findings.labels
    table = Table("model", "accuracy", "macro-F1", "neutral F1", "ECE", "lead in macro-F1 at our accuracy")
    table.add_row(*_own("this model", ours, findings.probabilities), "", style="bold")
    for each in findings.baselines:
        if isinstance(each, Missing):
            table.add_row(f"{each.title}: {each.reason}")
        else:
            lead = plain(each.macro_f1_difference) + ("" if each.point.floor_reached else " †")
            table.add_row(*_own(each.title, each.own, each.probabilities), lead)
    _CONSOLE.print(f"{findings.origin.bundle}: {findings.origin.rows}")
    _CONSOLE.print(table)
    _CONSOLE.print(f"† reaches less than our accuracy. Report: {', '.join(map(str, files))}", soft_wrap=True)


def _own(title: str, labels: LabelScores, shares: ProbabilityScores | None) -> tuple[str, ...]:
    numbers = (labels.accuracy.value, labels.macro_f1.value, labels.f1[1].value)
    ece = plain(shares.ece.value if shares else None)
    return title, *(f"{number:.4f}" for number in numbers), ece
