"""The workers of the soak, and one who looks at them again and again."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from aiokafka.admin import AIOKafkaAdminClient

from stream.kafka.ports import HOST, free_ports
from tests.benchmarks.place import PARTITIONS, PATIENCE_SECONDS, Place, Process
from tests.benchmarks.soak_load import Load
from tests.benchmarks.soak_samples import SOURCES, OtherWork, Sample, directory_mib, vitals
from tests.chaos.cluster import Reader, admin, committed, reader


class Worker:
    """One worker process and its pages."""

    def __init__(self, place: Place, role: str, home: Path) -> None:
        (port,) = free_ports(1)
        self.role = role
        self.process: Process = place.start("stream", role, PORT=str(port), DATA_DIR=str(home))
        self._url = f"http://{HOST}:{port}"

    async def until_ready(self) -> None:
        """Return once /readyz answers 200."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        async with httpx.AsyncClient() as client:
            while not await _is_ready(client, self._url):
                self.process.check()
                assert time.monotonic() < deadline, f"{self.role} was not ready"
                await asyncio.sleep(0.2)

    async def ask(self, client: httpx.AsyncClient) -> bool:
        """Ask for what somebody always looks at; whether it was answered."""
        page = "/api/v1/brands" if self.role == "web" else "/metrics"
        try:
            return (await client.get(self._url + page)).is_success
        except httpx.TransportError:
            return False


@dataclass(slots=True)
class Watch:
    """Takes samples of everything."""

    workers: Mapping[str, Worker]
    samples: list[Sample]
    _place: Place
    _load: Load
    _directory: Path
    _client: httpx.AsyncClient
    _admin: AIOKafkaAdminClient
    _reader: Reader
    _others: OtherWork
    unanswered: int = 0
    _started: float = 0.0
    _last: float = 0.0

    def begin(self) -> None:
        """Seconds count from here; what came before is not looked at."""
        self._load.take_delays_ms()
        self._others.cores(1.0)
        self._started = self._last = time.monotonic()

    def check(self) -> None:
        """All workers run, or an AssertionError says what one logged last."""
        for worker in self.workers.values():
            worker.process.check()

    async def look(self) -> Sample:
        """One sample; they are kept in `samples`."""
        self.check()
        for worker in self.workers.values():
            self.unanswered += not await worker.ask(self._client)
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        # Nothing readable in all this time: whatever comes next took at least as long.
        delays = self._load.take_delays_ms() or [round(elapsed * 1000)]
        p50, p99 = np.percentile(delays, [50, 99]).tolist()
        sample = Sample(
            now - self._started,
            self._load.labels,
            p50,
            p99,
            {role: vitals(worker.process.pid) for role, worker in self.workers.items()},
            await asyncio.to_thread(directory_mib, self._directory / "brands" / "brands"),
            {role: await self._lag(role, topic) for role, topic in SOURCES.items()},
            self._others.cores(elapsed),
        )
        self.samples.append(sample)
        return sample

    async def _lag(self, role: str, topic: str) -> int:
        settings = self._place.settings
        ends = await self._reader.ends(settings.topic(topic), PARTITIONS)
        done = await committed(self._admin, settings.topic(f"brandpulse-{role}"), settings.topic(topic))
        return sum(max(0, end - done.get(partition, 0)) for partition, end in ends.items())


@asynccontextmanager
async def watching(
    place: Place, load: Load, workers: Mapping[str, Worker], directory: Path
) -> AsyncIterator[Watch]:
    """A `Watch` with its clients, closed at the end."""
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(_new_client())
        cluster = await opened.enter_async_context(admin(place.settings.brokers))
        ends = await opened.enter_async_context(reader(place.settings.brokers))
        yield Watch(workers, [], place, load, directory, client, cluster, ends, OtherWork())


def _new_client() -> httpx.AsyncClient:
    """A connection of its own for each request: one that is kept may be closed while the next is sent."""
    return httpx.AsyncClient(timeout=10, limits=httpx.Limits(max_keepalive_connections=0))


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz", timeout=5)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
