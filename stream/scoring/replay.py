"""Reviews that were scored already, scored again: what would differ from what was published. Pure.

Labels carry the bundle that made them, so that a flip by another bundle is told from one by the same: the
quantised model rounds by batch, and a text on the edge may fall to the other side.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stream.events import LABELS, Review
from stream.kafka.messages import ReceivedRecord
from stream.scoring.classifier import Classifier, Verdict
from stream.scoring.decode import Rejected, decode_review

Place = tuple[int, int]
"""Partition and offset of a review."""


@dataclass(slots=True)
class Tally:
    """What the labels of one model look like beside those of now."""

    compared: int = 0
    flips: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often the published label was the first and is the second now."""
    largest_difference: float = 0.0
    """Of a score."""


@dataclass(slots=True)
class Verification:
    """Reviews scored again, matched with their published outcomes one by one."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    """By the model that made the published labels."""
    dead: int = 0
    """Dead letters that are dead letters again."""
    contradictions: list[Place] = field(default_factory=list)
    """Published as a label and rejected now, or the other way round."""
    doubled: list[Place] = field(default_factory=list)
    _expected: dict[Place, Verdict | Rejected] = field(default_factory=dict)
    _met: set[Place] = field(default_factory=set)

    @property
    def missing(self) -> list[Place]:
        """Reviews without any published outcome."""
        return sorted(self._expected.keys() - self._met)

    @property
    def flips(self) -> int:
        """Labels that differ now, of whatever model."""
        return sum(tally.flips.total() for tally in self.tallies.values())

    def expect(self, records: Sequence[ReceivedRecord], classifier: Classifier) -> None:
        """Score these reviews again."""
        decoded = [decode_review(record.value) for record in records]
        texts = [classifier.text_of(each) for each in decoded if isinstance(each, Review)]
        verdicts = iter(classifier.classify(texts))
        for record, each in zip(records, decoded, strict=True):
            outcome = next(verdicts) if isinstance(each, Review) else each
            self._expected[record.partition, record.offset] = outcome

    def met(self, place: Place, published: Mapping[str, Any] | None) -> None:
        """A published label, or None for a dead letter; those of other reviews are passed over."""
        expected = self._expected.get(place)
        if expected is None:
            return
        if place in self._met:
            self.doubled.append(place)
            return
        self._met.add(place)
        if isinstance(expected, Rejected) or published is None:
            if isinstance(expected, Rejected) and published is None:
                self.dead += 1
            else:
                self.contradictions.append(place)
            return
        self._compare(expected, published)

    def _compare(self, now: Verdict, published: Mapping[str, Any]) -> None:
        tally = self.tallies.setdefault(published["model"], Tally())
        tally.compared += 1
        if published["label"] != now.label:
            tally.flips[published["label"], now.label] += 1
        difference = max(abs(published["scores"][label] - now.scores[label]) for label in LABELS)
        tally.largest_difference = max(tally.largest_difference, difference)

    def report(self, model: str, most_places: int = 10) -> list[str]:
        """In words, a line each; `model` is the one of now."""
        lines = [
            f"{len(self._expected):,} reviews scored again by {model}: "
            f"{len(self._met) - self.dead:,} labels and {self.dead:,} dead letters were published for them"
        ]
        for name, tally in sorted(self.tallies.items()):
            flips = tally.flips.total()
            lines.append(
                f"by {name}: {tally.compared:,} labels, {flips:,} differ now ({flips / tally.compared:.2%}); "
                f"a score by {tally.largest_difference:.3f} at most"
            )
            lines += [f"  {old} -> {new}: {count:,}" for (old, new), count in tally.flips.most_common()]
        for what, places in (
            ("without any outcome", self.missing),
            ("with more than one outcome", self.doubled),
            ("labels that are rejected now, or the other way round", self.contradictions),
        ):
            if places:
                lines.append(f"{what}: {len(places):,}, as {_named(places[:most_places])}")
        return lines


def _named(places: Iterable[Place]) -> str:
    return ", ".join(f"{partition}-{offset}" for partition, offset in places)
