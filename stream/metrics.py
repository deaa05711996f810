"""Every metric that brandpulse exports: one catalogue, one registry a process, passed in explicitly.

`python -m stream.metrics` prints the catalogue as the table in docs/metrics.md.
"""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Literal, get_type_hints

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

Role = Literal["score", "brands", "history", "web", "notify"]
PREFIX = "brandpulse_"

_SCORE: tuple[Role, ...] = ("score",)
_BRANDS: tuple[Role, ...] = ("brands",)
_HISTORY: tuple[Role, ...] = ("history",)
_WEB: tuple[Role, ...] = ("web",)
_NOTIFY: tuple[Role, ...] = ("notify",)
_STAGE_BUCKETS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    10,
)
_TRANSACTION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_AGE_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300, 3_600, 86_400)
_ROWS_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096)
_TOKENS_BUCKETS = (64, 256, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536)


@dataclass(frozen=True, slots=True)
class _Is:
    """What the catalogue says about one metric: name without prefix, meaning, labels, roles, buckets."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    roles: tuple[Role, ...] = _SCORE + _BRANDS + _HISTORY + _WEB + _NOTIFY
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one process; build it with `create_metrics`."""

    registry: CollectorRegistry
    role: Role

    build: Annotated[Info, _Is("build", "version of brandpulse and of Python, and the role")]
    ready: Annotated[Gauge, _Is("ready", "1 while /readyz answers 200, else 0")]
    assigned_partitions: Annotated[
        Gauge, _Is("assigned_partitions", "source partitions that this worker owns")
    ]
    consumer_lag: Annotated[
        Gauge, _Is("consumer_lag", "offsets between the last one read and the end", ("topic", "partition"))
    ]

    model: Annotated[Info, _Is("model", "the bundle: name, digest, provider, variant", roles=_SCORE)]
    bundles: Annotated[
        Counter, _Is("bundles_tried", "new bundles: adopted, refused or unusable", ("result",), _SCORE)
    ]
    consumed: Annotated[Counter, _Is("reviews_consumed", "reviews read from the topic", roles=_SCORE)]
    labelled: Annotated[
        Counter, _Is("reviews_labelled", "labels whose transaction committed", ("label",), _SCORE)
    ]
    rejected: Annotated[
        Counter, _Is("reviews_rejected", "dead letters whose transaction committed", ("reason",), _SCORE)
    ]
    deadlines_missed: Annotated[
        Counter,
        _Is(
            "deadlines_missed",
            "labels and dead letters committed later than latency_target_ms after their review",
            (),
            _SCORE,
        ),
    ]
    batch_rows: Annotated[
        Histogram, _Is("batch_rows", "rows of one run of the model", (), _SCORE, _ROWS_BUCKETS)
    ]
    batch_padded_tokens: Annotated[
        Histogram,
        _Is("batch_padded_tokens", "rows x longest of one run of the model", (), _SCORE, _TOKENS_BUCKETS),
    ]
    stage_seconds: Annotated[
        Histogram,
        _Is(
            "stage_seconds",
            "one pass: decode, tokenize, model, calibrate, fingerprint, encode",
            ("stage",),
            _SCORE,
            _STAGE_BUCKETS,
        ),
    ]
    transaction_seconds: Annotated[
        Histogram,
        _Is("transaction_seconds", "begin to commit of one transaction", (), _SCORE, _TRANSACTION_BUCKETS),
    ]
    event_age_seconds: Annotated[
        Histogram,
        _Is(
            "event_age_seconds",
            "Kafka timestamp of a transaction's oldest review to the commit of its label",
            (),
            _SCORE,
            _AGE_BUCKETS,
        ),
    ]

    folded: Annotated[Counter, _Is("labels_folded", "labels folded into brands", roles=_BRANDS)]
    fenced: Annotated[
        Counter, _Is("labels_fenced", "labels read again and skipped: the state has them", roles=_BRANDS)
    ]
    late: Annotated[
        Counter, _Is("labels_late", "labels too old for every cell, published as late", roles=_BRANDS)
    ]
    unreadable: Annotated[
        Counter, _Is("labels_unreadable", "records that are no labels, skipped", roles=_BRANDS)
    ]
    replaced: Annotated[
        Counter, _Is("labels_replaced", "labels that took a former one's place", roles=_BRANDS)
    ]
    duplicates: Annotated[
        Counter, _Is("labels_duplicate", "labels that repeat a text of the last day", roles=_BRANDS)
    ]
    brands_held: Annotated[Gauge, _Is("brands_held", "brands with state in this worker", roles=_BRANDS)]
    alerts: Annotated[
        Counter, _Is("alerts_published", "alerts opened, updated or closed", ("state",), roles=_BRANDS)
    ]
    published: Annotated[Counter, _Is("published", "messages delivered", ("topic",), _BRANDS)]
    flush_seconds: Annotated[
        Histogram,
        _Is("flush_seconds", "one flush: state stored, values published", (), _BRANDS, _TRANSACTION_BUCKETS),
    ]

    written: Annotated[
        Counter, _Is("history_written", "rows upserted or deleted and committed", ("table",), _HISTORY)
    ]
    replayed: Annotated[
        Counter, _Is("history_replayed", "records read again and skipped: the tables have them", (), _HISTORY)
    ]
    not_history: Annotated[
        Counter,
        _Is("history_unreadable", "records that are no events of ours, skipped", ("topic",), _HISTORY),
    ]
    database_failures: Annotated[
        Counter, _Is("database_failures", "transactions that the database did not answer", (), _HISTORY)
    ]
    database_seconds: Annotated[
        Histogram,
        _Is("database_seconds", "one database transaction", (), _HISTORY, _TRANSACTION_BUCKETS),
    ]

    notified: Annotated[Counter, _Is("notices_posted", "messages that the webhook took", ("state",), _NOTIFY)]
    not_posted: Annotated[
        Counter,
        _Is("notices_failed", "messages given up: refused, unknown or gave_up", ("reason",), _NOTIFY),
    ]
    not_notified: Annotated[
        Counter,
        _Is("notices_skipped", "alerts not posted: superseded, stale or unreadable", ("reason",), _NOTIFY),
    ]
    notices_waiting: Annotated[Gauge, _Is("notices_waiting", "messages that wait to be posted", (), _NOTIFY)]

    answered: Annotated[
        Counter, _Is("web_requests", "requests to the API that were answered", ("route", "status"), _WEB)
    ]
    answer_seconds: Annotated[
        Histogram,
        _Is(
            "web_answer_seconds",
            "request to the head of its answer, API only",
            ("route",),
            _WEB,
            _STAGE_BUCKETS,
        ),
    ]
    brands_shown: Annotated[Gauge, _Is("web_brands", "brands in the live view", roles=_WEB)]
    not_shown: Annotated[
        Gauge, _Is("web_unreadable", "records since the start that were no events of ours", roles=_WEB)
    ]
    live_clients: Annotated[Gauge, _Is("web_live_clients", "open streams of live updates", roles=_WEB)]

    def note_lag(self, topic: str, partition: int, read_to: int, end: int | None) -> None:
        """How far the offset after the last record read is behind the end, where that is known."""
        lag = 0 if end is None else max(0, end - read_to)
        self.consumer_lag.labels(topic, str(partition)).set(lag)


def create_metrics(role: Role) -> Metrics:
    """The metrics of one process, in a registry of their own that exports only what the role measures."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    built = {field: _build(kind, spec, role, registry) for field, kind, spec in _catalogue()}
    metrics = Metrics(registry=registry, role=role, **built)
    metrics.build.info({"version": _version(), "python": platform.python_version(), "role": role})
    return metrics


def catalogue_table() -> str:
    """The catalogue as a table in Markdown, with the names that Prometheus sees."""
    lines = ["| metric | kind | labels | roles | meaning |", "|---|---|---|---|---|"]
    for _, kind, spec in _catalogue():
        suffix = {"Counter": "_total", "Info": "_info"}.get(kind.__name__, "")
        name, labels, roles = PREFIX + spec.name + suffix, ", ".join(spec.labels), ", ".join(spec.roles)
        lines.append(f"| `{name}` | {kind.__name__.lower()} | {labels} | {roles} | {spec.meaning} |")
    return "\n".join(lines) + "\n"


def _catalogue() -> Iterator[tuple[str, Callable[..., Any], _Is]]:
    for field, hint in get_type_hints(Metrics, include_extras=True).items():
        for spec in getattr(hint, "__metadata__", ()):
            yield field, hint.__origin__, spec


def _build(kind: Callable[..., Any], spec: _Is, role: Role, registry: CollectorRegistry) -> Any:
    buckets = {"buckets": spec.buckets} if spec.buckets else {}
    exporter = registry if role in spec.roles else None
    return kind(PREFIX + spec.name, spec.meaning, spec.labels, registry=exporter, **buckets)


def _version() -> str:
    try:
        return version("brandpulse")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "uninstalled"


if __name__ == "__main__":
    print(catalogue_table(), end="")
