"""The command line `brandpulse`: one typer app, each command in a module of `stream.commands`."""

import importlib
import importlib.metadata
import sys
from typing import Annotated

import typer

from stream.errors import BrandpulseError

# One module of stream.commands each, in the order of --help.
COMMANDS = (
    "demo",
    "broker",
    "topics",
    "feed",
    "score",
    "brands",
    "history",
    "web",
    "notify",
    "health",
    "label",
    "bundle",
    "replay",
    "schemas",
)


def create_app() -> typer.Typer:
    """The typer app with every command; nothing heavy is imported before a command runs."""
    app = typer.Typer(
        name="brandpulse",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(brandpulse)
    for command in COMMANDS:
        importlib.import_module(f"stream.commands.{command}").register(app)
    return app


def brandpulse(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=lambda wanted: _print_version(wanted)),
    ] = False,
) -> None:
    """Reviews in Kafka become exactly-once sentiment labels and a live picture of every brand.

    Every setting is an option of the command that uses it, and the environment variable BRANDPULSE_<NAME>.

    A first look: brandpulse demo
    """


def main() -> None:
    """Runs the command line. An expected error is one message on stderr and the exit code of its class."""
    try:
        create_app()()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        expected = _in_our_words(error)
        if expected is None:
            raise
        print(f"brandpulse: {expected}", file=sys.stderr)
        sys.exit(expected.exit_code)


def _in_our_words(error: Exception) -> BrandpulseError | None:
    """The error, or what kept us from the cluster where that is behind it; None: a bug."""
    from stream.kafka.refusals import refusal

    return refusal(error) or (error if isinstance(error, BrandpulseError) else None)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"brandpulse {importlib.metadata.version('brandpulse')}")
        raise typer.Exit


if __name__ == "__main__":
    main()
