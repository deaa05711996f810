"""`brandpulse score`: run a worker that labels reviews."""

from pathlib import Path
from typing import Annotated

import typer

from stream.commands.options import Brokers, DataDir, Host, LogFormat, Port, TopicPrefix


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
    bundle: Annotated[Path | None, typer.Option(help="Directory of the model bundle.")] = None,
    provider: Annotated[str | None, typer.Option(help="Where the model runs: auto, cuda or cpu.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads of the model; 0: one per core.")] = None,
    processes: Annotated[
        int | None, typer.Option(help="Workers on this machine; 0: one per core, they share the cores.")
    ] = None,
    output_text_chars: Annotated[
        int | None, typer.Option(help="Characters of the review's text kept in its label; 0: none.")
    ] = None,
    batch_tokens: Annotated[
        int | None, typer.Option(help="Most padded tokens in one run of the model.")
    ] = None,
    commit_interval_ms: Annotated[int | None, typer.Option(help="Least time between two commits.")] = None,
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    log_format: LogFormat = None,
) -> None:
    """Label reviews: topic reviews in, topics review-sentiment and reviews-dlq out, each review exactly once.

    Start as many as there are partitions; they share the work. A machine with several cores does most with
    --processes 0. Each option is also a setting BRANDPULSE_<NAME>. Health is on /healthz and /readyz, metrics
    are on /metrics of HOST:PORT; a second process has them on PORT + 100, a third on PORT + 200.

    Example: brandpulse score --brokers kafka-1:9092,kafka-2:9092 --port 9101
    """
    from stream.logs import configure
    from stream.settings import load_settings

    flags = {
        "brokers": brokers,
        "topic_prefix": topic_prefix,
        "bundle": bundle,
        "provider": provider,
        "threads": threads,
        "processes": processes,
        "output_text_chars": output_text_chars,
        "batch_tokens": batch_tokens,
        "commit_interval_ms": commit_interval_ms,
        "data_dir": data_dir,
        "host": host,
        "port": port,
        "log_format": log_format,
    }
    settings = load_settings(**flags)
    configure(settings)
    if settings.processes == 1:
        from stream.scoring.agent import ScoreRole
        from stream.worker import run_worker

        run_worker(settings, "score", ScoreRole)
        return
    from stream.health import port_of
    from stream.siblings import environments, itself, run_siblings

    raise typer.Exit(run_siblings(itself("score"), environments(settings, flags, port_of(settings, "score"))))
