"""The command line of training: `python -m training fit` and `python -m training evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands_behave import behave
from training.commands_teach import teach
from training.config import PRESETS
from training.errors import TrainingError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Train the sentiment model. Next step after `fit`: python -m export --checkpoint RUN_DIR --out DIR",
)

DataFiles = Annotated[
    list[Path],
    typer.Option(
        "--data",
        help="File with the columns text, stars (1 to 5), split (train, validation, test). Repeatable.",
    ),
]
Threads = Annotated[int, typer.Option(min=0, help="CPU threads; 0 leaves the choice to torch.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, mps; auto takes the fastest that is there.")]


@app.command()
def fit(
    data: DataFiles,
    out: Annotated[Path, typer.Option(help="Run directory: config, tokenizer, checkpoint, model, report.")],
    preset: Annotated[str, typer.Option(help=f"Starting configuration: {', '.join(PRESETS)}.")] = "base",
    override: Annotated[
        list[str] | None, typer.Option("--set", help="Change a field: --set epochs=5. Repeatable.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where RUN_DIR was interrupted.")] = False,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Train a model from labelled reviews, to the end or to Ctrl-C; --resume goes on.

    1-2 stars are negative, 3 neutral, 4-5 positive. Only the text is read, never a title.

    Example: python -m training fit --data reviews.parquet --out runs/base
    """
    from training.devices import open_device
    from training.progress import bars
    from training.session import fit_run

    if preset not in PRESETS:
        raise TrainingError(f"no preset {preset!r}; there are {', '.join(PRESETS)}")
    config = PRESETS[preset].with_overrides(override or [])
    with bars() as progress:
        evaluation = fit_run(config, data, out, resume, open_device(device, threads), progress)
    typer.echo(
        f"{out}: validation accuracy {evaluation.accuracy:.4f}, macro-F1 {evaluation.macro_f1:.4f}. "
        f"Next: python -m export --checkpoint {out} --out DIR"
    )


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory of a `fit` that ran to its end.")],
    data: DataFiles,
    tau: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Strength of the logit adjustment to finish the model with."),
    ] = None,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Score a run on validation and test for several strengths of the logit adjustment.

    A larger tau finds more of the rare neutral reviews and is wrong more often overall. With --tau the
    run's finished model is written again at that operating point, its temperature fitted anew.

    Example: python -m training evaluate runs/base --data reviews.parquet --tau 0.15
    """
    from training.devices import open_device
    from training.progress import bars, table
    from training.session import evaluate_run

    with bars() as progress:
        scores = evaluate_run(run, data, tau, open_device(device, threads), progress)
    table(scores)


app.command()(behave)
app.command()(teach)


def main() -> None:
    """Run the command line; what training refuses ends with a message and exit code 2."""
    try:
        app()
    except TrainingError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        typer.echo("stopped; the same command with --resume goes on", err=True)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
