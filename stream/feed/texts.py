"""Texts of the story: clauses put together in the ways in which people write reviews."""

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("story.json")


@dataclass(frozen=True, slots=True)
class Brand:
    """An invented brand and the usual mix of its reviews."""

    name: str
    product: str
    models: tuple[str, ...]
    mix: tuple[float, float, float]
    """Weights of negative, neutral, positive."""
    weight: float
    """How often it is reviewed, relative to the others."""


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote."""

    text: str
    title: str | None
    language: str


@cache
def data() -> Mapping[str, Any]:
    """The story's words, as `story.json` has them."""
    words: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return words


@cache
def brands() -> tuple[Brand, ...]:
    """All brands of the story; none of them exists."""
    return tuple(
        Brand(row["name"], row["product"], tuple(row["models"]), tuple(row["mix"]), row["weight"])
        for row in data()["brands"]
    )


def write(pick: random.Random, brand: Brand, model: str, sentiment: str, topic: str | None) -> Written:
    """One review of this sentiment; `topic` names a list of the incident that it is about."""
    if topic is None and pick.random() < 0.04:
        language = pick.choice(sorted(data()["foreign"]))
        return Written(pick.choice(data()["foreign"][language][sentiment]), None, language)
    tone = pick.choices(_TONES, _TONE_WEIGHTS)[0]
    clauses = [fill(pick, clause, brand, model) for clause in _clauses(pick, brand, sentiment, topic, tone)]
    title = None
    if pick.random() < 0.3:
        title = fill(pick, pick.choice(data()["titles"][sentiment]), brand, model)
    return Written(_STYLES[tone](pick, clauses, sentiment), title, "en")


def fill(pick: random.Random, template: str, brand: Brand, model: str) -> str:
    """The template with every `{slot}` replaced.

    >>> lamp = Brand("Nobody", "lamp", ("L1",), (1, 1, 1), 1)
    >>> fill(random.Random(1), "the {product} of {brand}", lamp, "L1")
    'the lamp of Nobody'
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        fixed = {"product": brand.product, "brand": brand.name, "model": model}
        return fixed[name] if name in fixed else str(pick.choice(data()["slots"][name]))

    return re.sub(r"\{(\w+)\}", value, template)


def _clauses(pick: random.Random, brand: Brand, sentiment: str, topic: str | None, tone: str) -> list[str]:
    words = data()
    subject = [pick.choice(words["incident"][topic])] if topic else []
    if tone == "terse":
        return subject or [pick.choice(words["terse"][sentiment])]
    own, common = words["clauses"][brand.product][sentiment], words["clauses"]["any"][sentiment]
    about = pick.sample(own, pick.choice((0, 1, 1, 2))) + pick.sample(common, pick.choice((1, 1, 2)))
    if tone == "long":
        about += pick.sample([clause for clause in common if clause not in about], 3)
    pick.shuffle(about)
    opener = [pick.choice(words["openers"])] if pick.random() < 0.45 else []
    closer = [pick.choice(words["closers"][sentiment])] if pick.random() < 0.3 else []
    return opener + subject + about[: 1 if topic and tone != "long" else None] + closer


def _sentences(pick: random.Random, clauses: list[str], _sentiment: str) -> str:
    text = clauses[0][:1].upper() + clauses[0][1:]
    for clause in clauses[1:]:
        joint = pick.choice((". ", ". ", ". ", ", ", "; ", " - ", "! "))
        text += joint + (clause[:1].upper() + clause[1:] if joint in (". ", "! ") else clause)
    return text + pick.choice((".", ".", ".", "!", ""))


def _shouting(pick: random.Random, clauses: list[str], _sentiment: str) -> str:
    return "! ".join(clauses).upper() + "!" * pick.randint(1, 4)


def _careless(pick: random.Random, clauses: list[str], _sentiment: str) -> str:
    return pick.choice((" ", ", ", "... ")).join(clauses).lower()


def _misspelt(pick: random.Random, clauses: list[str], sentiment: str) -> str:
    swaps: Mapping[str, str] = data()["swaps"]
    words = _careless(pick, clauses, sentiment).split(" ")
    return " ".join(swaps.get(word, word) if pick.random() < 0.7 else word for word in words)


def _with_emoji(pick: random.Random, clauses: list[str], sentiment: str) -> str:
    face: str = pick.choice(data()["emoji"][sentiment])
    return f"{_sentences(pick, clauses, sentiment)} {face * pick.randint(1, 3)}"


_STYLES: Mapping[str, Callable[[random.Random, list[str], str], str]] = {
    "plain": _sentences,
    "terse": _sentences,
    "long": _sentences,
    "shouting": _shouting,
    "careless": _careless,
    "misspelt": _misspelt,
    "emoji": _with_emoji,
}
_TONES = tuple(_STYLES)
_TONE_WEIGHTS = (56, 9, 9, 5, 9, 6, 6)
