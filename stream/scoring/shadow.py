"""A new bundle beside the running one on the same reviews: which labels change, and what it costs. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from stream.events import Review, brand_key
from stream.scoring.classifier import Classifier, Verdict
from stream.settings import Settings

LEAST_OF_BRAND = 50
"""Reviews of a brand from which its shift counts: with fewer, one label alone moves it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a new bundle may change at most, judged on so many `reviews`."""

    reviews: int
    flips: float
    """Share of labels that differ."""
    net_shift: float
    """Change of net sentiment, of all reviews together and of each brand with enough of them."""
    slowdown: float
    """Seconds the new one takes in relation to the running one, on the same texts."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say."""
        return cls(
            settings.shadow_reviews,
            settings.shadow_most_flips,
            settings.shadow_most_net_shift,
            settings.shadow_most_slowdown,
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """Net sentiment (mean positive score - negative score) of the same reviews by both."""

    brand: str
    reviews: int
    running: float
    new: float

    @property
    def change(self) -> float:
        return self.new - self.running


@dataclass(slots=True)
class Comparison:
    """Sums over everything that both have labelled."""

    reviews: int = 0
    seconds_running: float = 0.0
    seconds_new: float = 0.0
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often the running one said the first and the new one the second."""
    _nets: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0, 0.0, 0.0]))

    def add(self, reviews: Sequence[Review], running: Sequence[Verdict], new: Sequence[Verdict]) -> None:
        """Take the verdicts of both on the same reviews."""
        for review, old, young in zip(reviews, running, new, strict=True):
            self.labels[old.label, young.label] += 1
            sums = self._nets[brand_key(review.brand)]
            sums[0] += 1
            sums[1] += old.scores["positive"] - old.scores["negative"]
            sums[2] += young.scores["positive"] - young.scores["negative"]
        self.reviews += len(reviews)

    @property
    def flips(self) -> float:
        """Share of the labels that differ."""
        differing = sum(count for (old, young), count in self.labels.items() if old != young)
        return differing / max(1, self.reviews)

    @property
    def slowdown(self) -> float:
        """Above 1: the new one takes longer."""
        return self.seconds_new / self.seconds_running if self.seconds_running else 1.0

    def shifts(self) -> list[Shift]:
        """Of all reviews first, then of each brand with enough of them, the largest change first."""
        brands = [
            Shift(brand, int(count), old / count, young / count)
            for brand, (count, old, young) in self._nets.items()
            if count >= LEAST_OF_BRAND
        ]
        columns = [sum(sums[at] for sums in self._nets.values()) for at in range(3)]
        count = max(1, int(columns[0]))
        everything = Shift("all reviews", int(columns[0]), columns[1] / count, columns[2] / count)
        return [everything, *sorted(brands, key=lambda shift: -abs(shift.change))]

    def objections(self, limits: Limits) -> list[str]:
        """What lies beyond the limits, in words; none: the new bundle may take over."""
        return list(self._objections(limits))

    def _objections(self, limits: Limits) -> Iterator[str]:
        if self.flips > limits.flips:
            yield f"{self.flips:.1%} of the labels differ, allowed are {limits.flips:.1%}"
        beyond = [shift for shift in self.shifts() if abs(shift.change) > limits.net_shift]
        if beyond:
            worst = max(abs(shift.change) for shift in beyond)
            yield (
                f"net sentiment moves by up to {worst:.3f} ({len(beyond)} brands beyond {limits.net_shift})"
            )
        if self.slowdown > limits.slowdown:
            yield f"it takes {self.slowdown:.2f} times as long, allowed is {limits.slowdown:.2f}"


def compare(
    reviews: Sequence[Review],
    running: Classifier,
    new: Classifier,
    clock: Callable[[], float],
    into: Comparison,
) -> None:
    """Label reviews by both and add what came of it.

    The two must remember equally much of former texts, or their seconds could not be compared.
    """
    began = clock()
    old = running.classify([running.text_of(review) for review in reviews])
    between = clock()
    young = new.classify([new.text_of(review) for review in reviews])
    ended = clock()
    into.seconds_running += between - began
    into.seconds_new += ended - between
    into.add(reviews, old, young)
