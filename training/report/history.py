"""The learning curve that a run wrote down: `history.json` in its directory."""

import json
from dataclasses import dataclass
from pathlib import Path

from training.errors import DataError
from training.history import HISTORY_FILE


@dataclass(frozen=True, slots=True)
class Step:
    """One entry: mean training loss since the last one, and scores on validation where it was scored."""

    epoch: float
    train_loss: float | None
    accuracy: float | None
    macro_f1: float | None
    nll: float | None


def read_history(run: Path | None) -> list[Step]:
    """The steps of `run`; none without a run, or where it wrote no history.

    Raises:
        DataError: the file is not as documented.
    """
    if run is None or not (run / HISTORY_FILE).exists():
        return []
    try:
        entries = json.loads((run / HISTORY_FILE).read_text(encoding="utf-8"))
        return [_step(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{run / HISTORY_FILE} is not a history of a run ({error!r}). Leave out --run, or train again"
        ) from error


def _step(entry: dict[str, object]) -> Step:
    validation = entry["validation"]
    scores = validation if isinstance(validation, dict) else {}
    return Step(
        _number(entry["epoch"]) or 0.0,
        _number(entry["train_loss"]),
        *(_number(scores.get(name)) for name in ("accuracy", "macro_f1", "nll")),
    )


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)
