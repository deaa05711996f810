"""Where torch computes: one name and a number of threads become a device that is there."""

import torch

from training.errors import TrainingError


def open_device(name: str, threads: int) -> torch.device:
    """The device `name`, or the fastest where it is `auto`; `threads` of the CPU, 0 for torch's choice.

    Raises:
        TrainingError: there is no such device here.
    """
    if threads:
        torch.set_num_threads(threads)
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"device {name!r} is not available here: {error}") from error
    return torch.device(name)
