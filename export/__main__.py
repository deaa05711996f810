"""The command line of the export: `python -m export --checkpoint RUN_DIR --out DIR`."""

import re
from pathlib import Path
from typing import Annotated

import typer

from export.bundle import BundleError
from export.errors import ExportError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@app.command()
def export(
    checkpoint: Annotated[Path, typer.Option(help="Run directory of `python -m training fit`, finished.")],
    out: Annotated[Path, typer.Option(help="Directory of the bundle; a bundle there is replaced.")],
    name: Annotated[str, typer.Option(help="Name that every label carries: a-z 0-9 . _ -")] = "bilstm",
    int8: Annotated[bool, typer.Option(help="Add the int8 variant: smaller, and faster on CPUs.")] = True,
    fp16: Annotated[bool, typer.Option(help="Add the fp16 variant, for CUDA.")] = True,
    cuda: Annotated[
        str, typer.Option(help="Variant that CUDA runs by default: fp32, or fp16 after `make test-gpu`.")
    ] = "fp32",
) -> None:
    """Turn a trained model into a bundle that `brandpulse score --bundle DIR` runs.

    The ONNX models are compared with the trained one first: fp32 logits within 1e-4 over a grid of
    shapes, labels of int8 and fp16 the same on at least 99.5 % of the validation rows. A model that fails
    is refused, nothing is written, and the exit code is 2. CPUs get the fastest of fp32 and int8 that
    loses at most 0.003 of macro-F1.

    Example: python -m export --checkpoint runs/base --out bundles/base
    """
    if not _NAME.fullmatch(name):
        raise ExportError(f"--name {name!r}: use up to 63 of a-z 0-9 . _ -, first a letter or digit")
    variants = tuple(name for name, given in (("fp32", True), ("int8", int8), ("fp16", fp16)) if given)
    if cuda not in {"fp32", "fp16"} & set(variants):
        raise ExportError(f"--cuda {cuda!r}: fp32, or fp16 where that variant is exported")
    from export.session import Plan, export_run
    from training.errors import TrainingError

    try:
        bundle = export_run(checkpoint, out, Plan(name, variants, cuda), typer.echo)
    except TrainingError as error:
        raise ExportError(str(error)) from error
    size = sum(file.stat().st_size for file in bundle.path.iterdir()) / 1e6
    typer.echo(f"{out}: {bundle.manifest.name} @ {bundle.digest[:12]}, {size:.1f} MB")


def main() -> None:
    """Run the command line; a refusal ends with a message and exit code 2."""
    try:
        app()
    except (ExportError, BundleError) as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
