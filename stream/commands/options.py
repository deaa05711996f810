"""Options that several commands share; None means: as the environment says."""

from pathlib import Path
from typing import Annotated

import typer

Brokers = Annotated[
    str | None,
    typer.Option(
        help="Kafka bootstrap servers, host:port, comma-separated [127.0.0.1:9092]. TLS and passwords are "
        "settings only, no options: docs/security.md."
    ),
]
TopicPrefix = Annotated[
    str | None, typer.Option(help="Put before the name of every topic, group and transaction.")
]
DataDir = Annotated[Path | None, typer.Option(help="Local state; each worker needs its own [.brandpulse].")]
Host = Annotated[str | None, typer.Option(help="Address of health and metrics [127.0.0.1].")]
Port = Annotated[int | None, typer.Option(help="Their port; 0: a free one. Default: by role.")]
LogFormat = Annotated[str | None, typer.Option(help="How log lines look: human or json.")]
