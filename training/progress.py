"""What a person sees while training: progress bars with the time left, and tables of scores."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table

from training.evaluate import Evaluation
from training.loop import Progress
from training.session import Observers

_REDRAWS_A_SECOND = 2


@contextmanager
def bars() -> Iterator[Observers]:
    """Observers that draw on the terminal, one bar for each slow step; epochs end in a printed line."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, refresh_per_second=_REDRAWS_A_SECOND) as drawn:
        tasks: dict[str, TaskID] = {}

        def task_of(name: str, total: int) -> TaskID:
            if name not in tasks:
                tasks[name] = drawn.add_task(name, total=total)
            return tasks[name]

        def encoding(split: str, rows: int, of: int) -> None:
            drawn.advance(task_of(f"encoding {split}", of), rows)

        def training(progress: Progress) -> None:
            task = task_of("training", progress.steps_total)
            description = f"training, epoch {progress.epoch + 1}, loss {progress.loss:.3f}"
            drawn.update(task, completed=progress.steps_done, description=description)
            if progress.evaluation:
                drawn.print(f"epoch {progress.epoch + 1}: {_summary(progress.evaluation)}")

        yield Observers(encoding, training)


def table(scores: list[tuple[float, Evaluation]]) -> None:
    """Print validation scores by strength of the logit adjustment."""
    drawn = Table("tau", "accuracy", "macro-F1", "negative F1", "neutral F1", "positive F1", "ECE")
    for tau, evaluation in scores:
        numbers = (evaluation.accuracy, evaluation.macro_f1, *evaluation.f1.values(), evaluation.ece)
        drawn.add_row(f"{tau:.2f}", *(f"{number:.4f}" for number in numbers))
    Console().print(drawn)


def _summary(evaluation: Evaluation) -> str:
    return (
        f"validation accuracy {evaluation.accuracy:.4f}, macro-F1 {evaluation.macro_f1:.4f}, "
        f"neutral F1 {evaluation.f1['neutral']:.4f}, NLL {evaluation.nll:.4f}"
    )
