"""From the best weights to a finished model: names tied, calibrated, operating point chosen, report."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from training.batches import Encoded
from training.calibration import fit_calibration
from training.checkpoint import save_model
from training.config import TrainingConfig
from training.evaluate import Evaluation, evaluate, softmax
from training.loop import predict
from training.model import SentimentModel
from training.operating import choose_label_weights
from training.texts.names import BRANDS
from training.tying import tie_names


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The splits that nothing was trained on, and where everything came from."""

    validation: Encoded
    test: Encoded
    data_files: Sequence[Path]
    data_sha256: str
    train_rows: int
    teacher: str  # where soft labels came from; empty: there were none
    left_out: Sequence[str]


def finish(
    run_dir: Path, model: SentimentModel, tokenizer: Tokenizer, data: HeldOut, config: TrainingConfig
) -> Evaluation:
    """Tie names, fold the calibration's bias into the model, choose label weights, save model and report.

    All is fitted on the validation split; the test split is only scored. Returns the scores on the
    validation split.
    """
    device, labels = next(model.parameters()).device, data.validation.labels
    tied = tie_names(model, tokenizer) if config.swap_names else 0
    uncalibrated = predict(model, data.validation, device)
    calibration = fit_calibration(uncalibrated, labels)
    with torch.no_grad():
        model.classifier.bias.add_(torch.from_numpy(calibration.bias).to(model.classifier.bias))
    logits, temperature = uncalibrated + calibration.bias, calibration.temperature
    point = choose_label_weights(softmax(logits / temperature), labels, config.accuracy_floor)
    validation = evaluate(logits, labels, temperature, point.label_weights)
    test_logits = predict(model, data.test, device)
    report = {
        "temperature": temperature,
        "label_weights": point.label_weights,
        "brand_word": BRANDS[0] if tied else "",
        "validation": asdict(validation),
        "test": asdict(evaluate(test_logits, data.test.labels, temperature, point.label_weights)),
        "provenance": {**_provenance(data, config), "names_tied": tied},
    }
    save_model(run_dir, model, report, data.validation)
    return validation


def _provenance(data: HeldOut, config: TrainingConfig) -> dict[str, Any]:
    return {
        "data": ", ".join(file.name for file in data.data_files),
        "data_sha256": data.data_sha256,
        "rows": {
            "train": data.train_rows,
            "validation": len(data.validation.labels),
            "test": len(data.test.labels),
        },
        "teacher": data.teacher,
        "left_out": list(data.left_out),
        "torch": torch.__version__,
        "config": asdict(config),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
