"""What a person sees while training: an estimate at the start, progress bars with the time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from training.evaluate import Evaluation
from training.loop import Observers, Progress

_REDRAWS_A_SECOND = 2
_ESTIMATE_STEPS = 60  # after which the time can be told
_LINES = 20  # for the whole training, where the output is no terminal


def make_bars() -> Bars:
    """Bars with counts, the time taken and the time left; to be entered as a context."""
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        refresh_per_second=_REDRAWS_A_SECOND,
    )


@contextmanager
def bars(clock: Callable[[], float]) -> Iterator[Observers]:
    """Observers that draw on the terminal, one bar for each slow step; epochs end in a printed line.

    `clock` tells seconds, for the estimate at the start. Into a file they print twenty lines a run.
    """
    with make_bars() as drawn:
        tasks: dict[str, TaskID] = {}

        def task_of(name: str, total: int) -> TaskID:
            if name not in tasks:
                tasks[name] = drawn.add_task(name, total=total)
            return tasks[name]

        def encoding(split: str, rows: int, of: int) -> None:
            drawn.advance(task_of(f"encoding {split}", of), rows)

        begun: list[tuple[int, float]] = []  # steps done and the time when the first step was over

        def training(progress: Progress) -> None:
            done, total = progress.steps_done, progress.steps_total
            task = task_of("training", total)
            description = f"training, epoch {progress.epoch + 1}, loss {progress.loss:.3f}"
            drawn.update(task, completed=done, total=total, description=description)
            if not begun:
                begun.append((done, clock()))
            if done == begun[0][0] + _ESTIMATE_STEPS:
                minutes = (clock() - begun[0][1]) / _ESTIMATE_STEPS * (total - done) / 60
                drawn.print(f"training takes about {minutes:.0f} minutes, less if it stops improving")
            if progress.evaluation:
                drawn.print(f"epoch {progress.epoch + 1}: {_summary(progress.evaluation)}")
            elif not drawn.console.is_terminal and done * _LINES // total > (done - 1) * _LINES // total:
                drawn.print(f"{description}, {done} of {total} steps")

        yield Observers(encoding, training)


def _summary(evaluation: Evaluation) -> str:
    return (
        f"validation accuracy {evaluation.accuracy:.4f}, macro-F1 {evaluation.macro_f1:.4f}, "
        f"neutral F1 {evaluation.f1['neutral']:.4f}, NLL {evaluation.nll:.4f}"
    )
