"""From trained weights to a finished model: operating point, temperature, report."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from training.batches import Encoded
from training.checkpoint import save_model
from training.config import TrainingConfig
from training.evaluate import Evaluation, Floats, adjust_logits, evaluate, fit_temperature
from training.loop import predict
from training.model import SentimentModel


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The splits that nothing was trained on, the train split's log prior [3], and where all came from."""

    validation: Encoded
    test: Encoded
    log_prior: Floats
    data_files: Sequence[Path]
    data_sha256: str
    train_rows: int


def finish(
    run_dir: Path, model: SentimentModel, data: HeldOut, config: TrainingConfig, tau: float
) -> Evaluation:
    """Fold the logit adjustment into the bias, fit the temperature, save model and report.

    Both are chosen on the validation split; the test split is only scored. Returns the scores on the
    validation split.
    """
    device = next(model.parameters()).device
    plain = predict(model, data.validation, device)
    adjusted = adjust_logits(plain, data.log_prior, tau)
    temperature = fit_temperature(adjusted, data.validation.labels)
    with torch.no_grad():
        model.classifier.bias.sub_(torch.from_numpy(tau * data.log_prior).to(model.classifier.bias))
    validation = evaluate(adjusted, data.validation.labels, temperature)
    test = evaluate(predict(model, data.test, device), data.test.labels, temperature)
    report = {
        "temperature": temperature,
        "prior_tau": tau,
        "validation": asdict(validation),
        "test": asdict(test),
        "provenance": _provenance(data, config),
    }
    save_model(run_dir, model, report, data.validation)
    return validation


def sweep(model: SentimentModel, data: HeldOut, taus: list[float]) -> list[tuple[float, Evaluation]]:
    """Validation scores of each strength of the logit adjustment, to choose one."""
    labels = data.validation.labels
    plain = predict(model, data.validation, next(model.parameters()).device)
    scores = []
    for tau in taus:
        logits = adjust_logits(plain, data.log_prior, tau)
        scores.append((tau, evaluate(logits, labels, fit_temperature(logits, labels))))
    return scores


def _provenance(data: HeldOut, config: TrainingConfig) -> dict[str, Any]:
    return {
        "data": [file.name for file in data.data_files],
        "data_sha256": data.data_sha256,
        "rows": {
            "train": data.train_rows,
            "validation": len(data.validation.labels),
            "test": len(data.test.labels),
        },
        "torch": torch.__version__,
        "config": asdict(config),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
