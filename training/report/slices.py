"""Groups of reviews that a mean over all hides: by source, by length, by style."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.data import Ints
from training.report.intervals import Interval
from training.report.scores import Answers, calibration_interval, score_labels

_SOURCE_ROWS = 100
_LENGTHS = ((1, 3), (4, 7), (8, 15), (16, 40), (41, 100))
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50]")
_PUNCTUATION = re.compile(r"[.,;:!?…]")
_SHOUTED_LETTERS, _SHOUTED_SHARE, _DIGITS_SHARE = 8, 0.6, 0.1


@dataclass(frozen=True, slots=True)
class SliceScores:
    """Scores of one group; `rows` are its size."""

    name: str
    rows: int
    accuracy: Interval
    macro_f1: Interval
    ece: Interval


def score_slices(
    names: Sequence[Sequence[str]], labels: Ints, answers: Answers, seed: int
) -> list[SliceScores]:
    """Scores of every group; `names` [rows] holds the groups of each row, the result the order of sight."""
    members: dict[str, list[int]] = {}
    for row, groups in enumerate(names):
        for name in groups:
            members.setdefault(name, []).append(row)
    scored = []
    for name, found in members.items():
        rows = np.array(found, dtype=np.int64)
        mine, theirs = labels[rows], answers.where(rows)
        scores = score_labels(mine, theirs.predicted, seed)
        ece = calibration_interval(mine, theirs, seed)
        scored.append(SliceScores(name, len(rows), scores.accuracy, scores.macro_f1, ece))
    return scored


def by_source(sources: Sequence[str]) -> list[list[str]]:
    """Each row's source; those with fewer than 100 rows are one group."""
    counts = Counter(sources)
    small = sum(count < _SOURCE_ROWS for count in counts.values())
    rest = f"{small} smaller sources"
    return [[source if counts[source] >= _SOURCE_ROWS else rest] for source in sources]


def by_length(texts: Sequence[str]) -> list[list[str]]:
    """Each row's number of words, as a range."""
    return [[_length_name(len(text.split()))] for text in texts]


def by_style(texts: Sequence[str]) -> list[list[str]]:
    """Each row's styles, of which it may have several, or "none of these"."""
    return [_styles(text) or ["none of these"] for text in texts]


def length_names() -> list[str]:
    """The ranges in ascending order."""
    return [*(f"{low}–{high}" for low, high in _LENGTHS), f"> {_LENGTHS[-1][1]}"]


def _length_name(words: int) -> str:
    for (_, high), name in zip(_LENGTHS, length_names(), strict=False):
        if words <= high:
            return name
    return length_names()[-1]


def _styles(text: str) -> list[str]:
    letters = [sign for sign in text if sign.isalpha()]
    capitals = sum(sign.isupper() for sign in letters)
    signs = len(text) - sum(sign.isspace() for sign in text)
    shouted = len(letters) >= _SHOUTED_LETTERS and capitals >= _SHOUTED_SHARE * len(letters)
    found = {
        "all lower-case": bool(letters) and not capitals,
        "no punctuation": not _PUNCTUATION.search(text),
        "shouting": shouted,
        "emoji": bool(_EMOJI.search(text)),
        "many digits": sum(sign.isdigit() for sign in text) >= _DIGITS_SHARE * max(signs, 1),
    }
    return [name for name, holds in found.items() if holds]
