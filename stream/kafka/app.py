"""The Faust app of a worker: every Faust setting that we depend on, in one place."""

import asyncio

import faust
import mode

from stream.kafka.transport import SCHEME, Assignment, ChunkApp, ChunkSchema
from stream.settings import Settings

REQUEST_TIMEOUT_SECONDS = 90.0
BUFFERED_CHUNKS = 8


def create_app(settings: Settings, group: str, source_topic: str, assignment: Assignment) -> ChunkApp:
    """An app whose consumer group is `group` and whose `assignment` hears about its partitions."""
    data_dir = settings.data_dir / "faust"
    data_dir.mkdir(parents=True, exist_ok=True)
    app = ChunkApp(
        group,
        broker=[f"{SCHEME}://{server}" for server in settings.brokers.split(",")],
        loop=asyncio.get_running_loop(),
        datadir=str(data_dir),
        store="memory://",
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 6,
        broker_request_timeout=REQUEST_TIMEOUT_SECONDS,
        # A rebalance waits for the chunks in flight, so that their transaction is not fenced.
        stream_wait_empty=True,
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


def chunk_topic(app: ChunkApp) -> faust.TopicT:
    """The source topic as a stream of chunks."""
    return app.topic(app.source_topic, schema=ChunkSchema(), maxsize=BUFFERED_CHUNKS)
