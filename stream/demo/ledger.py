"""What the topics say: labels, dead letters and brands, counted so that loss and doubling show. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from stream.events import BrandSentiment, Correction

LABELS_TOPIC, DEAD_TOPIC, BRANDS_TOPIC = "review-sentiment", "reviews-dlq", "brand-sentiment"
CORRECTIONS_TOPIC = "review-corrections"


@dataclass(frozen=True, slots=True)
class Message:
    """One record of an output topic (its short name)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Ledger:
    """Counts of everything that became of the reviews from `first_offsets` on.

    Each review is known by partition and offset in the topic of reviews. Outcomes of older ones, which
    the workers may still have had to do, count in `folded` only.
    """

    first_offsets: Mapping[int, int]
    """Of the topic of reviews: partition → offset of the first review that counts."""
    labelled: int = 0
    doubled: int = 0
    folded: int = 0
    """All labels, whoever's: each must be in some brand's windows."""
    dead: Counter[str] = field(default_factory=Counter)
    """Dead letters by reason."""
    replaced: int = 0
    """Labels whose review came again later: counted once, taken out again."""
    brands: dict[bytes, BrandSentiment] = field(default_factory=dict)
    """The latest state by brand key."""
    _uncounted: set[str] = field(default_factory=set)
    """Event ids of labels that never counted, because their text was there before."""
    _seen: dict[int, bytearray] = field(default_factory=dict)
    """One byte for each review: whether it had its outcome."""

    def add(self, message: Message) -> None:
        """Take note of one record."""
        if message.topic == BRANDS_TOPIC:
            self._add_brand(message)
        elif message.topic == CORRECTIONS_TOPIC:
            self._add_correction(Correction.model_validate_json(message.value or b""))
        elif message.topic == DEAD_TOPIC:
            headers = {name: value.decode() for name, value in message.headers.items()}
            if self._is_new(int(headers["dlq_partition"]), int(headers["dlq_offset"])):
                self.dead[headers["dlq_reason"]] += 1
        else:
            self.folded += 1
            origin = orjson.loads(message.value or b"")["origin"]
            if self._is_new(origin["partition"], origin["offset"]):
                self.labelled += 1

    @property
    def counted(self) -> int:
        """How many labels must be in the brands' windows."""
        return self.folded - self.replaced - len(self._uncounted)

    @property
    def in_brands(self) -> int:
        """Reviews in the 7d windows of all brands."""
        # A list first: the thread that reads may add a brand meanwhile.
        counts = (brand.windows["7d"].counts for brand in list(self.brands.values()))
        return sum(count.negative + count.neutral + count.positive for count in counts)

    def _add_brand(self, message: Message) -> None:
        key = message.key or b""
        if message.value is None:
            self.brands.pop(key, None)
        else:
            self.brands[key] = BrandSentiment.model_validate_json(message.value)

    def _add_correction(self, correction: Correction) -> None:
        if not correction.counted:
            self._uncounted.add(correction.event_id)
        if correction.replaces is not None and correction.replaces not in self._uncounted:
            self.replaced += 1

    def _is_new(self, partition: int, offset: int) -> bool:
        """Whether this is the first outcome of a review that counts; a second one counts as doubled."""
        place = offset - self.first_offsets.get(partition, 0)
        if place < 0:
            return False
        seen = self._seen.setdefault(partition, bytearray())
        seen.extend(bytes(max(0, place + 1 - len(seen))))
        if seen[place]:
            self.doubled += 1
            return False
        seen[place] = 1
        return True


def settled(ledger: Ledger, fed: int, in_brands_before: int) -> bool:
    """Whether every review fed has its outcome and every label that counts is in its brand's windows."""
    done = ledger.labelled + ledger.dead.total() >= fed
    return done and ledger.in_brands - in_brands_before == ledger.counted


def disagreements(ledger: Ledger, fed: int, in_brands_before: int) -> list[str]:
    """Everything that does not add up, one sentence each; empty when all is exact."""
    found = []
    outcomes = ledger.labelled + ledger.dead.total()
    if outcomes != fed:
        found.append(
            f"{fed:,} reviews were fed, but {ledger.labelled:,} labels and {ledger.dead.total():,} "
            f"dead letters make {outcomes:,}."
        )
    if ledger.doubled:
        found.append(f"{ledger.doubled:,} reviews have more than one outcome.")
    grown = ledger.in_brands - in_brands_before
    if grown != ledger.counted:
        found.append(
            f"{ledger.counted:,} of {ledger.folded:,} labels must be in the brands' 7d windows, "
            f"but those grew by {grown:,}."
        )
    return found
