"""Names that say nothing of a review's sentiment: brands and product words, to be swapped in training.

A model that has learned that one brand is bad would poison every comparison of brands. So in training,
names change places (`training.texts.augment`), and afterwards those that are one token share one vector
(`training.tying`).
"""

import random

from training.texts.wordlists import read_lines, read_words

BRANDS = read_words("brands.txt")
PRODUCTS = read_words("products.txt")
ANY_PRODUCT = (*PRODUCTS, *read_lines("more_products.txt"))  # that may take a product word's place

_STARTS, _MIDDLES, _ENDS = (read_words(f"syllables.{part}.txt") for part in ("start", "middle", "end"))
_SECONDS = read_words("name_parts.txt")
_ONE_WORD, _TWO_WORDS = 0.65, 0.9  # shares of made-up names, cumulated


def made_up(choose: random.Random) -> str:
    """A name that nobody has: a word, sometimes two, or two joined by an ampersand.

    >>> made_up(random.Random(0)).isalpha()
    True
    """
    form = choose.random()
    if form < _ONE_WORD:
        return _word(choose)
    if form < _TWO_WORDS:
        return f"{_word(choose)} {choose.choice(_SECONDS) if choose.random() < 0.5 else _word(choose)}"
    return f"{_word(choose)} & {_word(choose)}"


def _word(choose: random.Random) -> str:
    syllables = (choose.choice(_STARTS) + choose.choice(_MIDDLES) for _ in range(choose.choice((1, 2, 2))))
    return "".join(syllables) + choose.choice(_ENDS)
