"""Which label takes another's place and which repeats a text.

Most labels are of reviews and texts that were never seen. Those are found many at once; the others are judged
one by one, in their order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from stream.brands.arrivals import Arrivals, Course
from stream.brands.cells import HOUR_MS
from stream.brands.identity import (
    KEY,
    Former,
    Keys,
    appended,
    brand_hash,
    halves_of,
    review_entries,
    review_keys,
    text_entries,
    text_keys,
    unpack_former,
    unpack_original,
)
from stream.brands.memory import as_bytes

DUPLICATE_MS = 24 * HOUR_MS
"""A text that comes again for a brand in less than that repeats."""
Mask = npt.NDArray[np.bool_]


class Memory(Protocol):
    """Who was counted: entries of `stream.brands.identity` by their keys."""

    def recall(self, keys: Keys) -> dict[bytes, bytes]:
        """The entries of those keys that have one."""

    def remember_new(self, keys: Keys, entries: npt.NDArray[np.void]) -> None:
        """Add entries whose keys have none yet; none of them twice."""

    def remember(self, entries: Mapping[bytes, bytes]) -> None:
        """Add entries, or replace them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Of some labels, by row: which count, whose place they take, whose text they repeat."""

    counted: Mask
    formers: dict[int, Former] = field(default_factory=dict)
    originals: dict[int, str] = field(default_factory=dict)
    """Event ids."""


def judge(
    arrivals: Arrivals, course: Course, on_time: Mask, memory: Memory, correction_ms: int, skip: bool
) -> Judged:
    """Judge labels and remember them.

    Args:
        on_time: (labels,) which are not too late for any cell.
        correction_ms: within that time a review's new label takes the place of its former one; 0: never.
        skip: leave labels that repeat a text out of the cells.
    """
    essences = arrivals.essences
    hashes = np.array([brand_hash(key) for key in arrivals.keys], np.uint64)[arrivals.brands]
    reviews, texts = review_keys(essences), text_keys(essences, hashes)
    has_text, may_replace = essences["has_text"], np.full(len(essences), correction_ms > 0)
    recalled = memory.recall(_all_keys(reviews[may_replace], texts[has_text]))
    known = _seen(reviews, may_replace, recalled) | _seen(texts, has_text, recalled)
    known[list(arrivals.event_ids)] = True
    judged = Judged(on_time.copy())
    if known.any():
        suspects = _suspects(arrivals, course, np.flatnonzero(known), on_time, (reviews, texts))
        bench = _Bench(recalled, judged, arrivals.topic, correction_ms, skip)
        for suspect in suspects:
            bench.judge(suspect)
        memory.remember(bench.fresh)
    new = ~known
    if correction_ms:
        entries = review_entries(essences[new], course.references[new], on_time[new])
        memory.remember_new(reviews[new], entries)
    new &= has_text
    memory.remember_new(texts[new], text_entries(essences[new], course.references[new]))
    return judged


class _Suspect(NamedTuple):
    """A label whose review or text was seen before, as far as half of a key tells."""

    row: int
    reference_ms: int
    review: bytes
    text: bytes
    """Keys; that of the text is empty where it has no digest."""
    review_entry: bytes
    skipped_entry: bytes
    """Its review's entry, if it counts as far as it is on time, and if it does not."""
    text_entry: bytes


def _suspects(
    arrivals: Arrivals, course: Course, rows: npt.NDArray[np.intp], on_time: Mask, keys: tuple[Keys, Keys]
) -> Iterator[_Suspect]:
    """Those of some rows, in their order; `keys` are of the reviews and of the texts of all labels."""
    essences, references = arrivals.essences[rows], course.references[rows]
    columns = zip(
        rows.tolist(),
        references.tolist(),
        as_bytes(keys[0][rows]),
        as_bytes(keys[1][rows]),
        essences["has_text"].tolist(),
        as_bytes(review_entries(essences, references, on_time[rows])),
        as_bytes(review_entries(essences, references, np.zeros(len(rows), np.bool_))),
        as_bytes(text_entries(essences, references)),
        strict=True,
    )
    for row, reference_ms, review, text, has_text, *entries in columns:
        odd = arrivals.event_ids.get(row)
        end = b"" if odd is None else appended(odd)
        counted, skipped, original = (entry + end for entry in entries)
        yield _Suspect(row, reference_ms, review, text if has_text else b"", counted, skipped, original)


@dataclass(slots=True)
class _Bench:
    """Where suspects are judged, in their order."""

    recalled: Mapping[bytes, bytes]
    judged: Judged
    topic: str
    correction_ms: int
    skip: bool
    fresh: dict[bytes, bytes] = field(default_factory=dict)
    """What is to be remembered, by keys; it holds for the suspects that follow."""

    def judge(self, suspect: _Suspect) -> None:
        review, row = suspect.review, suspect.row
        former = self._former(suspect)
        original = self._original(suspect) if suspect.text else ""
        skipped = bool(original) and self.skip
        if former is not None:
            self.judged.formers[row] = former
        if original is None:
            self.fresh[suspect.text] = suspect.text_entry
        elif original:
            self.judged.originals[row] = original
        if skipped:
            self.judged.counted[row] = False
        if self.correction_ms:
            self.fresh[review] = suspect.skipped_entry if skipped else suspect.review_entry

    def _former(self, suspect: _Suspect) -> Former | None:
        entry = self.fresh.get(suspect.review) or self.recalled.get(suspect.review)
        if entry is None or not self.correction_ms:
            return None
        former = unpack_former(entry, self.topic)
        return former if suspect.reference_ms - former.reference_ms < self.correction_ms else None

    def _original(self, suspect: _Suspect) -> str | None:
        """The event id of the label that had the text first; empty: of the same review; None: none had it."""
        entry = self.fresh.get(suspect.text) or self.recalled.get(suspect.text)
        original = None if entry is None else unpack_original(entry, self.topic)
        if original is None or suspect.reference_ms - original.reference_ms >= DUPLICATE_MS:
            return None
        return original.event_id if original.review != suspect.review[1:] else ""


def _all_keys(reviews: Keys, texts: Keys) -> Keys:
    # Left to itself, numpy would turn their numbers into the order of this machine.
    return np.concatenate([reviews, texts], dtype=KEY)


def _seen(keys: Keys, among: Mask, recalled: Mapping[bytes, bytes]) -> Mask:
    """(entries,) which of those chosen by `among` may be recalled, or the same as another of them."""
    halves = halves_of(keys)
    in_order = np.sort(halves[among])
    twice = in_order[1:][in_order[1:] == in_order[:-1]]
    before = halves_of(np.frombuffer(b"".join(recalled), KEY))
    seen: Mask = np.isin(halves, np.concatenate([twice, before])) & among
    return seen
