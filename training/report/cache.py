"""Forecasts of slow baselines, kept beside the report: a second evaluation of the same rows is quick."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.report.forecasts import Baseline, Forecast, Task, Unavailable


def cached_forecast(
    directory: Path, of: Sequence[str], baseline: Baseline, task: Task
) -> Forecast | Unavailable:
    """The forecast of `baseline`, kept in `directory` under all of `of`: digests, splits, seed.

    What cannot be read there is made again.
    """
    if not baseline.cached:
        return baseline.forecast(task)
    key = hashlib.sha256(json.dumps([baseline.name, baseline.version, *of]).encode()).hexdigest()[:16]
    file = directory / f"{baseline.name}-{key}.npz"
    kept = _read(file)
    if kept is not None:
        return kept
    made = baseline.forecast(task)
    if isinstance(made, Forecast):
        _write(file, made)
    return made


def _read(file: Path) -> Forecast | None:
    try:
        with file.open("rb") as content, np.load(content, allow_pickle=False) as kept:
            negative, neutral, positive = kept["own_weights"].tolist()
            return Forecast(
                kept["validation"],
                kept["scored"],
                (negative, neutral, positive),
                bool(kept["probabilistic"]),
                str(kept["note"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _write(file: Path, forecast: Forecast) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    with beside.open("wb") as out:
        np.savez_compressed(
            out,
            validation=forecast.validation,
            scored=forecast.scored,
            own_weights=np.array(forecast.own_weights),
            probabilistic=forecast.probabilistic,
            note=forecast.note,
        )
    beside.replace(file)
