"""Stock Faust with `take`, as its user guide shows it for work that is done in batches."""

import asyncio
import signal

import faust

from tests.benchmarks.peers.command import Options, options
from tests.benchmarks.peers.model import Model, label_values


def create_app(given: Options) -> faust.App:
    app = faust.App(
        given.group,
        broker=f"kafka://{given.brokers}",
        value_serializer="raw",
        datadir=str(given.state),
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=6.0,
        broker_heartbeat_interval=2.0,
        topic_disable_leader=True,
    )
    reviews, labels = app.topic(given.source), app.topic(given.target)
    model = Model(given.bundle)

    @app.agent(reviews)
    async def score(stream: faust.StreamT[bytes]) -> None:
        async for values in stream.take(given.batch, within=0.05):
            for label in await asyncio.to_thread(label_values, model, values):
                await labels.send(value=label)

    return app


def main(given: Options) -> None:
    worker = faust.Worker(create_app(given), loglevel="WARNING")
    worker.loop.add_signal_handler(signal.SIGTERM, worker.loop.stop)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(options())
