"""Baselines that count words: TF-IDF with logistic regression, and fastText."""

import re
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from training.data import LABELS
from training.evaluate import Floats, nats
from training.report.forecasts import Forecast, Task

_FEATURES = 300_000
_LEARNING_RATES = (0.05, 0.1)
_TOKENS = re.compile(r"[^\W_]+|[^\w\s]")


def tfidf_weighted(task: Task) -> Forecast:
    """Logistic regression whose loss gives every class the same weight."""
    return _tfidf(task, "balanced")


def tfidf_plain(task: Task) -> Forecast:
    """Logistic regression on the reviews as they are; the label weights do the rest."""
    return _tfidf(task, None)


def fasttext(task: Task) -> Forecast:
    """fastText (Joulin et al. 2016, arXiv:1607.01759); of two learning rates the better on validation.

    One thread: with more, the same seed gives another model each time. With one, it draws a tenth of its
    table and leaves the rest as memory was (`DenseMatrix::uniform` of 0.9.2): hence a new process for each.
    """
    import fasttext as _needed  # noqa: F401 - whoever lacks it hears so before a process is started

    best: tuple[float, float, Floats, Floats] | None = None
    with TemporaryDirectory() as directory:
        file = Path(directory) / "train.txt"
        _write_fasttext(file, task.train.texts, task.train.labels.tolist())
        for rate in _LEARNING_RATES:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                texts = (task.validation.texts, task.scored.texts)
                validation, scored = process.submit(_learn_fasttext, file, rate, task.seed, texts).result()
            loss = float(nats(validation, task.validation.labels).mean())
            if best is None or loss < best[0]:
                best = (loss, rate, validation, scored)
    assert best is not None
    _, rate, validation, scored = best
    return Forecast(validation, scored, note=f"learning rate {rate}")


def _tfidf(task: Task, class_weight: str | None) -> Forecast:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    rows = len(task.train.texts)
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2),
        sublinear_tf=True,
        min_df=3 if rows > 10_000 else 1,
        max_features=_FEATURES,
        token_pattern=r"(?u)\b\w+\b",  # noqa: S106 - a pattern of words, those of one letter too
        dtype=np.float32,
    )
    features = vectorizer.fit_transform(task.train.texts)
    model = LogisticRegression(C=2.0, class_weight=class_weight, solver="lbfgs", max_iter=300, tol=1e-5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the note says how many steps it made
        model.fit(features, task.train.labels)
    columns = list(model.classes_)

    def shares(texts: Sequence[str]) -> Floats:
        result = np.zeros((len(texts), len(LABELS)))
        result[:, columns] = model.predict_proba(vectorizer.transform(texts))
        return result

    note = f"{features.shape[1]:,} features, {int(model.n_iter_.max())} steps"
    return Forecast(shares(task.validation.texts), shares(task.scored.texts), note=note)


def _learn_fasttext(file: Path, rate: float, seed: int, questions: Sequence[Sequence[str]]) -> list[Floats]:
    """Probabilities [rows, 3] of each list of texts. Runs in a process of its own."""
    from fasttext import train_supervised

    model = train_supervised(
        input=str(file),
        lr=rate,
        dim=64,
        epoch=5,
        wordNgrams=2,
        minCount=2,
        bucket=500_000,
        loss="softmax",
        thread=1,
        seed=seed,
        verbose=0,
    )
    return [_fasttext_shares(model, texts) for texts in questions]


def _write_fasttext(file: Path, texts: Sequence[str], labels: Sequence[int]) -> None:
    lines = (f"__label__{label} {_fasttext_line(text)}\n" for label, text in zip(labels, texts, strict=True))
    with file.open("w", encoding="utf-8") as out:
        out.writelines(lines)


def _fasttext_line(text: str) -> str:
    """Lower-case words and signs, parted by blanks; underscores go, since they mark labels."""
    return " ".join(_TOKENS.findall(text.lower()))


def _fasttext_shares(model: Any, texts: Sequence[str]) -> Floats:
    """Probabilities [rows, 3]; a class without training rows has 0."""
    result = np.zeros((len(texts), len(LABELS)))
    found, shares = model.predict([_fasttext_line(text) for text in texts], k=len(LABELS))
    for row, (names, values) in enumerate(zip(found, shares, strict=True)):
        result[row, [int(name.removeprefix("__label__")) for name in names]] = values
    normalised: Floats = result / result.sum(1, keepdims=True)
    return normalised
