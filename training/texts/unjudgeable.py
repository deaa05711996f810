"""Texts that nobody could judge, made up for training: their target says that all labels are open.

Without them a model calls gibberish and foreign words positive, as most reviews are. The kinds: words of
languages it does not read (letters of other scripts at random; common words of languages in Latin
letters), keyboard gibberish, numbers and codes, and remarks that praise and blame nothing.
"""

import random
from collections.abc import Callable

from training.texts.names import ANY_PRODUCT
from training.texts.wordlists import read_lines

_SCRIPTS = (  # code points, first and past the last, of letters in common use
    (0x0430, 0x0450),  # Cyrillic
    (0x03B1, 0x03CA),  # Greek
    (0x05D0, 0x05EB),  # Hebrew
    (0x0627, 0x064B),  # Arabic
    (0x0905, 0x093A),  # Devanagari
    (0x0985, 0x09BA),  # Bengali
    (0x0B85, 0x0BBA),  # Tamil
    (0x0E01, 0x0E2F),  # Thai
    (0x10D0, 0x10F1),  # Georgian
    (0x3041, 0x3097),  # Hiragana
    (0x30A1, 0x30FB),  # Katakana
    (0x4E00, 0x5200),  # Han
    (0xAC00, 0xB000),  # Hangul
)

_LANGUAGES = tuple(tuple(line.partition(":")[2].split()) for line in read_lines("languages.txt"))
_FACTS = read_lines("facts.txt")
_COLOURS = ("black", "white", "grey", "blue", "red", "green", "brown", "pink", "yellow", "silver")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_MOST_WORDS = 20

Draw = Callable[[random.Random], str]  # one word


def unjudgeable_texts(rows: int, seed: str) -> list[str]:
    """Texts of one kind each, never blank; equal seeds give equal texts."""
    choose = random.Random(seed)  # noqa: S311 - nothing here is a secret
    return [_text(choose) for _ in range(rows)]


def _text(choose: random.Random) -> str:
    kinds = (_other_script, _other_language, _other_language, _gibberish, _numbers)
    kind = choose.randrange(len(kinds) + 1)
    if kind == len(kinds):
        return ". ".join(_fact(choose) for _ in range(choose.choice((1, 1, 2))))
    word = kinds[kind](choose)
    return " ".join(word(choose) for _ in range(choose.randint(1, _MOST_WORDS)))


def _fact(choose: random.Random) -> str:
    fact = (
        choose.choice(_FACTS).replace("%", choose.choice(_COLOURS)).replace("~", choose.choice(ANY_PRODUCT))
    )
    return fact.replace("#", str(choose.randrange(2, 40)))


def _other_script(choose: random.Random) -> Draw:
    first, past = choose.choice(_SCRIPTS)
    return lambda draw: "".join(chr(draw.randrange(first, past)) for _ in range(draw.randint(1, 9)))


def _other_language(choose: random.Random) -> Draw:
    words = choose.choice(_LANGUAGES)
    return lambda draw: draw.choice(words)


def _gibberish(choose: random.Random) -> Draw:
    keys = choose.choice((*_KEYS, choose.choice(_KEYS[-1])))
    return lambda draw: "".join(draw.choices(keys, k=draw.randint(3, 10)))


def _numbers(choose: random.Random) -> Draw:
    form = choose.choice(("{}", "{}/{}", "{}-{}-{}", "#{}", "{}:{}", "{}.{}"))
    return lambda draw: form.format(*(draw.randrange(1, 10 ** draw.randint(1, 6)) for _ in range(3)))
