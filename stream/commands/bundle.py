"""`brandpulse bundle`: look at model bundles, and compare two before one takes the other's place."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.errors import ConfigurationError

if TYPE_CHECKING:
    from stream.scoring.classifier import Classifier
    from stream.scoring.shadow import Comparison

SHOWN_BRANDS = 10

BundleDirectory = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Directory of a bundle.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Verify model bundles, and compare two of them.")
    group.command("verify")(verify)
    group.command("compare")(compare_bundles)
    app.add_typer(group, name="bundle")


def verify(
    bundle: BundleDirectory,
    provider: Annotated[str | None, typer.Option(help="Where the model runs: auto, cuda or cpu.")] = None,
) -> None:
    """Check a bundle's files and golden texts as a worker would at its start; exit code 2 if it is unusable.

    Example: brandpulse bundle verify runs/default/bundle
    """
    from stream.scoring.inference import load_model
    from stream.settings import load_settings

    settings = load_settings(bundle=bundle, provider=provider)
    model = load_model(settings)
    _classifier(bundle, provider)
    goldens = len(model.bundle.manifest.goldens)
    typer.echo(f"{model.name}: {goldens} golden texts reproduced on {model.provider} ({model.variant})")


def compare_bundles(
    running: Annotated[Path, typer.Argument(metavar="A", help="The bundle in use.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The one that may take its place.")],
    data: Annotated[Path, typer.Option(help="Reviews: csv, tsv, jsonl (.gz) or parquet.")],
    most: Annotated[int | None, typer.Option(min=1, help="Compare so many reviews. Default: all.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Take a field from this column; repeatable."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Of csv and tsv files, for example cp1252.")] = "utf-8-sig",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Label the same reviews with both: labels that flip, net sentiment that moves, seconds that it takes.

    Exit code 1 if B goes beyond the limits that a worker holds it to (BRANDPULSE_SHADOW_MOST_FLIPS,
    ..._NET_SHIFT, ..._SLOWDOWN).

    Example: brandpulse bundle compare stream/bundle runs/default/bundle --data reviews.csv
    """
    import time

    from stream.commands.label_input import CHUNK_LINES, file_chunks
    from stream.events import Review
    from stream.scoring.shadow import Comparison, Limits, compare
    from stream.settings import load_settings

    limits = Limits.of(load_settings())
    both = _classifier(running, None), _classifier(new, None)
    chunks = file_chunks(data, columns or [], encoding, progress=not as_json)
    found = (line.content for chunk in chunks for line in chunk)
    reviews: Iterator[Review] = islice((each for each in found if isinstance(each, Review)), most)
    comparison = Comparison()
    while chunk := list(islice(reviews, CHUNK_LINES)):
        compare(chunk, *both, time.perf_counter, comparison)
    if not comparison.reviews:
        raise ConfigurationError(f"{data} holds no reviews: nothing to compare the bundles on")
    objections = comparison.objections(limits)
    typer.echo(_as_json(comparison, objections) if as_json else _as_text(comparison, objections))
    if objections:
        raise typer.Exit(1)


def _classifier(bundle: Path, provider: str | None) -> "Classifier":
    import time

    from stream.scoring.inference import create_classifier, load_model
    from stream.settings import load_settings

    settings = load_settings(bundle=bundle, provider=provider)
    model = load_model(settings)
    return create_classifier(model, settings, clock=time.perf_counter, observe=lambda _what, _amount: None)


def _as_json(comparison: "Comparison", objections: list[str]) -> str:
    return json.dumps(
        {
            "reviews": comparison.reviews,
            "flips": comparison.flips,
            "labels": [
                {"running": old, "new": young, "reviews": count}
                for (old, young), count in sorted(comparison.labels.items())
            ],
            "net": [
                {"brand": shift.brand, "reviews": shift.reviews, "running": shift.running, "new": shift.new}
                for shift in comparison.shifts()
            ],
            "slowdown": comparison.slowdown,
            "objections": objections,
        },
        ensure_ascii=False,
    )


def _as_text(comparison: "Comparison", objections: list[str]) -> str:
    shifts = comparison.shifts()
    lines = [f"{comparison.reviews:,} reviews, {comparison.flips:.2%} of the labels differ"]
    lines += [
        f"  {old} -> {young}: {count:,}"
        for (old, young), count in comparison.labels.most_common()
        if old != young
    ]
    lines.append("net sentiment, A and B:")
    lines += [
        f"  {shift.brand}: {shift.running:+.3f} {shift.new:+.3f} ({shift.reviews:,} reviews)"
        for shift in shifts[: SHOWN_BRANDS + 1]
    ]
    lines.append(f"B takes {comparison.slowdown:.2f} times as long as A")
    lines += [f"beyond the limits: {objection}" for objection in objections]
    return "\n".join(lines)
