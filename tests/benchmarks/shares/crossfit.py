"""Scores of every review by a model that never saw it: `python -m tests.benchmarks.shares.crossfit`.

The reviews are parted in three by their texts; for each part a model is trained on the two others by the
recipe of the shipped one, in four epochs. It takes half an hour. A run that is there is not repeated.
"""

import os
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from tests.benchmarks.shares.reviews import Bools, Ints, Reviews, Scored, read_reviews, scored
from training.batches import encode_reviews
from training.checkpoint import REPORT_FILE, load_model
from training.data import Reviews as LabelledReviews
from training.evaluate import softmax
from training.loop import predict
from training.operating import weighted_labels

FOLDS = 3
RUNS = Path("runs") / "crossfit"
SCORES_FILE = "shares.npz"
_ONE_IN_VALIDATION = 20


def main() -> None:
    """Train and score what is missing under runs/crossfit."""
    directory = os.environ.get("REVIEWS_DATA")
    if not directory:
        sys.exit("skipped: REVIEWS_DATA names no directory with reviews.parquet")
    reviews = read_reviews(Path(directory))
    folds = _numbers(reviews)[0]
    for fold in range(FOLDS):
        run_dir = RUNS / f"fold-{fold}"
        if not (run_dir / REPORT_FILE).exists():
            _train(Path(directory), reviews, fold, run_dir)
        score_by_run(reviews, np.flatnonzero(folds == fold), run_dir)


def score_by_run(reviews: Reviews, rows: Ints, run_dir: Path) -> None:
    """Write what the model of a run says of some rows beside it, unless that is there."""
    if (run_dir / SCORES_FILE).exists():
        return
    trained = load_model(run_dir)
    tokenizer, config = Tokenizer.from_file(str(trained.tokenizer_file)), trained.config
    labelled = LabelledReviews(
        ids=[str(row) for row in rows.tolist()],
        texts=reviews.masked(rows, trained.report["brand_word"]),
        labels=reviews.classes[rows],
        stars=reviews.stars[rows],
        sources=[reviews.sources[row] for row in rows.tolist()],
        splits=["test"] * len(rows),
    )
    encoded = encode_reviews(labelled, tokenizer, config.max_chars, config.max_tokens, lambda _: None)
    logits = predict(trained.model, encoded, torch.device("cpu"))
    scores = softmax(logits / float(trained.report["temperature"]))
    labels = weighted_labels(scores, tuple(trained.report["label_weights"]))
    np.savez(run_dir / SCORES_FILE, rows=rows, scores=scores, labels=labels)


def read_scores(reviews: Reviews, run_dirs: list[Path]) -> Scored | None:
    """What the runs say together; None where one has not been scored."""
    files = [run_dir / SCORES_FILE for run_dir in run_dirs]
    if not all(file.exists() for file in files):
        return None
    count = len(reviews.texts)
    known, scores = np.zeros(count, np.bool_), np.zeros((count, 3))
    labels = np.zeros(count, np.int64)
    for file in files:
        with np.load(file) as found:
            rows = found["rows"]
            known[rows], scores[rows], labels[rows] = True, found["scores"], found["labels"]
    return scored(known, scores, labels)


def fold_dirs() -> list[Path]:
    """Where the runs of the folds are."""
    return [RUNS / f"fold-{fold}" for fold in range(FOLDS)]


def _numbers(reviews: Reviews) -> tuple[Ints, Bools]:
    """The fold of each review, and whether it serves for validation where it is trained on; by its text."""
    digests = [blake2b(" ".join(text.lower().split()).encode(), digest_size=8) for text in reviews.texts]
    numbers = np.array([int.from_bytes(digest.digest(), "big") for digest in digests], np.uint64)
    folds = (numbers % np.uint64(FOLDS)).astype(np.int64)
    return folds, numbers // np.uint64(FOLDS) % np.uint64(_ONE_IN_VALIDATION) == 0


def _train(directory: Path, reviews: Reviews, fold: int, run_dir: Path) -> None:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    folds, validates = _numbers(reviews)
    split = np.where(folds == fold, "test", np.where(validates, "validation", "train"))
    columns = ["review_id", "source", "text", "stars"]
    table = parquet.read_table(directory / "reviews.parquet", columns=columns)
    data = RUNS / f"fold-{fold}.parquet"
    data.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table.append_column("split", arrow.array(split)), data)
    teacher = ["--soft-labels", str(directory / "teacher_logp.parquet")]
    command = [sys.executable, "-m", "training", "fit", "--data", str(data), *teacher]
    subprocess.run([*command, "--set", "epochs=4", "--out", str(run_dir)], check=True)
    data.unlink()


if __name__ == "__main__":
    main()
