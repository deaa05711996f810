"""Every setting of every role: one frozen object, read from the environment and overridden by flags."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stream.errors import SettingsError
from stream.kafka.security_settings import contradictions

PREFIX = "BRANDPULSE_"
DEFAULT_BUNDLE = Path(__file__).parent / "bundle"


class Settings(BaseSettings):
    """Settings `BRANDPULSE_<NAME>`; units end the names. Build it with `load_settings`.

    The value of each may lie in a file instead, which BRANDPULSE_<NAME>_FILE names.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    brokers: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, host:port, comma-separated.")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How brokers are reached; SSL is TLS."
    )
    ssl_ca_file: Path | None = Field(
        None, description="Authorities (PEM) that sign the brokers' certificates; default: the system's."
    )
    ssl_certificate_file: Path | None = Field(None, description="Our certificate and its chain (PEM).")
    ssl_key_file: Path | None = Field(None, description="Its key (PEM); default: in the certificate's file.")
    ssl_key_password: SecretStr | None = Field(None, description="What that key is encrypted with.")
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = Field(
        None, description="How we say who we are, with SASL_SSL or SASL_PLAINTEXT."
    )
    sasl_username: str | None = Field(None, description="User; with OAUTHBEARER the client's id.")
    sasl_password: SecretStr | None = Field(None, description="Its password or the client's secret.")
    sasl_token_url: str | None = Field(
        None, description="OAUTHBEARER: the token endpoint, https://..., or a token's file, file:///..."
    )
    sasl_token_scope: str | None = Field(None, description="OAUTHBEARER: the scope to ask for.")
    topic_prefix: str = Field("", description="Put before the name of every topic, group and transaction.")
    partitions: int | None = Field(
        None, ge=1, description="Of the topics that are keyed by brand; workers refuse any other count."
    )
    bundle: Path = Field(DEFAULT_BUNDLE, description="Directory of the model bundle.")
    bundle_watch_seconds: float = Field(
        10.0, ge=0, description="Seconds between two looks for another bundle in that directory; 0: never."
    )
    shadow_reviews: int = Field(2_000, ge=1, description="Live reviews on which a new bundle is tried.")
    shadow_most_flips: float = Field(
        0.05, ge=0, le=1, description="Largest share of labels that a new bundle may change."
    )
    shadow_most_net_shift: float = Field(
        0.05, ge=0, le=2, description="Most that it may move a brand's net sentiment."
    )
    shadow_most_slowdown: float = Field(1.5, gt=0, description="Most times as long that it may take.")
    provider: Literal["auto", "cuda", "cpu"] = Field("auto", description="Where the model runs.")
    threads: int = Field(0, ge=0, le=256, description="CPU threads of the model; 0: one per core.")
    processes: int = Field(
        1,
        ge=0,
        le=256,
        description="Workers that score starts; 0: one per core, which share the cores.",
    )
    clock: Literal["wall", "event"] = Field(
        "wall", description="Windows end now, or at stream time (replays)."
    )
    data_dir: Path = Field(Path(".brandpulse"), description="Local state; each worker needs its own.")
    database_url: SecretStr | None = Field(
        None, description="Where history lives, postgresql://...; default: history.db in the data directory."
    )
    tokens_file: Path | None = Field(
        None, description="Bearer tokens of the API, a line each: read TOKEN or write TOKEN; none: open."
    )
    cors_origins: str = Field("", description="Origins that browsers may call the API from, comma-separated.")
    api_requests_per_second: float = Field(
        500.0, gt=0, description="Requests to the API of each token or address; twice as many at once."
    )
    webhook_url: SecretStr | None = Field(None, description="Where alerts are posted, Slack-compatible.")
    webhook_update_minutes: int = Field(
        30, ge=0, le=1_440, description="Least minutes between a message on an alert and one on its update."
    )
    public_url: str = Field("", description="Where people reach the dashboard; for links in webhooks.")
    host: str = Field("127.0.0.1", description="Address of health, metrics and web.")
    port: int | None = Field(None, ge=0, le=65535, description="Their port; 0: a free one. Default: by role.")
    output_text_chars: int = Field(
        0, ge=0, le=100_000, description="Characters of the review's text kept in its label."
    )
    correction_days: int = Field(
        7, ge=0, le=8, description="Days in which a review that comes again replaces its label; 0: never."
    )
    duplicates: Literal["count", "skip"] = Field(
        "count", description="Whether a text that comes again for a brand within a day counts."
    )
    alerts: bool = Field(True, description="Whether brands opens alerts.")
    traces: Literal["off", "otlp"] = Field("off", description="Whether score sends OpenTelemetry traces.")
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
    latency_target_ms: int = Field(
        500, ge=1, description="Age of a review from which its outcome counts as late; changes nothing else."
    )
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


# Those that name a file already have no such variable.
_IN_FILES = tuple(name for name in Settings.model_fields if not name.endswith("_file"))


def cannot_write(directory: Path, error: OSError) -> SettingsError:
    """What to say of a data directory that cannot be made or written to."""
    return SettingsError(
        f"cannot write to {directory}: {error.strerror}; name another directory "
        f"with {PREFIX}DATA_DIR or --data-dir"
    )


def load_settings(**flags: Any) -> Settings:
    """Settings from the environment; flags that are not None win.

    Raises:
        SettingsError: unknown names or wrong values, all of them in one message.
    """
    known = {
        PREFIX + name.upper() for name in (*Settings.model_fields, *(f"{name}_file" for name in _IN_FILES))
    }
    problems = [
        f"{name}: no such setting"
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and name not in known
    ]
    filed, unreadable = _read_files()
    problems += unreadable
    given = filed | {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)
        problems += [_explain((name,), what) for name, what in contradictions(settings)]
    except ValidationError as error:
        problems += [
            _explain(problem["loc"], problem["msg"]) for problem in error.errors(include_input=False)
        ]
    if problems:
        raise SettingsError("; ".join(problems) + ". Settings and their meaning: brandpulse score --help")
    return settings


def _read_files() -> tuple[dict[str, str], list[str]]:
    """Values that a variable <NAME>_FILE names the file of, and what is wrong with such variables."""
    values, problems = {}, []
    for name in _IN_FILES:
        variable = f"{PREFIX}{name.upper()}_FILE"
        path = os.environ.get(variable)
        if not path:
            continue
        if os.environ.get(PREFIX + name.upper()):
            problems.append(f"{variable}: {PREFIX}{name.upper()} is set as well; which one is meant?")
        try:
            values[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{variable}: cannot read the file ({type(error).__name__})")
    return values, problems


def _explain(location: tuple[int | str, ...], message: str) -> str:
    return f"{PREFIX}{str(location[0]).upper()}: {message}"
