"""The report of the suite as Markdown."""

from collections.abc import Iterable, Sequence

from training.behaviour.suite import SURE, CapabilityResult, Failure, SuiteReport, UncertainResult
from training.behaviour.swapping import SwapResult

_CAPABILITY_HEAD = "capability|test|cases|failures|failure rate"
_SWAP_HEAD = "swap|carriers|names|pairs|flips|flip rate|carriers with flips|off majority|favoured|disfavoured"
_UNCERTAIN_HEAD = f"kind|texts|largest probability, mean|90th percentile|polar above {SURE}"


def markdown(report: SuiteReport, examples: int) -> str:
    """Three tables, and up to `examples` failing texts of each capability."""
    parts = [
        "## By capability\n",
        _table(_CAPABILITY_HEAD, map(_capability, report.capabilities)),
        "\nMFT: the label is one of those expected. INV: a change that means nothing changes no label. "
        "DIR: a change moves a probability the right way.\n",
        "## Swaps\n",
        _table(_SWAP_HEAD, map(_swap, report.swaps)),
        "\nOff majority: texts with another label than most names get in the same review. Favoured and "
        "disfavoured: the names that move the probability of positive most, and by how much on average.\n",
        "## Texts that cannot be judged\n",
        _table(_UNCERTAIN_HEAD, map(_uncertain, report.uncertain)),
    ]
    if examples:
        parts += ["\n## Examples of failures\n", *_examples(report, examples)]
    return "\n".join(parts) + "\n"


def _table(head: str, rows: Iterable[Sequence[str]]) -> str:
    """`head` names the columns, parted by bars."""
    names = head.split("|")
    return "\n".join(f"| {' | '.join(row)} |" for row in (names, ["---"] * len(names), *rows))


def _capability(result: CapabilityResult) -> Sequence[str]:
    failures = len(result.failures)
    return result.capability, result.test, str(result.cases), str(failures), f"{result.rate:.1%}"


def _swap(result: SwapResult) -> Sequence[str]:
    counts = (result.carriers, result.names, result.pairs, result.flips)
    moved = (f"{name} {move:+.3f}" for name, move in (result.favoured, result.disfavoured))
    shares = (f"{result.rate:.2%}", str(len(result.examples)), f"{result.off_majority:.2%}")
    return result.capability, *map(str, counts), *shares, *moved


def _uncertain(result: UncertainResult) -> Sequence[str]:
    numbers = (f"{result.mean:.2f}", f"{result.p90:.2f}", f"{result.rate:.0%}")
    return result.kind, str(result.cases), *numbers


def _examples(report: SuiteReport, most: int) -> list[str]:
    found: list[str] = []
    for capability in report.capabilities:
        for failure in _spread(capability.failures, most):
            text = f"{failure.text} → {failure.changed}" if failure.changed else failure.text
            found.append(
                f"- {capability.capability}: {text} (wanted {failure.wanted}, found {failure.found})"
            )
    for swap in report.swaps:
        for flip in swap.examples[:most]:
            pair = f"{flip.text} ({flip.label}) → {flip.other_text} ({flip.other_label})"
            found.append(f"- {swap.capability}: {pair}")
    for kind in report.uncertain:
        found += [f"- {kind.kind}: {text}" for text in kind.sure[:most]]
    return found


def _spread(items: Sequence[Failure], most: int) -> Sequence[Failure]:
    """Up to `most` items from the whole length, since neighbours come from the same template."""
    return items[:: max(1, -(-len(items) // most))]
