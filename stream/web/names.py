"""Names that are like one that is unknown. Pure.

difflib takes 10 us a name, so it judges only those that begin and end most alike.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nlargest, nsmallest

_JUDGED, _LOOKED_AT = 200, 2_000


def near_names(asked: str, known: Iterable[str], most: int = 5) -> list[str]:
    """Names that contain the one asked for, then those that are spelled like it, most alike first.

    >>> near_names("acmee audio", ["acme audio", "bolt"])
    ['acme audio']
    """
    if not asked:
        return []
    names = list(known)
    containing = [name for name in names if asked in name][:most]
    alike = [name for name in names if name[:1] == asked[:1] or name[-2:] == asked[-2:]]
    looked_at = nsmallest(_LOOKED_AT, alike, key=lambda name: abs(len(name) - len(asked)))
    judged = nlargest(_JUDGED, looked_at, key=lambda name: _shared(name, asked))
    return list(dict.fromkeys([*containing, *get_close_matches(asked, judged, most)]))[:most]


def _shared(one: str, other: str) -> int:
    """How many characters two names share at their ends, together."""
    shared = 0
    for left, right in ((one, other), (one[::-1], other[::-1])):
        for a, b in zip(left, right, strict=False):
            if a != b:
                break
            shared += 1
    return shared
