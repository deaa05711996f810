"""The command line of training: `python -m training`, then teach, fit, evaluate, behave or unseen."""

import typer

from training.commands.behave import behave
from training.commands.evaluate import evaluate
from training.commands.fit import fit
from training.commands.teach import teach
from training.commands.unseen import unseen
from training.errors import TrainingError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Train the sentiment model: teach (optional), fit, then python -m export --checkpoint RUN "
    "--out DIR, then evaluate and behave.",
)
for command in (teach, fit, evaluate, behave, unseen):
    app.command()(command)


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
