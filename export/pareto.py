"""Sizes of the network beside each other: what each costs, what it reaches, and which ones nothing beats."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """One trained and exported network; `megabytes` and `macro_f1` are those of the CPU's default variant."""

    run: str
    embedding_size: int
    hidden_size: int
    layers: int
    vocab_size: int
    parameters: int
    megabytes: float
    fp32_per_second: float
    int8_per_second: float
    variant: str
    macro_f1: float
    accuracy: float

    @property
    def per_second(self) -> float:
        """Reviews a second of the CPU's default variant."""
        return self.int8_per_second if self.variant == "int8" else self.fp32_per_second


def front(sizes: Sequence[Size]) -> list[bool]:
    """For each size, whether no other is at least as fast and as good, and better in one of the two."""
    return [not any(_beats(other, size) for other in sizes) for size in sizes]


def size_table(sizes: Sequence[Size]) -> str:
    """The sizes as a Markdown table, the fastest first; those on the Pareto front are marked."""
    marked = sorted(zip(sizes, front(sizes), strict=True), key=lambda pair: -pair[0].per_second)
    lines = [
        "| run | E | H | layers | V | parameters | MB | reviews/s fp32 | int8 | default "
        "| macro-F1 | accuracy | Pareto front |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for size, on_front in marked:
        lines.append(
            f"| {size.run} | {size.embedding_size} | {size.hidden_size} | {size.layers} "
            f"| {size.vocab_size:,} | {size.parameters / 1e6:.2f} M | {size.megabytes:.1f} "
            f"| {size.fp32_per_second:,.0f} | {size.int8_per_second:,.0f} | {size.variant} "
            f"| {size.macro_f1:.4f} | {size.accuracy:.4f} | {'●' if on_front else ''} |"
        )
    return "\n".join(lines)


def _beats(one: Size, other: Size) -> bool:
    ours, theirs = (one.per_second, one.macro_f1), (other.per_second, other.macro_f1)
    return ours != theirs and all(a >= b for a, b in zip(ours, theirs, strict=True))
