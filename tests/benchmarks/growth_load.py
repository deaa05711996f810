"""Work of any amount for real workers, and what a worker did with it."""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx
import psutil
from aiokafka import AIOKafkaProducer

from stream.kafka.partitioner import partition_of
from stream.kafka.ports import HOST, free_ports
from tests.benchmarks import fold as samples
from tests.benchmarks.place import PATIENCE_SECONDS, Place, Process

LABELS_AT_ONCE = 20_000
_LOOK_SECONDS = 0.05
_FIRST_LABEL = 1_000_000
_LABELS_A_DAY = 1_000_000


@dataclass(frozen=True, slots=True)
class Started:
    """A worker that is ready."""

    process: Process
    url: str
    seconds: float
    """From its start until /readyz said so."""

    def cpu_seconds(self) -> float:
        """That it took so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    async def metric(self, name: str) -> float:
        """One that has no labels, by the name in its exposition."""
        # A flush of a hundred thousand brands keeps a worker from answering for many seconds.
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            page = (await client.get(f"{self.url}/metrics")).text
        return next(float(line.split()[1]) for line in page.splitlines() if line.startswith(f"{name} "))


async def start(place: Place, *arguments: str, **settings: str) -> Started:
    """Start a worker, and return once it is ready."""
    (port,) = free_ports(1)
    url, began = f"http://{HOST}:{port}", time.monotonic()
    process = place.start(*arguments, PORT=str(port), **settings)
    async with httpx.AsyncClient() as client:
        while not await _is_ready(client, url):
            process.check()
            assert time.monotonic() - began < PATIENCE_SECONDS, "the worker does not become ready"
            await asyncio.sleep(_LOOK_SECONDS)
    return Started(process, url, time.monotonic() - began)


@asynccontextmanager
async def place_on(bootstrap: str, partitions: int) -> AsyncIterator[Place]:
    """A place of its own with so many partitions of each topic."""
    directory = Path(tempfile.mkdtemp(prefix="brandpulse-growth-"))
    async with Place(bootstrap, directory, partitions) as place:
        yield place


def labels(count: int, brands: int) -> list[samples.Record]:
    """Labels of random brands at the pace of a million a day, a day after those of `growth_brands.states`."""
    chance = random.Random(11)
    return [
        samples.label(chance, offset, brands, span_ms=samples.DAY_MS, labels=_LABELS_A_DAY)
        for offset in range(_FIRST_LABEL, _FIRST_LABEL + count)
    ]


async def append(place: Place, topic: str, records: Iterable[samples.Record], partitions: int) -> None:
    """Append records with their headers, each to the partition of its key."""
    name = place.settings.topic(topic)
    async with AIOKafkaProducer(
        bootstrap_servers=place.settings.brokers, enable_idempotence=True, max_batch_size=1 << 18
    ) as producer:
        waiting = iter(records)
        while some := list(islice(waiting, LABELS_AT_ONCE)):
            sent = [
                await producer.send(
                    name, one.value, one.key, partition_of(one.key, partitions), headers=list(one.headers)
                )
                for one in some
            ]
            await asyncio.gather(*sent)


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz", timeout=5)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
