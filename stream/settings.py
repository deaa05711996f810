"""Every setting of every role: one frozen object, read from the environment and overridden by flags."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stream.errors import SettingsError

PREFIX = "BRANDPULSE_"
DEFAULT_BUNDLE = Path(__file__).parent / "bundle"


class Settings(BaseSettings):
    """Settings `BRANDPULSE_<NAME>`; units end the names. Build it with `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    brokers: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, host:port, comma-separated.")
    topic_prefix: str = Field("", description="Put before the name of every topic, group and transaction.")
    bundle: Path = Field(DEFAULT_BUNDLE, description="Directory of the model bundle.")
    provider: Literal["auto", "cuda", "cpu"] = Field("auto", description="Where the model runs.")
    threads: int = Field(0, ge=0, le=256, description="CPU threads of the model; 0: one per core.")
    clock: Literal["wall", "event"] = Field(
        "wall", description="Windows end now, or at stream time (replays)."
    )
    data_dir: Path = Field(Path(".brandpulse"), description="Local state; each worker needs its own.")
    database_url: SecretStr | None = Field(
        None, description="Where history lives, postgresql://...; default: history.db in the data directory."
    )
    host: str = Field("127.0.0.1", description="Address of health, metrics and web.")
    port: int | None = Field(None, ge=0, le=65535, description="Their port; 0: a free one. Default: by role.")
    output_text_chars: int = Field(
        0, ge=0, le=100_000, description="Characters of the review's text kept in its label."
    )
    log_format: Literal["human", "json"] = Field("human", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")

    chunk_records: int = Field(1000, ge=1, le=100_000, description="Most records in one chunk.")
    batch_tokens: int = Field(
        2_048, ge=1, description="Most padded tokens (rows x longest) in one model run."
    )
    batch_rows: int = Field(1_000, ge=1, description="Most reviews collected for one pass of the pipeline.")
    batch_wait_ms: int = Field(
        5, ge=0, le=10_000, description="Longest wait for more reviews, from the first."
    )
    commit_interval_ms: int = Field(150, ge=0, le=60_000, description="Least time between two commits.")
    flush_seconds: float = Field(1.0, gt=0, le=60, description="Seconds between two publications of brands.")
    session_timeout_seconds: float = Field(
        6.0, ge=1, description="Silence after which a worker counts as dead."
    )
    stall_seconds: float = Field(
        60.0, gt=0, description="Seconds without progress until a worker ends itself."
    )
    dlq_budget_share: float = Field(0.5, gt=0, le=1, description="Largest share of rejected recent reviews.")
    dlq_budget_window: int = Field(10_000, ge=1, description="How many recent reviews that share looks at.")

    @field_validator("brokers")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        for server in value.split(","):
            host, _, port = server.strip().rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"{server.strip()!r} is not host:port")
        return ",".join(part.strip() for part in value.split(","))

    def topic(self, name: str) -> str:
        """The full name of a topic, for example `topic("reviews")`."""
        return self.topic_prefix + name


def load_settings(**flags: Any) -> Settings:
    """Settings from the environment; flags that are not None win.

    Raises:
        SettingsError: unknown names or wrong values, all of them in one message.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    problems = [
        f"{name}: no such setting"
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and name not in known
    ]
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems += [
            _explain(problem["loc"], problem["msg"]) for problem in error.errors(include_input=False)
        ]
    if problems:
        raise SettingsError("; ".join(problems) + ". Settings and their meaning: brandpulse score --help")
    return settings


def _explain(location: tuple[int | str, ...], message: str) -> str:
    return f"{PREFIX}{str(location[0]).upper()}: {message}"
