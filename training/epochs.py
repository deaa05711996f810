"""What one epoch is trained on: rows written anew for every epoch, and what the model is to say of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from training.batches import Encoded, encode_reviews
from training.config import TrainingConfig
from training.data import LABELS, Reviews
from training.texts.augment import augment, changes
from training.texts.unjudgeable import unjudgeable_texts

Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Material:
    """Encoded rows with their labels, and soft targets: log-probabilities [rows, 3], weights [rows].

    A row of soft weight 0 has only its label, one of weight 1 only its soft target.
    """

    encoded: Encoded
    soft: Floats32
    soft_weight: Floats32


@dataclass(frozen=True, slots=True)
class Course:
    """Makes the material of each epoch, the same every time: from the training split, its soft labels
    [rows, 3] or None, and the tokenizer."""

    train: Reviews
    soft: npt.NDArray[np.float64] | None
    tokenizer: Tokenizer
    config: TrainingConfig

    def epoch(self, number: int, advance: Callable[[int], None]) -> Material:
        """The material of epoch `number`; `advance` is told the number of rows as they are done."""
        config, rows = self.config, len(self.train.texts)
        seed = f"{config.seed}/{number}"
        judgeable = augment(self.train.texts, seed, changes(config))
        added = unjudgeable_texts(round(config.unjudgeable_share * rows), seed)
        reviews = Reviews(
            ids=(),
            texts=[*judgeable, *added],
            labels=np.concatenate([self.train.labels, np.zeros(len(added), np.int64)]),
            stars=np.zeros(0, np.int64),
            sources=(),
            splits=(),
        )
        encoded = encode_reviews(reviews, self.tokenizer, config.max_chars, config.train_tokens, advance)
        return Material(encoded, *self._soft_targets(rows, len(added)))

    def rows(self) -> int:
        """Rows of every epoch."""
        rows = len(self.train.texts)
        return rows + round(self.config.unjudgeable_share * rows)

    def _soft_targets(self, rows: int, added: int) -> tuple[Floats32, Floats32]:
        """Those of the reviews, then those of the rows that nobody could judge: all labels alike."""
        taught = np.zeros((rows, len(LABELS))) if self.soft is None else self.soft
        weight = 0.0 if self.soft is None else self.config.soft_weight
        soft = np.concatenate([taught, np.full((added, len(LABELS)), -np.log(len(LABELS)))])
        soft_weight = np.concatenate([np.full(rows, weight), np.ones(added)])
        return soft.astype(np.float32), soft_weight.astype(np.float32)
