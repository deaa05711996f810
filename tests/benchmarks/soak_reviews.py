"""The reviews of the soak: real lengths, brands by Zipf's law, some edits and some texts that come again.

Before them come reviews of the past, one for each minute and each hour that is kept of each brand: without
them, what is kept would grow for two hours, and for eight days.
"""

import numpy as np
import orjson

from tests.benchmarks.corpus import Corpus

BRANDS = 1_000
EDITED_SHARE = 0.03
REPEATED_SHARE = 0.03
MOST_BACK = 20_000
"""So many reviews ago the original of an edit or a repetition came at most."""
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
AGES_MS = [*range(119 * MINUTE_MS, 0, -MINUTE_MS), *range(190 * HOUR_MS, HOUR_MS, -HOUR_MS)]
"""Of the reviews of the past of one brand."""
_SEED = 11
_DRAWS = 1 << 20


class Reviews:
    """A review for each number, the same in every run; drawn beforehand, so that making one costs little.

    The first `past` of them are of the past of `brands` brands.
    """

    def __init__(self, corpus: Corpus, brands: int = BRANDS) -> None:
        self.past = brands * len(AGES_MS)
        self._filled = brands
        self._texts = corpus.texts
        chance = np.random.default_rng(_SEED)
        weights = 1 / np.arange(1, BRANDS + 1)
        self._brands: list[int] = chance.choice(BRANDS, _DRAWS, p=weights / weights.sum()).tolist()
        self._back: list[int] = chance.integers(1, MOST_BACK, _DRAWS).tolist()
        self._drawn: list[float] = chance.random(_DRAWS).tolist()

    def value(self, number: int, now_ms: int) -> bytes:
        """The JSON of a review as a producer sends it at `now_ms`."""
        if number < self.past:
            return self._past(number, now_ms)
        at = number % _DRAWS
        drawn, original = self._drawn[at], max(0, number - self._back[at])
        edits, repeats = drawn < EDITED_SHARE, drawn > 1 - REPEATED_SHARE
        return orjson.dumps(
            {
                "review_id": f"r{original if edits else number}",
                "brand": f"Brand {self._brands[(original if edits or repeats else number) % _DRAWS]}",
                "text": self._text(original if repeats else number),
                "source": "benchmark",
                "stars": number % 5 + 1,
            }
        )

    def _past(self, number: int, now_ms: int) -> bytes:
        age, brand = divmod(number, self._filled)
        return orjson.dumps(
            {
                "review_id": f"r{number}",
                "brand": f"Brand {brand}",
                "text": self._text(number),
                "source": "benchmark",
                "created_at": now_ms - AGES_MS[age],
            }
        )

    def _text(self, number: int) -> str:
        return f"{self._texts[number % len(self._texts)]} {number // 1000} {number % 1000}"
