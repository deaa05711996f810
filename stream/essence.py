"""The essence of a label: what brands count of it, in 80 bytes, in a header beside the JSON with the same.

Parsing JSON would cost `brands` more than all else that it does with a label, so `score` writes down once
more what counting, corrections and alerts need, laid out such that a thousand headers are one array. A label
without it is read from its JSON; both ways lead to the same bits.
"""

import struct

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from stream.estimation.bins import SCORE_UNIT
from stream.events import LABELS, LabelName

HEADER = "brandpulse_essence"
VERSION = 1
ESSENCE = np.dtype(
    [
        ("version", "u1"),
        ("label", "u1"),  # its index in stream.events.LABELS
        ("has_text", "?"),  # whether there is a digest of the text
        ("", "V1"),
        ("partition", "<u4"),  # of the review
        ("offset", "<i8"),
        ("created_at", "<i8"),
        ("scored_at", "<i8"),
        ("units", "<u4", (3,)),  # the probabilities in units of 2^-20
        ("", "V4"),
        # Numbers that sort as their bytes do.
        ("review", ">u8", (2,)),
        ("text", ">u8"),
        ("sketch", "V8"),
    ]
)
Essences = npt.NDArray[np.void]
"""(labels,) of `ESSENCE`."""
_FORM = struct.Struct("<BB?xIqqqIII4x16s8s8s")
_NO_TEXT = bytes(8)
_LABEL_INDEX = {label: index for index, label in enumerate(LABELS)}


def review_digest(brand_key: bytes, source: str | None, review_id: str) -> bytes:
    """16 bytes for a review within its brand; no source is not an empty one.

    It is not cryptographic (XXH3): who could make two reviews meet could as well give them one id.
    """
    if source is None:
        return xxh3_128_digest(b"%d  %b%b" % (len(brand_key), brand_key, review_id.encode()))
    coded = source.encode()
    return xxh3_128_digest(
        b"%d %d %b%b%b" % (len(brand_key), len(coded), brand_key, coded, review_id.encode())
    )


def pack_essence(
    label: LabelName,
    origin: tuple[int, int],
    created_at: int,
    scored_at: int,
    scores: tuple[float, float, float],
    review: bytes,
    text_digest: str | None,
    sketch: str,
) -> bytes:
    """One element of `ESSENCE`.

    Args:
        origin: partition and offset of the review.
        scores: probabilities in the order of the labels.
        review: its digest.
        text_digest, sketch: 16 hexadecimal digits, as in the label.
    """
    negative, neutral, positive = scores
    return _FORM.pack(
        VERSION,
        _LABEL_INDEX[label],
        text_digest is not None,
        *origin,
        created_at,
        scored_at,
        round(negative * SCORE_UNIT),
        round(neutral * SCORE_UNIT),
        round(positive * SCORE_UNIT),
        review,
        _NO_TEXT if text_digest is None else bytes.fromhex(text_digest),
        bytes.fromhex(sketch),
    )
