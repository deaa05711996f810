"""A plain loop on aiokafka: fetch, score in one batch padded as it comes, send, commit. At least once."""

import asyncio
import signal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.benchmarks.peers.command import Options, options
from tests.benchmarks.peers.model import Model, label_values


async def main(given: Options) -> None:
    model = Model(given.bundle)
    consumer = AIOKafkaConsumer(
        given.source,
        bootstrap_servers=given.brokers,
        group_id=given.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6000,
        heartbeat_interval_ms=2000,
    )
    producer = AIOKafkaProducer(bootstrap_servers=given.brokers, enable_idempotence=True)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with consumer, producer:
        while not stopped.is_set():
            found = await consumer.getmany(timeout_ms=200, max_records=given.batch)
            values = [record.value for records in found.values() for record in records]
            if not values:
                continue
            # In a thread, so that heartbeats go on.
            labels = await asyncio.to_thread(label_values, model, values)
            sent = [await producer.send(given.target, label) for label in labels]
            await asyncio.gather(*sent)
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(main(options()))
