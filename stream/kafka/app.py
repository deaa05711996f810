"""The Faust app of a worker: every Faust setting that we depend on, in one place."""

import asyncio
from pathlib import Path

import faust
import mode
from faust.auth import Credentials, OAuthCredentials, SASLCredentials, SSLCredentials

from stream.kafka.security import aiokafka_security
from stream.kafka.tables import PromptTableManager
from stream.kafka.transport import SCHEME, Assignment, ChunkApp, ChunkSchema
from stream.settings import Settings, cannot_write

REQUEST_TIMEOUT_SECONDS = 90.0
METADATA_SECONDS = 10.0
"""Reviews in partitions that were added wait for so long; aiokafka's default is 5 minutes."""
BUFFERED_CHUNKS = 64
"""Fetched and not yet taken by the agent. Faust's default of 4,096 would be gigabytes of a backlog."""


def create_app(settings: Settings, group: str, source_topic: str, assignment: Assignment) -> ChunkApp:
    """An app whose consumer group is `group` and whose `assignment` hears about its partitions.

    Raises:
        SettingsError: the data directory cannot be made.
    """
    data_dir = _make_directory(settings)
    app = ChunkApp(
        group,
        broker=[f"{SCHEME}://{server}" for server in settings.brokers.split(",")],
        broker_credentials=_credentials(settings),
        loop=asyncio.get_running_loop(),
        datadir=str(data_dir),
        store="memory://",
        TableManager=PromptTableManager,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 6,
        broker_request_timeout=REQUEST_TIMEOUT_SECONDS,
        consumer_metadata_max_age_ms=int(METADATA_SECONDS * 1000),
        # A rebalance waits for the chunks in flight, so that their transaction is not fenced.
        stream_wait_empty=True,
        # Of the app, since the stream of an agent does not take that of its topic.
        stream_buffer_maxsize=BUFFERED_CHUNKS,
        # An exception in an agent must end the process: Faust would acknowledge and go on behind a hole.
        agent_supervisor=mode.CrashingSupervisor,
        # Topics are made by `brandpulse topics create`, with the settings that exactness needs.
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
    )
    app.assignment = assignment
    app.source_topic = source_topic
    app.chunk_records = settings.chunk_records
    return app


def _make_directory(settings: Settings) -> Path:
    data_dir = settings.data_dir / "faust"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(settings.data_dir, error) from error
    return data_dir


def _credentials(settings: Settings) -> Credentials | None:
    """The same security as that of our own clients, in Faust's words."""
    security = aiokafka_security(settings)
    context = security.get("ssl_context")
    if "SASL" not in settings.security_protocol:
        return SSLCredentials(context) if context else None
    if settings.sasl_mechanism == "OAUTHBEARER":
        return OAuthCredentials(oauth_cb=security["sasl_oauth_token_provider"], ssl_context=context)
    return SASLCredentials(
        username=security["sasl_plain_username"],
        password=security["sasl_plain_password"],
        ssl_context=context,
        mechanism=settings.sasl_mechanism,
    )


def chunk_topic(app: ChunkApp) -> faust.TopicT:
    """The source topic as a stream of chunks."""
    return app.topic(app.source_topic, schema=ChunkSchema())
