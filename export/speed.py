"""How fast models are beside each other, as a worker runs them: two runs at once, a thread each."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

from export.parity import Inputs, Run

THREADS = 2
_PASSES = 4


def reviews_per_second(
    runs: Mapping[str, Run],
    batches: Sequence[Inputs],
    *,
    clock: Callable[[], float] = time.process_time,
    passes: int = _PASSES,
) -> dict[str, float]:
    """Reviews a second on two threads by the name of each run, one thread to a run of the model.

    The runs take turns and the best pass of each counts. The clock is the process's CPU time, so that
    neighbours on the machine count little: the rates are those of two cores that do nothing else.
    """
    reviews = sum(len(batch.lengths) for batch in batches)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    with ThreadPoolExecutor(THREADS) as threads:
        for name, run in (turn for turns in repeat(runs.items(), passes) for turn in turns):
            started = clock()
            list(threads.map(lambda batch, run=run: run(batch.token_ids, batch.lengths), batches))  # type: ignore[misc]
            seconds[name].append(clock() - started)
    return {name: reviews * THREADS / max(min(spent), 1e-9) for name, spent in seconds.items()}
