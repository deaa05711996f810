"""`brandpulse brands`: run a worker that keeps the live picture of every brand."""

from typing import Annotated

import typer

from stream.commands.options import Brokers, DataDir, Host, LogFormat, Port, TopicPrefix


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("brands")(brands)


def brands(
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
    clock: Annotated[
        str | None, typer.Option(help="Windows end now (wall) or at stream time (event; replays, demos).")
    ] = None,
    correction_days: Annotated[
        int | None,
        typer.Option(help="Days in which a review that comes again replaces its label; 0: never."),
    ] = None,
    duplicates: Annotated[
        str | None, typer.Option(help="A text that comes again for a brand within a day: count or skip.")
    ] = None,
    flush_seconds: Annotated[float | None, typer.Option(help="Seconds between two publications.")] = None,
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    log_format: LogFormat = None,
) -> None:
    """Aggregate labels: topic review-sentiment in; brand-sentiment, brand-hours and review-corrections out.

    Start as many as there are partitions; they share the work. Each needs a data directory of its own.
    Each option is also a setting BRANDPULSE_<NAME>. Health is on /healthz and /readyz, metrics are on
    /metrics of HOST:PORT.

    Example: brandpulse brands --brokers kafka-1:9092,kafka-2:9092 --data-dir /var/lib/brandpulse
    """
    from stream.brands.agent import BrandsRole
    from stream.logs import configure
    from stream.settings import load_settings
    from stream.worker import run_worker

    settings = load_settings(
        brokers=brokers,
        topic_prefix=topic_prefix,
        clock=clock,
        correction_days=correction_days,
        duplicates=duplicates,
        flush_seconds=flush_seconds,
        data_dir=data_dir,
        host=host,
        port=port,
        log_format=log_format,
    )
    configure(settings)
    run_worker(settings, "brands", BrandsRole)
