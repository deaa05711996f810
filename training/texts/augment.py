"""Training texts as others would have written them: other names, typing errors, no punctuation.

Pure: a text and a seeded random generator in, a text out. The label stays, because none of it is about
the sentiment. One of the sources that people train on has only lower-cased texts without punctuation.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.config import TrainingConfig
from training.texts.names import ANY_PRODUCT, BRANDS, PRODUCTS, made_up

_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
_PUNCTUATION = re.compile(r"[^\w\s']+")
_BRANDS, _PRODUCTS = frozenset(BRANDS), frozenset(PRODUCTS)
_MADE_UP = 0.5  # share of the names put in that nobody has
_NAMED = 0.3  # share of the changed texts in which products get a name
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LEAST_MISSPELT = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One way to write a text anew, and the share of the rows it happens to."""

    share: float
    apply: Callable[[str, random.Random], str]


def changes(config: TrainingConfig) -> tuple[Change, ...]:
    """What `config` asks for, in the order in which it happens to a text."""
    return (
        Change(config.swap_names, swap_names),
        Change(config.misspell, misspell),
        Change(config.drop_punctuation, drop_punctuation),
        Change(config.join_words, join_words),
    )


def augment(texts: Sequence[str], seed: str, wanted: Sequence[Change]) -> list[str]:
    """The texts of one epoch, in order; equal seeds give equal texts. A text never becomes blank."""
    choose = random.Random(seed)  # noqa: S311 - nothing here is a secret
    return [_changed(text, choose, wanted) for text in texts]


def _changed(text: str, choose: random.Random, wanted: Sequence[Change]) -> str:
    for change in wanted:
        if choose.random() < change.share:
            new = change.apply(text, choose)
            text = new if new.strip() else text
    return text


def swap_names(text: str, choose: random.Random) -> str:
    """Each brand becomes one other name throughout the text, each product word one other product.

    Now and then a product gets a name in front of it, for few texts name any.

    >>> swap_names("Sony makes good headphones, Sony!", random.Random(1)).count("Sony")
    0
    """
    taken: dict[str, str] = {}
    named = choose.random() < _NAMED

    def replaced(match: re.Match[str]) -> str:
        word = match[0].lower()
        if word not in taken:
            taken[word] = _other_name(word, choose)
            if named and word in _PRODUCTS:
                taken[word] = f"{_name(choose)} {taken[word]}"
        return taken[word] or match[0]

    return _WORD.sub(replaced, text)


def _other_name(word: str, choose: random.Random) -> str:
    """A name for a name, the empty string for any other word."""
    if word in _BRANDS:
        return _name(choose)
    if word in _PRODUCTS:
        return choose.choice(ANY_PRODUCT)
    return ""


def _name(choose: random.Random) -> str:
    return made_up(choose) if choose.random() < _MADE_UP else choose.choice(BRANDS)


def misspell(text: str, choose: random.Random) -> str:
    """One to three words of four letters or more get a letter dropped, doubled, replaced or swapped."""
    words = text.split(" ")
    long_enough = [i for i, word in enumerate(words) if len(word) >= _LEAST_MISSPELT]
    for i in choose.sample(long_enough, min(len(long_enough), choose.randint(1, 3))):
        words[i] = _mistyped(words[i], choose)
    return " ".join(words)


def _mistyped(word: str, choose: random.Random) -> str:
    at = choose.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return choose.choice(
        (
            before + after,
            before + letter * 2 + after,
            before + choose.choice(_LETTERS) + after,
            before + after[0] + letter + after[1:],
        )
    )


def drop_punctuation(text: str, choose: random.Random) -> str:  # noqa: ARG001 - as all changes are called
    """Only words are left; the apostrophe stays a part of them."""
    return _PUNCTUATION.sub(" ", text)


def join_words(text: str, choose: random.Random) -> str:
    """One or two spaces get lost."""
    words = text.split(" ")
    for _ in range(choose.randint(1, 2)):
        if len(words) > 1:
            at = choose.randrange(len(words) - 1)
            words[at : at + 2] = [words[at] + words[at + 1]]
    return " ".join(words)
