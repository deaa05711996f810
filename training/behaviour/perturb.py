"""What a hurried customer does to a text without changing what it says."""

import re
from collections.abc import Callable
from zlib import crc32

import numpy as np

_LONG_WORD = re.compile(r"[a-z]{5,}")
_SIGNS = re.compile(r"[^\w\s]")
_WORDS_A_TYPO = 8


def typos(text: str, seed: int) -> str:
    """A letter swapped, dropped or doubled inside a word of five letters or more, one for every 8 words.

    First letters stay; a text without such a word comes back as it is.
    """
    random = np.random.default_rng([seed, crc32(text.encode())])
    found = [word.span() for word in _LONG_WORD.finditer(text)]
    slips_wanted = min(len(found), 1 + len(text.split()) // _WORDS_A_TYPO)
    chosen = random.choice(len(found), slips_wanted, replace=False) if found else ()
    for start, end in sorted((found[i] for i in chosen), reverse=True):  # from behind: places stay valid
        at = int(random.integers(start + 1, end - 1))
        pair = text[at : at + 2]
        slips = (pair[::-1], pair[1], pair[0] + pair)
        text = text[:at] + slips[random.integers(len(slips))] + text[at + 2 :]
    return text


def upper_case(text: str) -> str:
    """Shouted."""
    return text.upper()


def bare(text: str) -> str:
    """Lower case, no punctuation, as some shops store it."""
    return " ".join(_SIGNS.sub("", text.lower()).split())


def joined_sentences(text: str) -> str:
    """No space behind punctuation."""
    return re.sub(r"([.,!?:]) ", r"\1", text)


def joined_words(text: str, seed: int) -> str:
    """One space between two words lost."""
    random = np.random.default_rng([seed, crc32(text.encode())])
    gaps = [gap.start() for gap in re.finditer(r"(?<=\w) (?=\w)", text)]
    if not gaps:
        return text
    gap = gaps[random.integers(len(gaps))]
    return text[:gap] + text[gap + 1 :]


def perturbations(seed: int) -> dict[str, tuple[Callable[[str], str], ...]]:
    """Capability -> ways to change a text."""
    return {
        "typos": (lambda text: typos(text, seed), lambda text: typos(text, seed + 1)),
        "upper case": (upper_case,),
        "punctuation dropped": (bare,),
        "joined words": (joined_sentences, lambda text: joined_words(text, seed)),
    }
