"""How fast labels are decoded and folded, and how large a stored brand is: `python -m tests.benchmarks.fold`.

Labels come in chunks of 1,000 of one partition, in event order with one in twenty up to a day late. With
10,000 brands nearly every label opens a new cell, as in a fast replay: the dearest case. Seconds are those of
the CPU, so that neighbours on the machine count little.
"""

import gc
import random
import sys
from dataclasses import dataclass
from time import process_time

import orjson

from stream.brands.folding import fold, read_label
from stream.brands.published import brand_sentiment
from stream.brands.state import BrandState, decode_state, encode_state
from stream.events import LABELS

LABELS_FOLDED = 400_000
CHUNK_RECORDS = 1_000
START_MS = 1_790_000_000_000
SPAN_MS = 2 * 3_600_000


@dataclass(frozen=True, slots=True)
class Record:
    """As the transport hands it over."""

    offset: int
    key: bytes
    value: bytes


def label(chance: random.Random, offset: int, brands: int) -> Record:
    """One label of a random brand."""
    brand = f"Brand {chance.randrange(brands)}"
    scored_at = START_MS + offset * SPAN_MS // LABELS_FOLDED
    late_ms = chance.randrange(86_400_000) if chance.random() < 0.05 else chance.randrange(2_000)
    weights = [chance.random() for _ in LABELS]
    scores = [round(weight / sum(weights), 6) for weight in weights]
    top = max(range(3), key=scores.__getitem__)
    value = {
        "event_id": f"reviews-3-{offset}",
        "review_id": f"r{offset:09d}",
        "brand": brand,
        "label": LABELS[top],
        "scores": dict(zip(LABELS, scores, strict=True)),
        "confidence": scores[top],
        "model": "reviews-bilstm@0123456789ab",
        "created_at": scored_at - late_ms,
        "created_at_replaced": False,
        "scored_at": scored_at,
        "origin": {"topic": "reviews", "partition": 3, "offset": offset},
        "stars": 4,
    }
    return Record(offset, brand.lower().encode(), orjson.dumps(value))


def measure(brands: int) -> None:
    """Print one line for that many brands."""
    chance = random.Random(7)
    records = [label(chance, offset, brands) for offset in range(LABELS_FOLDED)]
    chunks = [records[at : at + CHUNK_RECORDS] for at in range(0, len(records), CHUNK_RECORDS)]
    gc.collect()
    gc.freeze()  # a worker has one chunk in memory, not all these records
    states: dict[bytes, BrandState] = {}
    started = process_time()
    for chunk in chunks:
        fold(states, chunk, "wall", lambda key: None)
    fold_seconds = process_time() - started
    started = process_time()
    for record in records:
        read_label(record.value)
    read_seconds = process_time() - started
    started = process_time()
    stored = [encode_state(state) for state in states.values()]
    encode_seconds = process_time() - started
    started = process_time()
    for one in stored:
        decode_state(one)
    decode_seconds = process_time() - started
    started = process_time()
    for key, state in states.items():
        brand_sentiment(state, key, START_MS + SPAN_MS, 3)
    publish_seconds = process_time() - started
    cells = sum(len(state.minutes) + len(state.hours) for state in states.values()) / len(states)
    print(
        f"{brands:>7,} brands: {LABELS_FOLDED / fold_seconds:>9,.0f} labels a CPU-second decoded and folded "
        f"({LABELS_FOLDED / read_seconds:,.0f} decoded only, {len(records[0].value)} bytes each); "
        f"a brand: {cells:.0f} cells, {sum(map(len, stored)) / len(stored):,.0f} bytes, "
        f"encoded in {encode_seconds / len(states) * 1e6:.0f} us, "
        f"decoded in {decode_seconds / len(states) * 1e6:.0f} us, "
        f"published in {publish_seconds / len(states) * 1e6:.0f} us"
    )


if __name__ == "__main__":
    for count in map(int, sys.argv[1:] or ("200", "10000")):
        measure(count)
