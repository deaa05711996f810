"""How fast models are beside each other, as a worker runs them: two runs at once, a thread each."""

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from export.parity import Inputs, Logits, Run

THREADS = 2
_PASSES = 4
_LEAST_SECONDS = 1e-9

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Timed:
    """A model and the batches that it is timed on."""

    run: Run
    batches: Sequence[Inputs]

    def answer(self, batch: Inputs) -> Logits:
        """Logits of one batch."""
        return self.run(batch.token_ids, batch.lengths)


def reviews_per_second(
    models: Mapping[Name, Timed], *, clock: Callable[[], float] = time.process_time, passes: int = _PASSES
) -> dict[Name, float]:
    """Reviews a second on two threads by the name of each model, one thread to a run of it.

    The models take turns and the best pass of each counts. The clock is the process's CPU time, so that
    neighbours on the machine count little: the rates are those of two cores that do nothing else.
    """
    seconds: dict[Name, float] = {}
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(passes):
            for name, timed in models.items():
                started = clock()
                list(threads.map(timed.answer, timed.batches))
                spent = max(clock() - started, _LEAST_SECONDS)
                seconds[name] = min(spent, seconds.get(name, spent))
    return {name: _reviews(models[name]) * THREADS / spent for name, spent in seconds.items()}


def _reviews(timed: Timed) -> int:
    return sum(len(batch.lengths) for batch in timed.batches)
