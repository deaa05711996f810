"""`brandpulse web`: run a worker that serves the API and the dashboard."""

from pathlib import Path
from typing import Annotated

import typer

from stream.commands.options import Brokers, DataDir, Host, LogFormat, Port, TopicPrefix


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("web")(web)


def web(
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
    data_dir: DataDir = None,
    tokens_file: Annotated[
        Path | None, typer.Option(help="Bearer tokens, a line each: read TOKEN or write TOKEN.")
    ] = None,
    cors_origins: Annotated[
        str | None, typer.Option(help="Origins that browsers may call the API from, comma-separated.")
    ] = None,
    api_requests_per_second: Annotated[
        float | None, typer.Option(help="Requests of each token or address [500].")
    ] = None,
    host: Host = None,
    port: Port = None,
    log_format: LogFormat = None,
) -> None:
    """Serve the dashboard on /, the API on /api/v1 and its description on /openapi.json.

    Live windows come from the topics, which every copy reads for itself at its start. What is older comes
    from the database of the role history: BRANDPULSE_DATABASE_URL, or history.db in the data directory, which
    is to be the one that history has. While the database is away, live windows go on.

    Without a tokens file everyone may read who reaches HOST:PORT, and from this machine write.

    Example: brandpulse web --host 0.0.0.0 --tokens-file tokens.txt
    """
    from stream.errors import MissingExtra
    from stream.logs import configure
    from stream.settings import load_settings

    try:
        from stream.web.agent import run
    except ImportError as error:
        raise MissingExtra("web needs the extra web: pip install 'brandpulse[web]'") from error
    settings = load_settings(
        brokers=brokers,
        topic_prefix=topic_prefix,
        data_dir=data_dir,
        tokens_file=tokens_file,
        cors_origins=cors_origins,
        api_requests_per_second=api_requests_per_second,
        host=host,
        port=port,
        log_format=log_format,
    )
    configure(settings)
    run(settings)
