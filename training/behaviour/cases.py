"""The three kinds of test of CheckList (Ribeiro et al. 2020, arXiv:2005.04118), as values.

`Labelled` is its minimum functionality test, `Unchanged` its invariance, `Directed` its directional
expectation test.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from training.behaviour.expand import expand, expand_pairs, lines
from training.behaviour.intensity import REMARKS, STRONGER
from training.behaviour.perturb import perturbations
from training.behaviour.plain import PLAIN
from training.behaviour.reasoning import REASONING, WORD_ORDER
from training.behaviour.stories import STORIES
from training.behaviour.trade import TRADE
from training.data import LABELS

TEMPLATES = {**PLAIN, **REASONING, **TRADE, **STORIES}
# Plain enough in their wording that a slip of the pen leaves no doubt about them.
_BASES = ("complaints", "praise", "middling", "scams and fakes", "prices", "change over time", "comparison")
_PER_TEMPLATE, _PER_PAIR, _PER_WORDS = 6, 4, 60


@dataclass(frozen=True, slots=True)
class Labelled:
    """The label of `text` must be one of `accepted`, indexes into LABELS."""

    capability: str
    text: str
    accepted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """`changed` says what `text` says: both must have the same label."""

    capability: str
    text: str
    changed: str


@dataclass(frozen=True, slots=True)
class Directed:
    """`changed` must not make `label` less probable than `text` does, but for a margin."""

    capability: str
    text: str
    changed: str
    label: int


Case = Labelled | Unchanged | Directed


def all_cases(seed: int) -> list[Case]:
    """Every case, in the order of the report; equal seeds give equal cases, none of them twice."""
    cases: Iterable[Case] = [*_labelled(seed), *_word_order(seed), *_unchanged(seed), *_directed(seed)]
    return list(dict.fromkeys(cases))


def _labelled(seed: int) -> Iterator[Labelled]:
    for capability, blocks in TEMPLATES.items():
        for labels, block in blocks.items():
            accepted = tuple(LABELS.index(label) for label in labels.split())
            for template in lines(block):
                most = _PER_WORDS if capability == "one word" else _PER_TEMPLATE
                for text in expand(template, seed, most):
                    yield Labelled(capability, text, accepted)


def _word_order(seed: int) -> Iterator[Labelled]:
    for template in lines(WORD_ORDER):
        for complaint, praise in expand_pairs(template, seed, _PER_PAIR):
            yield Labelled("word order", complaint, (LABELS.index("negative"),))
            yield Labelled("word order", praise, (LABELS.index("positive"),))


def _unchanged(seed: int) -> Iterator[Unchanged]:
    bases = [
        text
        for capability in _BASES
        for block in TEMPLATES[capability].values()
        for template in lines(block)
        for text in expand(template, seed, _PER_TEMPLATE)[:1]
    ]
    for capability, ways in perturbations(seed).items():
        for change in ways:
            for text in bases:
                if change(text) != text:
                    yield Unchanged(capability, text, change(text))


def _directed(seed: int) -> Iterator[Directed]:
    for name, block in STRONGER.items():
        label = LABELS.index(name)
        for template in lines(block):
            for text, stronger in expand_pairs(template, seed, _PER_PAIR):
                yield Directed("intensity", text, stronger, label)
                yield Directed("intensity", text, _shouted(text), label)
    for capability in ("complaints", "praise"):
        for name, block in TEMPLATES[capability].items():
            for template in lines(block):
                text = expand(template, seed, _PER_TEMPLATE)[0]
                yield Directed("intensity", text, _shouted(text), LABELS.index(name))
                for added, remarks in REMARKS.items():
                    for remark in remarks:
                        yield Directed("added remark", text, f"{text} {remark}", LABELS.index(added))


def _shouted(text: str) -> str:
    return text.rstrip(".!") + "!!!"


def template_count() -> int:
    """How many templates there are, both halves of a pair counted as one."""
    blocks = [block for groups in TEMPLATES.values() for block in groups.values()]
    return sum(len(lines(block)) for block in (*blocks, WORD_ORDER, *STRONGER.values()))
