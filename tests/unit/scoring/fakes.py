"""What the tests of the scoring room share: records, and a model of a few lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from stream.kafka.messages import Header
from stream.scoring.classifier import Classifier, Observe
from stream.scoring.rows import Int64, Row, to_row

TIMESTAMP_MS = 1_750_000_000_000


@dataclass(frozen=True, slots=True)
class FakeRecord:
    """A Kafka record as `stream.scoring.labels.Record` wants it."""

    value: bytes | None
    offset: int = 0
    partition: int = 0
    topic: str = "reviews"
    timestamp: int = TIMESTAMP_MS
    key: bytes | None = b"key"
    headers: Sequence[Header] = ()


def review_json(text: Any = "Fine sound.", **fields: Any) -> bytes:
    """A good review; a field given as None is left out."""
    review = {"review_id": "r-1", "brand": "Acme Audio", "text": text, **fields}
    return orjson.dumps({name: value for name, value in review.items() if value is not None})


@dataclass
class FakeScorer:
    """Logits that depend on a row's own ids alone; remembers the batches it saw."""

    batches: list[tuple[int, int]] = field(default_factory=list)

    def score(self, token_ids: Int64, lengths: Int64) -> npt.NDArray[np.float32]:
        """(rows, longest) ids and (rows,) lengths to (rows, 3) logits."""
        self.batches.append((token_ids.shape[0], token_ids.shape[1]))
        real = np.arange(token_ids.shape[1]) < lengths[:, None]
        sums = (token_ids * real).sum(axis=1)
        return np.stack([np.cos(sums), np.sin(sums), np.cos(3 * sums)], axis=1).astype(np.float32)

    @property
    def rows(self) -> int:
        """Rows scored so far."""
        return sum(rows for rows, _ in self.batches)


BRAND_WORD = "acme"


def encode(text: str) -> Row:
    """One id for each word."""
    return to_row(sum(map(ord, word)) for word in text.split())


def ignore(_what: str, _amount: float) -> None:
    """Observes nothing."""


def fake_classifier(
    scorer: FakeScorer,
    *,
    batch_tokens: int = 1000,
    observe: Observe = ignore,
    encoder: Callable[[str], Row] = encode,
    label_weights: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Classifier:
    """A classifier round the fake model, with a clock that stands still."""
    return Classifier(
        encoder,
        scorer,
        pad_id=0,
        temperature=1.0,
        label_weights=label_weights,
        brand_word=BRAND_WORD,
        batch_tokens=batch_tokens,
        clock=lambda: 0.0,
        observe=observe,
    )
