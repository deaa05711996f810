"""What a person sees while a teacher is trained: three bars with the time left, or lines in a log file."""

from collections.abc import Iterator
from contextlib import contextmanager

from training.progress import make_bars
from training.teacher.session import TeachObservers

_LINES = 20  # for each slow step, where the output is no terminal


@contextmanager
def teaching_bars() -> Iterator[TeachObservers]:
    """Observers that draw on the terminal; into a file they print a line at each twentieth of a step."""
    with make_bars() as drawn:
        encoding, training, labelling = (
            drawn.add_task(name, total=None, visible=False) for name in ("encoding", "training", "labelling")
        )

        def line(text: str, done: int, before: int, total: int) -> None:
            if not drawn.console.is_terminal and done * _LINES // total > before * _LINES // total:
                drawn.print(f"{text}, {done} of {total}")

        def on_encoding(rows: int, of: int) -> None:
            drawn.update(encoding, total=of, advance=rows, visible=True)

        def on_training(steps_done: int, steps: int, loss: float) -> None:
            description = f"training, loss {loss:.3f}"
            drawn.update(training, completed=steps_done, total=steps, description=description, visible=True)
            line(description, steps_done, steps_done - 1, steps)

        def on_labelling(rows_done: int, of: int) -> None:
            before = int(drawn.tasks[labelling].completed)
            drawn.update(labelling, completed=rows_done, total=of, visible=True)
            line("labelling", rows_done, before, of)

        def on_estimate(seconds: float) -> None:
            drawn.print(f"training and labelling take about {seconds / 60:.0f} minutes more")

        yield TeachObservers(on_encoding, on_training, on_labelling, on_estimate)
