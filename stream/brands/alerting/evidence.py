"""The reviews that an alert can show: the most confident negative ones of the last day, near-copies folded.

Kept are 10 of the newest hour, 10 of the hour before and 10 of the 22 hours before those, so that an incident
of minutes finds its reviews and one of a day does so too. A copy is a review whose sketch agrees in 6 of 8
bytes, which texts of about three quarters of their word pairs in common do; equal texts agree in all of them.
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from stream.brands.cells import HOUR_MS

MOST_DRIVERS = 10
_MOST_OF_A_SHELF = 10
_KEPT_HOURS = 24
_SKETCH_BYTES = 8
_MOST_APART = 2
_LOW_BITS = 0x7F7F7F7F7F7F7F7F
_HIGH_BITS = 0x8080808080808080
_NEWEST = struct.Struct("<q")
# Confidence in 2^-20, created_at, offset of the label, copies, sketch, bytes of the event id.
_CANDIDATE = struct.Struct(f"<IqqI{_SKETCH_BYTES}sH")


class Candidate(NamedTuple):
    """A review that an alert may show; the first field orders them."""

    confidence_units: int
    """In units of 2^-20."""
    created_at: int
    label_offset: int
    copies: int
    sketch: bytes
    event_id: str


@dataclass(slots=True)
class Evidence:
    """The candidates of one brand. Folding asks `wants` first, which is cheap, and then calls `consider`."""

    newest_hour: int = -1
    shelves: tuple[list[Candidate], list[Candidate], list[Candidate]] = field(
        default_factory=lambda: ([], [], [])
    )
    """Of the newest hour, of the one before, and of the hours before those."""
    floors: list[int] = field(default_factory=lambda: [-1, -1, -1])
    """As confident as that must a review be for its shelf."""
    _encoded: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def candidates(self) -> list[Candidate]:
        """All that are kept."""
        return [one for shelf in self.shelves for one in shelf]

    def wants(self, confidence_units: int, hour: int, horizon_hour: int) -> bool:
        """Whether a negative review of that hour may be a candidate; one ahead of its time never is."""
        behind = self.newest_hour - hour
        if behind >= 0:
            return behind < _KEPT_HOURS and confidence_units >= self.floors[min(behind, 2)]
        return hour <= horizon_hour + 1

    def consider(self, candidate: Candidate) -> None:
        """Keep the candidate if it is among the most confident of its shelf; fold it into a near-copy."""
        hour = candidate.created_at // HOUR_MS
        if hour > self.newest_hour:
            self._fill(hour, self.candidates)
        at = min(self.newest_hour - hour, 2)
        shelf = self.shelves[at]
        sketch = candidate.sketch
        for place, other in enumerate(shelf):
            if near(sketch, other.sketch):
                leader = max(candidate, other, key=_rank)
                shelf[place] = leader._replace(copies=other.copies + candidate.copies)
                break
        else:
            if len(shelf) < _MOST_OF_A_SHELF:
                shelf.append(candidate)
            else:
                weakest = min(shelf, key=_rank)
                if _rank(candidate) < _rank(weakest):
                    return
                shelf[shelf.index(weakest)] = candidate
        self._changed(at)

    def withdraw(self, event_id: str) -> None:
        """Forget a review that is counted no more."""
        for at, shelf in enumerate(self.shelves):
            for place, one in enumerate(shelf):
                if one.event_id == event_id:
                    del shelf[place]
                    self._changed(at)
                    return

    def drivers(self, start_ms: int, end_ms: int) -> list[Candidate]:
        """The most confident with start_ms <= created_at < end_ms, first; no two of them near-copies."""
        chosen: list[Candidate] = []
        for one in sorted(self.candidates, key=_rank, reverse=True):
            if not start_ms <= one.created_at < end_ms:
                continue
            at = next((at for at, other in enumerate(chosen) if near(one.sketch, other.sketch)), None)
            if at is None:
                chosen.append(one)
            else:
                chosen[at] = chosen[at]._replace(copies=chosen[at].copies + one.copies)
        return chosen[:MOST_DRIVERS]

    def encode(self) -> bytes:
        """The stored form, nothing for a brand that never had a candidate; made anew only after a change."""
        if self.newest_hour < 0:
            return b""
        if self._encoded is None:
            self._encoded = _NEWEST.pack(self.newest_hour) + b"".join(map(_pack, self.candidates))
        return self._encoded

    def _fill(self, newest_hour: int, candidates: list[Candidate]) -> None:
        """Put candidates on the shelves of an hour: of the oldest the most confident go on together."""
        self.newest_hour = newest_hour
        self.shelves = [], [], []
        for one in candidates:
            behind = newest_hour - one.created_at // HOUR_MS
            if behind < _KEPT_HOURS:
                self.shelves[min(behind, 2)].append(one)
        if len(self.shelves[2]) > _MOST_OF_A_SHELF:  # else the order stays that of the stored form
            self.shelves[2].sort(key=_rank, reverse=True)
            del self.shelves[2][_MOST_OF_A_SHELF:]
        for at in range(len(self.shelves)):
            self._changed(at)

    def _changed(self, at: int) -> None:
        shelf = self.shelves[at]
        self.floors[at] = min(shelf)[0] if len(shelf) == _MOST_OF_A_SHELF else -1
        self._encoded = None


def near(one: bytes, other: bytes) -> bool:
    """Whether two sketches agree in at least 6 of their 8 bytes.

    >>> near(bytes.fromhex("0011223344556677"), bytes.fromhex("0011223344550000"))
    True
    """
    apart = int.from_bytes(one) ^ int.from_bytes(other)
    # Of each byte that is not 0, the highest bit.
    return ((((apart & _LOW_BITS) + _LOW_BITS) | apart) & _HIGH_BITS).bit_count() <= _MOST_APART


def decode_evidence(stored: bytes) -> Evidence:
    """The inverse of `Evidence.encode`.

    Raises:
        ValueError: the bytes are not evidence.
    """
    evidence, candidates = Evidence(), list[Candidate]()
    if not stored:
        return evidence
    try:
        (newest_hour,) = _NEWEST.unpack_from(stored)
        at = _NEWEST.size
        while at < len(stored):
            *fields, id_bytes = _CANDIDATE.unpack_from(stored, at)
            at += _CANDIDATE.size + id_bytes
            candidates.append(Candidate._make((*fields, stored[at - id_bytes : at].decode())))
    except struct.error as error:
        raise ValueError("evidence is cut off") from error
    if at != len(stored):
        raise ValueError("evidence is cut off")
    evidence._fill(newest_hour, candidates)
    return evidence


def _rank(candidate: Candidate) -> tuple[int, int]:
    """By confidence, the earlier first where it is equal."""
    return candidate.confidence_units, -candidate.label_offset


def _pack(candidate: Candidate) -> bytes:
    event_id = candidate.event_id.encode()
    return _CANDIDATE.pack(*candidate[:-1], len(event_id)) + event_id
