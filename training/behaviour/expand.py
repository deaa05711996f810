"""From a template to texts: `{name}` takes words of the lexicon, `{a|b}` one of those written there."""

import re
from math import prod
from zlib import crc32

import numpy as np

from training.behaviour.lexicon import SLOTS

PAIRED = " || "
_SLOT = re.compile(r"\{([^{}]*)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aei])")


def lines(block: str) -> list[str]:
    """The templates of a block, one a line."""
    return block.strip().splitlines()


def expand(template: str, seed: int, most: int) -> list[str]:
    """Up to `most` different texts, drawn by seed; what one template gives does not depend on others.

    A slot that occurs twice is filled alike, so two halves parted by `PAIRED` speak of the same thing.

    Raises:
        KeyError: a slot that the lexicon does not have.
    """
    slots = list(dict.fromkeys(_SLOT.findall(template)))
    choices = [slot.split("|") if "|" in slot else SLOTS[slot] for slot in slots]
    total = prod(len(choice) for choice in choices)
    random = np.random.default_rng([seed, crc32(template.encode())])
    picks = random.choice(total, min(most, total), replace=False)
    texts = []
    for pick in picks.tolist():
        words = {}
        for slot, choice in zip(slots, choices, strict=True):
            pick, nth = divmod(pick, len(choice))
            words[slot] = choice[nth]
        texts.append(fill(template, words))
    return texts


def fill(template: str, words: dict[str, str]) -> str:
    """The template with every slot replaced; "a" becomes "an" before a, e and i.

    >>> fill("I have a {product}.", {"product": "iron"})
    'I have an iron.'
    """
    return _ARTICLE.sub(r"\1n ", _SLOT.sub(lambda slot: words[slot.group(1)], template))


def expand_pairs(template: str, seed: int, most: int) -> list[tuple[str, str]]:
    """Both halves of a template of the form "text || other text", filled alike."""
    texts = (text.split(PAIRED) for text in expand(template, seed, most))
    return [(first, second) for first, second in texts]
