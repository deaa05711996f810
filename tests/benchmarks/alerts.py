"""How often alerts are false and how soon true ones come: `python -m tests.benchmarks.alerts`.

A thousand simulated brands for 60 days (`tests.benchmarks.alert_world`) go through the product's own code,
and through the two rules in common use. Writes docs/alerts.md and its plot; with fewer brands or days, for a
quick look, it only prints the tables.
"""

from pathlib import Path
from typing import Annotated

import matplotlib.pyplot as plt
import typer
from rich.progress import track

from stream.brands.alerting.rules import KINDS, Kind, Rules
from tests.benchmarks.alert_page import FALSE_TARGET, Scores, measured, page, tables
from tests.benchmarks.alert_play import OURS, Play
from tests.benchmarks.alert_rivals import Rivals
from tests.benchmarks.alert_score import Score, score
from tests.benchmarks.alert_world import World

DOCS = Path(__file__).resolve().parents[2] / "docs"
BRANDS, DAYS, PARTITIONS, LOOK_MINUTES = 1_000, 60, 8, 5
CHECKED_BRANDS = 40
"""Looked at each minute as well, to see what the coarser looks hide."""
SEED = 20_261


def main(
    brands: Annotated[int, typer.Option(help="Simulated brands.")] = BRANDS,
    days: Annotated[int, typer.Option(help="Simulated days, of which the first 8 warm up.")] = DAYS,
    out: Annotated[Path, typer.Option(help="Where alerts.md and images/alerts.png go.")] = DOCS,
) -> None:
    """Play the simulation; progress on stderr, the tables on stdout."""
    world, rivals = World(brands, days, SEED), Rivals(brands, days * 24)
    play = _played(world, PARTITIONS, LOOK_MINUTES, rivals)
    scores: dict[tuple[str, Kind, float], Score] = {}
    for kind in KINDS:
        scores[OURS, kind, 0.0] = score(world, kind, play.of(kind))
    for rule in rivals.rules:
        scores[rule.name, rule.kind, rule.threshold] = score(world, rule.kind, rule.openings)
    fine = {minutes: _checked(days, minutes) for minutes in (1, LOOK_MINUTES)}
    text = tables(world, scores, fine)
    print(text)
    if (brands, days) == (BRANDS, DAYS):
        (out / "alerts.md").write_text(page(measured(world, play.looks, PARTITIONS), text), encoding="utf-8")
        _plot(scores, out / "images" / "alerts.png")


def _played(world: World, partitions: int, look_minutes: int, rivals: Rivals | None = None) -> Play:
    play = Play(world, partitions, look_minutes, Rules())
    what = f"{world.brands} brands, a look each {look_minutes} min"
    for _ in track(play.run(rivals), what, total=world.days * 24):
        pass
    return play


def _checked(days: int, look_minutes: int) -> dict[Kind, Score]:
    """A few brands of their own, by kind."""
    world = World(CHECKED_BRANDS, days, SEED + 1)
    play = _played(world, 1, look_minutes)
    return {kind: score(world, kind, play.of(kind)) for kind in KINDS}


def _plot(scores: Scores, path: Path) -> None:
    """For each kind the share of incidents caught against false alerts, all thresholds of the rules."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axis, kind in zip(axes, KINDS, strict=True):
        for name, form in (("3 sigma", "C0o-"), ("5 points", "C1s--"), (OURS, "C2D")):
            points = [one for (rule, its, _), one in scores.items() if (rule, its) == (name, kind)]
            if points:
                # A logarithmic axis has no 0: half an alert stands for none.
                x = [max(one.false_alerts, 0.5) / one.brand_months for one in points]
                axis.plot(x, [one.detection_rate for one in points], form, label=name, markersize=5)
        axis.axvline(FALSE_TARGET, color="0.7", linewidth=1)
        axis.set(xscale="log", xlabel="false alerts per brand-month", title=kind.replace("_", " "))
        axis.legend(loc="lower right")
    axes[0].set_ylabel("share of incidents caught")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    typer.run(main)
