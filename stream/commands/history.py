"""`brandpulse history`: run a worker that keeps hours and alerts in a database."""

import typer

from stream.commands.options import Brokers, DataDir, Host, LogFormat, Port, TopicPrefix


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("history")(history)


def history(
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    log_format: LogFormat = None,
) -> None:
    """Keep history: topics brand-hours and brand-alerts in, SQL tables out.

    The database is history.db in the data directory, or what BRANDPULSE_DATABASE_URL names (a secret, and so
    no option). Its tables are made and brought up to date at the start. With PostgreSQL start as many workers
    as there are partitions; they share the work. Health is on /healthz and /readyz, metrics are on /metrics
    of HOST:PORT.

    Example: BRANDPULSE_DATABASE_URL=postgresql://brandpulse:secret@db/brandpulse brandpulse history
    """
    from stream.errors import MissingExtra
    from stream.logs import configure
    from stream.process import run_process
    from stream.settings import load_settings

    try:
        from stream.history.agent import work
    except ImportError as error:
        raise MissingExtra("history needs the extra history: pip install 'brandpulse[history]'") from error
    settings = load_settings(
        brokers=brokers,
        topic_prefix=topic_prefix,
        data_dir=data_dir,
        host=host,
        port=port,
        log_format=log_format,
    )
    configure(settings)
    run_process(settings, "history", work)
