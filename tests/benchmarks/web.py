"""How fast the API answers: `python -m tests.benchmarks.web [BRANDS]`.

A real `brandpulse web` on an embedded Kafka, its history in SQLite, while a tenth of the brands is published
anew each second. Requests come from a process of their own at fixed times, whether or not the ones before
were answered: what waits counts as slow. Server, broker and load share the cores. Two rates: the target's,
and one request after the other, which is what an answer costs when nothing else is asked.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import aiohttp
import orjson
from yarl import URL

from stream.database.engine import migrate, open_database
from stream.kafka.broker import Broker
from stream.kafka.ports import free_ports
from tests.benchmarks.machine import peak_mib
from tests.benchmarks.place import PARTITIONS, Place, Process, Produced
from tests.benchmarks.table import Row, at_most, markdown_table, results_table
from tests.databases import settings_for
from tests.unit.history.samples import HOURS, batch, hour, writer_on
from tests.unit.web.samples import alert_value, brand_value, label_value

BRANDS = 10_000
PER_SECOND = 200
SECONDS = 30
TARGET_MS = 50.0
HOURS_KEPT = 7 * 24
ALERTS = 200
REVIEWS = 4_000
PATIENCE_SECONDS = 120.0
# What a dashboard and scripts ask for, by how often.
PATHS = {
    "a page of 50 brands": (8, "/brands?sort={sort}&window={window}&limit=50"),
    "a page of 200 brands": (1, "/brands?sort={sort}&limit=200"),
    "a search": (2, "/brands?q={number}&limit=20"),
    "one brand": (5, "/brands/brand%20{brand}"),
    "its recent reviews": (2, "/brands/brand%20{review}/reviews"),
    "its series, 7 days by hour": (2, "/brands/brand%20{series}/series?from=0&to=604800000"),
    "alerts": (2, "/alerts?state=open&limit=50"),
    "the pipeline": (1, "/pipeline"),
    "an unknown brand": (1, "/brands/bramd%20{brand}"),
}


async def measure(broker: Broker, directory: Path, brands: int) -> None:
    """Print the tables."""
    data = directory / "data"
    _fill_history(data)
    async with Place(broker.bootstrap, directory / "place") as place:
        await _fill_topics(place, brands)
        (port,) = free_ports(1)
        started = time.monotonic()
        worker = place.start("stream", "web", PORT=str(port), DATA_DIR=str(data), LOG_LEVEL="warning")
        base = f"http://127.0.0.1:{port}"
        await _until_ready(worker, base)
        ready_seconds = time.monotonic() - started
        publishing = asyncio.create_task(_publish(place, brands))
        await _load(base, brands, PER_SECOND, 3.0)  # until everything has been asked for once
        before = time.monotonic(), _cpu_seconds(worker.pid)
        loaded = await _load(base, brands, PER_SECOND, SECONDS)
        busy = (_cpu_seconds(worker.pid) - before[1]) / (time.monotonic() - before[0])
        alone = await _load(base, brands, 20, SECONDS / 2)
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await publishing
        rows = [
            at_most(
                f"p99 at {PER_SECOND} requests/s, {brands:,} brands, ms",
                _quantile(_all(loaded), 0.99),
                TARGET_MS,
                "{:.1f}".format,
            ),
            Row("p50 of the same, ms", f"{_quantile(_all(loaded), 0.5):.1f}"),
            Row("its share of a core meanwhile, updates included", f"{busy:.0%}"),
            Row("p99 at 20 requests/s, ms", f"{_quantile(_all(alone), 0.99):.1f}"),
            Row(f"start until ready with {brands:,} brands", f"{ready_seconds:.1f} s"),
            Row("memory at the most", f"{peak_mib(worker.pid):.0f} MiB"),
        ]
    print(results_table(rows), end="\n\n")
    print(_by_kind(loaded))


def _fill_history(directory: Path) -> None:
    engine = open_database(settings_for(None, directory))
    migrate(engine)
    writer = writer_on(engine, HOURS)
    for number in range(20):
        at = number * HOURS_KEPT
        records = [hour(at + n, f"brand {number}", n, positive=50 + n) for n in range(HOURS_KEPT)]
        writer.write([batch(HOURS, records)])
    engine.dispose()


async def _fill_topics(place: Place, brands: int) -> None:
    for partition in range(PARTITIONS):
        await place.produce("brand-sentiment", partition, _values(range(partition, brands, PARTITIONS), 0))
    reviews = [(b"brand %d" % (n % 100), label_value(n, f"Brand {n % 100}")) for n in range(REVIEWS)]
    await place.produce("review-sentiment", 0, reviews)
    alerts = [
        (b"a%d" % n, alert_value(f"a{n}", brand=f"brand {n}", opened_at=n))
        for n in range(min(ALERTS, brands))
    ]
    await place.produce("brand-alerts", 0, alerts)


async def _publish(place: Place, brands: int) -> None:
    """A tenth of the brands anew, each second."""
    chance = random.Random(5)
    while True:
        started = time.monotonic()
        changed = chance.sample(range(brands), brands // 10)
        for partition in range(PARTITIONS):
            numbers = [number for number in changed if number % PARTITIONS == partition]
            await place.produce("brand-sentiment", partition, _values(numbers, chance.randrange(1_000)))
        await asyncio.sleep(max(0.0, 1 - (time.monotonic() - started)))


def _values(numbers: Sequence[int], more: int) -> list[Produced]:
    return [
        (
            b"brand %d" % number,
            brand_value(f"Brand {number}", reviews=number % 977 + more, net=(number % 100) / 100),
        )
        for number in numbers
    ]


async def _until_ready(worker: Process, base: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    async with aiohttp.ClientSession() as client:
        while True:
            worker.check()
            assert time.monotonic() < deadline, "the web role did not get ready"
            with suppress(aiohttp.ClientError):
                async with client.get(f"{base}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)


async def _load(base: str, brands: int, per_second: int, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each answer by kind, measured by another process."""
    arguments = [str(each) for each in ("load", base, brands, per_second, seconds)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.web", *arguments, stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, "the load failed"
    found: dict[str, list[float]] = json.loads(out)
    return found


async def load(base: str, brands: int, per_second: int, seconds: float) -> None:
    """Ask at fixed times, and print the milliseconds as JSON."""
    chance = random.Random(9)
    names, weights = list(PATHS), [weight for weight, _ in PATHS.values()]
    spent: dict[str, list[float]] = defaultdict(list)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as client:

        async def ask(name: str, due: float) -> None:
            path = PATHS[name][1].format(
                sort=chance.choice(("volume", "net", "change", "name", "alerts")),
                window=chance.choice(("5m", "1h", "24h", "7d")),
                number=chance.randrange(1_000),
                brand=chance.randrange(brands),
                review=chance.randrange(min(100, brands)),
                series=chance.randrange(min(20, brands)),
            )
            async with client.get(URL(f"{base}/api/v1{path}", encoded=True)) as answer:
                body = await answer.read()
            assert answer.status == (404 if name == "an unknown brand" else 200), body
            spent[name].append(1_000 * (time.perf_counter() - due))

        started = time.perf_counter() + 0.2
        async with asyncio.TaskGroup() as group:
            for number in range(int(per_second * seconds)):
                due = started + number / per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(ask(chance.choices(names, weights)[0], due))
    sys.stdout.buffer.write(orjson.dumps(spent))


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process, user and system (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _all(spent: dict[str, list[float]]) -> list[float]:
    return [each for found in spent.values() for each in found]


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _by_kind(spent: dict[str, list[float]]) -> str:
    rows = [
        (name, f"{len(found):,}", *(f"{_quantile(found, share):.1f}" for share in (0.5, 0.95, 0.99)))
        for name, found in ((name, spent[name]) for name in PATHS if name in spent)
    ]
    return markdown_table(("what is asked for", "requests", "p50, ms", "p95, ms", "p99, ms"), rows)


def main(arguments: Sequence[str]) -> None:
    """Measure, or be the load of a measurement."""
    if arguments and arguments[0] == "load":
        _, base, brands, per_second, seconds = arguments
        asyncio.run(load(base, int(brands), int(per_second), float(seconds)))
        return
    with tempfile.TemporaryDirectory() as directory, Broker() as broker:
        place = Path(directory) / "place"
        place.mkdir()
        asyncio.run(measure(broker, Path(directory), int(arguments[0]) if arguments else BRANDS))


if __name__ == "__main__":
    main(sys.argv[1:])
