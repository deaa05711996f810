"""Does another brand, or another product, in the same review change its label?"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from training.behaviour.expand import fill, lines
from training.behaviour.swaps import BRAND_CARRIERS, BRANDS, PRODUCT_CARRIERS, PRODUCTS
from training.data import LABELS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Swap:
    """Reviews with a gap, and the names to put there: one text for every (carrier, name)."""

    capability: str
    slot: str
    carriers: tuple[str, ...]
    names: tuple[str, ...]

    def texts(self) -> list[str]:
        """All texts, the names of one carrier side by side."""
        return [fill(carrier, {self.slot: name}) for carrier in self.carriers for name in self.names]


@dataclass(frozen=True, slots=True)
class Flip:
    """Two names in the same review that got different labels."""

    text: str
    label: str
    other_text: str
    other_label: str


@dataclass(frozen=True, slots=True)
class SwapResult:
    """Every pair of names in every carrier: how many of them differ in their labels.

    `off_majority` is the share of texts whose label is not their carrier's most frequent one. `favoured`
    and `disfavoured` are the names that move the probability of `positive` most from the mean over all
    names, on average over the carriers, with that move.
    """

    capability: str
    carriers: int
    names: int
    pairs: int
    flips: int
    off_majority: float
    favoured: tuple[str, float]
    disfavoured: tuple[str, float]
    examples: tuple[Flip, ...]  # one of each carrier that has any

    @property
    def rate(self) -> float:
        """The share of pairs that flip."""
        return self.flips / self.pairs


SWAPS = (
    Swap("brand swap", "brand", tuple(lines(BRAND_CARRIERS)), BRANDS),
    Swap("product swap", "product", tuple(lines(PRODUCT_CARRIERS)), PRODUCTS),
)


def judge_swap(swap: Swap, labels: Ints, probabilities: Floats) -> SwapResult:
    """The flips among `swap.texts()`, of which these are the labels [rows] and probabilities [rows, 3]."""
    carriers, names = len(swap.carriers), len(swap.names)
    counts = np.stack([(labels.reshape(carriers, names) == label).sum(1) for label in range(3)], axis=1)
    pairs_alike = (counts * (counts - 1) // 2).sum(1)
    pairs_each = names * (names - 1) // 2
    positive = probabilities[:, LABELS.index("positive")].reshape(carriers, names)
    moves = (positive - positive.mean(1, keepdims=True)).mean(0)
    best, worst = int(moves.argmax()), int(moves.argmin())
    return SwapResult(
        swap.capability,
        carriers,
        names,
        pairs=carriers * pairs_each,
        flips=int((pairs_each - pairs_alike).sum()),
        off_majority=float(1 - counts.max(1).sum() / labels.size),
        favoured=(swap.names[best], float(moves[best])),
        disfavoured=(swap.names[worst], float(moves[worst])),
        examples=tuple(_examples(swap, labels.reshape(carriers, names))),
    )


def _examples(swap: Swap, labels: Ints) -> list[Flip]:
    """The first flip of each carrier that has one; labels [carriers, names]."""
    texts = np.array(swap.texts(), dtype=object).reshape(labels.shape)
    flips = []
    for row, said in zip(texts, labels, strict=True):
        differing = (pair for pair in combinations(range(len(said)), 2) if said[pair[0]] != said[pair[1]])
        for first, second in differing:
            flips.append(Flip(row[first], LABELS[said[first]], row[second], LABELS[said[second]]))
            break
    return flips
