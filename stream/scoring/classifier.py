"""Texts become calibrated probabilities: tokenise, batch, score, and remember texts that come again."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from stream.events import LABELS, LabelName, Review
from stream.scoring.batching import pack
from stream.scoring.cache import GenerationCache
from stream.scoring.masking import mask_brand
from stream.scoring.rows import Int64, Row, lengths_of, pad

Float64 = npt.NDArray[np.float64]
Observe = Callable[[str, float], None]
CACHED_TEXTS = 50_000
LONGEST_CACHED_TEXT = 300
DIGITS = 6


class Scorer(Protocol):
    """The narrow waist: nothing before or after it knows what computes the logits."""

    def score(self, token_ids: Int64, lengths: Int64) -> npt.NDArray[np.float32]:
        """(rows, longest) ids and (rows,) true lengths to (rows, 3) logits, in the order of LABELS."""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What the model says of one text; `confidence` is the score of `label`.

    A struct, because it is made for every review: a named tuple takes four times as long.
    """

    label: LabelName
    confidence: float
    scores: dict[str, float]


class Classifier:
    """One model with its tokenizer. Threads may share it where they may share `encode` and `scorer`.

    Args:
        encode: text to a row of 1 or more token ids.
        temperature: divides the logits (Guo et al. 2017, "On Calibration of Modern Neural Networks").
        label_weights: (3,) what the probabilities are multiplied by before the largest names the label.
        brand_word: takes the place of a review's own brand in what the model reads; empty: nothing does.
        batch_tokens: most padded tokens in one run of the model.
        clock: seconds, monotonic; for `observe`.
        observe: told (stage, seconds) for the stages tokenize, model and calibrate, and for each batch
            ("rows", rows) and ("padded_tokens", tokens).
    """

    def __init__(
        self,
        encode: Callable[[str], Row],
        scorer: Scorer,
        *,
        pad_id: int,
        temperature: float,
        label_weights: Sequence[float],
        brand_word: str,
        batch_tokens: int,
        clock: Callable[[], float],
        observe: Observe,
    ) -> None:
        self._encode = encode
        self._scorer = scorer
        self._pad_id = pad_id
        self._temperature = temperature
        self._label_weights = np.array(label_weights, np.float64)
        self._brand_word = brand_word
        self._batch_tokens = batch_tokens
        self._clock = clock
        self._observe = observe
        self._known: GenerationCache[str, Verdict] = GenerationCache(CACHED_TEXTS)

    def text_of(self, review: Review) -> str:
        """What the model is to read of a review: its text, its own brand hidden."""
        return mask_brand(review.text, review.brand, self._brand_word)

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """A verdict for each text, in order; the same text is scored once."""
        known = self._known
        verdicts: dict[str, Verdict] = {}
        unknown: list[str] = []
        for text in dict.fromkeys(texts):
            verdict = known.get(text)
            if verdict is None:
                unknown.append(text)
            else:
                verdicts[text] = verdict
        if unknown:
            for text, verdict in zip(unknown, self._score(unknown), strict=True):
                verdicts[text] = verdict
                if len(text) <= LONGEST_CACHED_TEXT:
                    known.put(text, verdict)
        return [verdicts[text] for text in texts]

    def _score(self, texts: Sequence[str]) -> list[Verdict]:
        started = self._clock()
        rows = list(map(self._encode, texts))
        lengths = lengths_of(rows)
        tokenized = self._clock()
        logits = np.empty((len(rows), len(LABELS)), np.float32)
        for batch in pack(lengths, self._batch_tokens):
            token_ids, true_lengths = pad([rows[i] for i in batch.tolist()], self._pad_id)
            logits[batch] = self._scorer.score(token_ids, true_lengths)
            self._observe("rows", token_ids.shape[0])
            self._observe("padded_tokens", token_ids.size)
        scored = self._clock()
        verdicts = to_verdicts(calibrate(logits, self._temperature), self._label_weights)
        self._observe("tokenize", tokenized - started)
        self._observe("model", scored - tokenized)
        self._observe("calibrate", self._clock() - scored)
        return verdicts


def calibrate(logits: npt.NDArray[np.float32], temperature: float) -> Float64:
    """(rows, 3) logits to (rows, 3) probabilities by a softmax at the temperature fitted on validation."""
    scaled = logits.astype(np.float64) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    probabilities: Float64 = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities


def to_verdicts(probabilities: Float64, label_weights: Float64) -> list[Verdict]:
    """Name the label of each row, argmax(probabilities * weights); probabilities are rounded to 6 digits.

    (rows, 3) and (3,). The weights are the operating point that the bundle was given: probabilities that fit
    the natural shares of the labels would hardly ever name the rare neutral.
    """
    rounded = probabilities.round(DIGITS)
    best = (rounded * label_weights).argmax(axis=1).tolist()
    names: tuple[LabelName, ...] = ("negative", "neutral", "positive")
    return [
        Verdict(names[i], row[i], {"negative": row[0], "neutral": row[1], "positive": row[2]})
        for i, row in zip(best, rounded.tolist(), strict=True)
    ]
