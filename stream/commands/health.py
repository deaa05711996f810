"""`brandpulse health`: ask a worker how it is, for whoever restarts it or waits for it."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stream.commands.options import Host, Port
from stream.errors import ConfigurationError

if TYPE_CHECKING:
    from stream.settings import Settings

# What listens on every address is asked on this machine.
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound


class RoleName(StrEnum):
    """The roles that listen."""

    SCORE = "score"
    BRANDS = "brands"
    HISTORY = "history"
    WEB = "web"
    NOTIFY = "notify"


def register(app: typer.Typer) -> None:
    """Add the command `health`."""
    app.command()(health)


def health(
    role: Annotated[
        RoleName | None, typer.Argument(help="Whose default port; not needed where PORT is set.")
    ] = None,
    ready: Annotated[
        bool, typer.Option("--ready", help="Ask whether it does its work, not only whether it lives.")
    ] = False,
    timeout_seconds: Annotated[float, typer.Option(min=0.1, help="Longest wait for the answer.")] = 3.0,
    host: Host = None,
    port: Port = None,
) -> None:
    """Ask the worker at HOST:PORT for /healthz, or with --ready for /readyz; one line, exit code 0 or 1.

    A worker that listens on all addresses is asked on this machine. It serves as HEALTHCHECK of a container
    and as probe of a pod; it needs no broker.

    Example: brandpulse health score --ready
    """
    from stream.settings import load_settings

    settings = load_settings(host=host, port=port)
    well, line = ask(address(settings, role), "/readyz" if ready else "/healthz", timeout_seconds)
    typer.echo(line)
    if not well:
        raise typer.Exit(1)


def address(settings: "Settings", role: str | None) -> tuple[str, int]:
    """Where to ask: host and port.

    Raises:
        ConfigurationError: neither a role nor a port is known, or the port is one that changes (0).
    """
    port = settings.port
    if port is None and role is not None:
        from stream.health import DEFAULT_PORTS

        port = DEFAULT_PORTS[role]
    if not port:
        raise ConfigurationError("which worker? Name its role (brandpulse health score) or its --port")
    return _EVERYWHERE.get(settings.host, settings.host), port


def ask(where: tuple[str, int], path: str, timeout_seconds: float) -> tuple[bool, str]:
    """Whether the worker answers 200, and one line that says what it answered."""
    from http.client import HTTPConnection, HTTPException

    host, port = where
    named = f"{host}:{port}{path}"
    connection = HTTPConnection(host, port, timeout=timeout_seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(500).decode(errors="replace").strip()
    except (OSError, HTTPException) as error:
        return False, f"{named} does not answer: {error or type(error).__name__}"
    finally:
        connection.close()
    return answer.status == 200, f"{named} {answer.status} {' '.join(body.split())}"
