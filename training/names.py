"""Names that say nothing of a review's sentiment: brands and product words, to be swapped in training.

A model that has learned that one brand is bad would poison every comparison of brands. So in training,
names change places (`training.augment`), and afterwards those that are one token share one vector
(`training.tying`).
"""

import random
from importlib.resources import files


def _words(name: str) -> tuple[str, ...]:
    lines = files("training").joinpath("words", name).read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())


BRANDS = _words("brands.txt")
PRODUCTS = _words("products.txt")

_STARTS, _MIDDLES, _ENDS = (_words(f"syllables.{part}.txt") for part in ("start", "middle", "end"))


def made_up(choose: random.Random) -> str:
    """A name that nobody has: two or three syllables.

    >>> made_up(random.Random(0)).isalpha()
    True
    """
    syllables = (choose.choice(_STARTS) + choose.choice(_MIDDLES) for _ in range(choose.choice((1, 2, 2))))
    return "".join(syllables) + choose.choice(_ENDS)
