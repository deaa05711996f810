"""`python -m export.sizes RUN_DIR... --texts FILE`: speed, size and scores of several finished runs."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Annotated

import typer

from export.bundle import Bundle, BundleError, read_bundle
from export.errors import ExportError
from export.pareto import Size, size_table

_MOST_TEXTS = 4_000


def sizes(
    runs: Annotated[
        list[Path], typer.Argument(help="Run directories of `python -m training fit`, finished.")
    ],
    texts: Annotated[
        list[Path], typer.Option(help="Labelled reviews whose texts are timed; their lengths decide.")
    ],
    beside: Annotated[
        list[Path] | None, typer.Option(help="A bundle to measure in the same run. Repeatable.")
    ] = None,
) -> None:
    """Export each run to a temporary bundle and print a Markdown table, the Pareto front marked.

    Speeds are reviews a second on two threads, measured alternately on up to 4,000 of the texts; macro-F1
    and accuracy are those on each run's validation rows, at its operating point.

    Example: python -m export.sizes runs/small runs/base runs/large --texts reviews.parquet
    """
    from training.errors import TrainingError

    try:
        with tempfile.TemporaryDirectory() as directory:
            bundles = {str(path): read_bundle(path) for path in beside or ()}
            bundles |= export_all(runs, Path(directory), lambda line: typer.echo(line, err=True))
            speeds = _speeds(bundles, _texts(texts))
            typer.echo(size_table([_size(name, bundle, speeds) for name, bundle in bundles.items()]))
    except TrainingError as error:
        raise ExportError(str(error)) from error


def export_all(runs: Sequence[Path], directory: Path, tell: Callable[[str], None]) -> dict[str, Bundle]:
    """Bundles of all runs, by run, in `directory`; `tell` gets a line for each step."""
    from export.session import Plan, export_run

    bundles: dict[str, Bundle] = {}
    for number, run in enumerate(runs):
        tell(f"{run}: exporting")
        bundles[str(run)] = export_run(run, directory / str(number), Plan("size", ("fp32", "int8")), tell)
    return bundles


def _speeds(bundles: Mapping[str, Bundle], texts: Sequence[str]) -> dict[tuple[str, str], float]:
    """Reviews a second by run and variant."""
    from tokenizers import Tokenizer

    from export.runtime import batch_rows, onnx_run
    from export.speed import Timed, reviews_per_second
    from training.tokenizer import encode

    timed: dict[tuple[str, str], Timed] = {}
    for run, bundle in bundles.items():
        manifest = bundle.manifest
        tokenizer = Tokenizer.from_file(str(bundle.tokenizer_file))
        rows = [row for row in encode(tokenizer, list(texts), manifest.max_chars) if row]
        batches = [batch for _, batch in batch_rows(rows, manifest.pad_id)]
        for variant, file in manifest.models.items():
            timed[run, variant] = Timed(onnx_run(bundle.path / file), batches)
    return reviews_per_second(timed)


def _size(run: str, bundle: Bundle, speeds: Mapping[tuple[str, str], float]) -> Size:
    from onnx import load

    manifest, config = bundle.manifest, bundle.manifest.provenance["config"]
    variant = manifest.default_variant["cpu"]
    weights = load(bundle.path / manifest.models["fp32"]).graph.initializer
    trained = [list(tensor.dims) for tensor in weights if tensor.name.startswith(("embed", "lstm", "class"))]
    return Size(
        run=Path(run).name,
        embedding_size=config["embedding_size"],
        hidden_size=config["hidden_size"],
        layers=config.get("layers", 1),
        vocab_size=trained[0][0],
        parameters=sum(map(prod, trained)),
        megabytes=(bundle.path / manifest.models[variant]).stat().st_size / 1e6,
        fp32_per_second=speeds[run, "fp32"],
        int8_per_second=speeds[run, "int8"],
        variant=variant,
        macro_f1=manifest.validation["macro_f1"],
        accuracy=manifest.validation["accuracy"],
    )


def _texts(files: Sequence[Path]) -> list[str]:
    """Up to 4,000 texts, spread evenly over the files."""
    from training.data import read_reviews

    found = read_reviews(files, needed=()).texts
    return list(found[:: max(1, len(found) // _MOST_TEXTS)])[:_MOST_TEXTS]


def main() -> None:
    """Run the command line; a refusal ends with a message and exit code 2."""
    try:
        typer.run(sizes)
    except (ExportError, BundleError) as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
