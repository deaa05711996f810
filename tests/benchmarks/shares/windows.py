"""Groups of real reviews, and windows of them: as they are, drawn again, and with shifted mixes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from stream.estimation.bins import BINS
from stream.estimation.estimate import Evidence
from tests.benchmarks.shares.reviews import Bools, Floats, Ints, Reviews, Scored

LEAST_REVIEWS = 50
SIZES = {"50-99": (50, 100), "100-199": (100, 200), "200+": (200, 1 << 60), "all": (0, 1 << 60)}
_LEAST_OF_A_CLASS = 3

Group = Ints
"""The rows of one brand, or of one product, within a shop."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of reviews whose stars are known; a row for each."""

    evidence: Evidence
    shares: Floats
    """[windows, 3], by the stars of the very reviews."""
    wanted: Floats
    """[windows, 3], of what the reviews were drawn from."""

    @property
    def reviews(self) -> Ints:
        """[windows]"""
        total: Ints = self.evidence.counts.sum(axis=1)
        return total

    def of_size(self, size: str) -> Bools:
        """[windows], whether it has as many reviews as one of SIZES says."""
        least, below = SIZES[size]
        return (self.reviews >= least) & (self.reviews < below)


def find_groups(reviews: Reviews, chosen: Bools) -> list[Group]:
    """All of `LEAST_REVIEWS` and more; a product that is all there is of its brand comes once."""
    groups: dict[bytes, Group] = {}
    for names in (reviews.brands, reviews.products):
        rows_by_name = defaultdict(list)
        for row in np.flatnonzero(chosen).tolist():
            if names[row]:
                rows_by_name[reviews.sources[row], names[row]].append(row)
        for rows in rows_by_name.values():
            if len(rows) >= LEAST_REVIEWS:
                group = np.array(rows, np.int64)
                groups.setdefault(group.tobytes(), group)
    return list(groups.values())


def halves(reviews: Reviews, groups: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """To fit on, and to judge on: a brand in a shop lies in one of both with all its products."""
    by_half: tuple[list[Group], list[Group]] = ([], [])
    for group in groups:
        row = int(group[0])
        name = f"{reviews.sources[row]}|{reviews.brands[row] or reviews.products[row]}"
        by_half[blake2b(name.encode(), digest_size=2).digest()[0] % 2].append(group)
    return by_half


def natural(reviews: Reviews, model: Scored, groups: Sequence[Group]) -> Windows:
    """Each group as it is."""
    return _windows(reviews, model, ((group, _shares(reviews, group)) for group in groups))


def resampled(reviews: Reviews, model: Scored, groups: Sequence[Group], times: int) -> Windows:
    """Windows of as many reviews as the group has, drawn from it with replacement."""
    random = np.random.default_rng(11)
    drawn = (
        (random.choice(group, len(group)), _shares(reviews, group)) for group in groups for _ in range(times)
    )
    return _windows(reviews, model, drawn)


def shifted(reviews: Reviews, model: Scored, groups: Sequence[Group], times: int) -> Windows:
    """Windows whose mix of classes is drawn from Dirichlet(1, 1, 1), of reviews of the group."""
    return _windows(
        reviews, model, _mixed(reviews, groups, times, 12, lambda random, _: random.dirichlet((1, 1, 1)))
    )


def before_and_after(
    reviews: Reviews, model: Scored, groups: Sequence[Group], times: int, most_moved: float
) -> tuple[Windows, Windows]:
    """Pairs of windows of a group: with its own mix, and with up to so much of it gone from positive."""

    def moved(random: np.random.Generator, mix: Floats) -> Floats:
        share = min(random.uniform(0, most_moved), mix[2])
        moved_mix: Floats = mix + np.array([share, 0, -share])
        return moved_mix

    before = _mixed(reviews, groups, times, 13, lambda _, mix: mix)
    after = _mixed(reviews, groups, times, 14, moved)
    return _windows(reviews, model, before), _windows(reviews, model, after)


def _mixed(
    reviews: Reviews,
    groups: Sequence[Group],
    times: int,
    seed: int,
    mix_of: Callable[[np.random.Generator, Floats], Floats],
) -> Iterator[tuple[Ints, Floats]]:
    """As many reviews as the group has, with replacement; groups short of a class are left out."""
    random = np.random.default_rng(seed)
    for group in groups:
        by_class = [group[reviews.classes[group] == each] for each in range(3)]
        if min(map(len, by_class)) < _LEAST_OF_A_CLASS:
            continue
        own = _shares(reviews, group)
        for _ in range(times):
            mix = mix_of(random, own)
            numbers = random.multinomial(len(group), mix)
            parts = [random.choice(rows, number) for rows, number in zip(by_class, numbers, strict=True)]
            yield np.concatenate(parts), mix


def _shares(reviews: Reviews, rows: Ints) -> Floats:
    return np.bincount(reviews.classes[rows], minlength=3) / len(rows)


def _windows(reviews: Reviews, model: Scored, drawn: Iterator[tuple[Ints, Floats]]) -> Windows:
    counts, sums, bins, shares, wanted = [], [], [], [], []
    for rows, of_all in drawn:
        counts.append(np.bincount(model.labels[rows], minlength=3))
        sums.append(model.units[rows].sum(axis=0))
        bins.append(np.bincount(model.bins[rows], minlength=BINS))
        shares.append(_shares(reviews, rows))
        wanted.append(of_all)
    return Windows(
        Evidence(np.array(counts), np.array(sums), np.array(bins)), np.array(shares), np.array(wanted)
    )
