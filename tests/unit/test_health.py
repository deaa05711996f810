import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from stream.errors import PortTaken, SettingsError
from stream.health import HealthState
from stream.health_server import HealthServer
from stream.metrics import create_metrics
from stream.settings import load_settings
from stream.watchdog import Watchdog

STALL_SECONDS = 60.0
NOT_YET = ["brokers_answer", "partitions_assigned", "recovered", "goldens_reproduced"]


def working(now: float = 0.0) -> HealthState:
    state = HealthState(STALL_SECONDS, now)
    state.meet("brokers_answer")
    state.meet("recovered")
    state.meet("goldens_reproduced")
    state.assigned(4, now)
    return state


class TestAlive:
    def test_a_fresh_worker_is_alive(self) -> None:
        assert HealthState(STALL_SECONDS, now=0).alive(now=60) is None

    def test_a_loop_that_does_not_beat_is_wedged(self) -> None:
        assert (
            HealthState(STALL_SECONDS, now=0).alive(now=61) == "the event loop has not run for 61.0 seconds"
        )

    def test_without_partitions_nobody_expects_polling(self) -> None:
        state = HealthState(STALL_SECONDS, now=0)
        state.beat(1000)
        assert state.alive(1000) is None

    def test_an_idle_worker_that_polls_is_alive(self) -> None:
        state = working()
        state.beat(1000)
        state.polled(1000)
        assert state.alive(1059) is None

    def test_a_consumer_that_stops_polling_is_wedged(self) -> None:
        state = working()
        state.polled(10)
        state.beat(75)
        assert state.alive(75) == "the consumer has not polled for 65.0 seconds"

    def test_progress_counts_as_polling_while_buffers_are_full(self) -> None:
        state = working()
        for now in (50, 100):
            state.beat(now)
            state.taken(now)
            state.consumed(now)
        assert state.alive(110) is None

    def test_work_that_never_ends_is_wedged_although_the_consumer_polls(self) -> None:
        state = working()
        state.taken(10)
        state.taken(40)
        state.beat(75)
        state.polled(75)
        assert state.alive(70) is None
        assert state.alive(75) == "work in flight has not been finished for 65.0 seconds"

    def test_a_queue_that_moves_is_alive(self) -> None:
        state = working()
        state.taken(0)
        state.taken(0)
        state.consumed(50)
        state.beat(100)
        state.polled(100)
        assert state.alive(100) is None

    def test_idle_time_before_the_work_does_not_count(self) -> None:
        state = working()
        state.beat(500)
        state.polled(500)
        state.taken(500)
        assert state.alive(501) is None

    def test_a_rebalance_settles_what_was_in_flight(self) -> None:
        state = working()
        state.taken(0)
        state.assigned(2, 50)
        state.beat(100)
        state.polled(100)
        assert state.alive(100) is None

    def test_draining_needs_no_polling(self) -> None:
        state = working()
        state.meet("running", False)
        state.beat(100)
        assert state.alive(100) is None


class TestReady:
    def test_names_every_unmet_condition(self) -> None:
        assert HealthState(STALL_SECONDS, 0).ready() == NOT_YET

    def test_all_met_is_ready(self) -> None:
        assert working().ready() == []

    def test_losing_the_partitions_ends_it(self) -> None:
        state = working()
        state.assigned(0, 1)
        assert state.ready() == ["partitions_assigned"]

    def test_shutdown_ends_it(self) -> None:
        state = working()
        state.meet("running", False)
        assert state.ready() == ["running"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def served(state: HealthState, clock: Clock, use: Callable[[str], Awaitable[None]]) -> None:
    """Run `use` with the address of a server that shows the state."""

    async def run() -> None:
        server = HealthServer(state, create_metrics("score"), clock)
        port = await server.start(load_settings(port=0))
        try:
            await use(f"http://127.0.0.1:{port}")
        finally:
            await server.stop()

    asyncio.run(run())


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


class TestServer:
    def test_a_working_worker(self) -> None:
        async def use(url: str) -> None:
            assert await get(url + "/healthz") == (200, '{"alive":true,"reason":null}')
            assert await get(url + "/readyz") == (200, '{"ready":true,"unmet":[]}')

        served(working(), Clock(), use)

    def test_a_starting_worker_is_alive_but_not_ready(self) -> None:
        async def use(url: str) -> None:
            assert (await get(url + "/healthz"))[0] == 200
            status, body = await get(url + "/readyz")
            assert status == 503
            assert json.loads(body)["unmet"] == NOT_YET

        served(HealthState(STALL_SECONDS, 0), Clock(), use)

    def test_a_wedged_consumer_is_unhealthy_and_says_why(self) -> None:
        clock, state = Clock(), working()

        async def use(url: str) -> None:
            clock.now = 61.0
            state.beat(clock.now)
            status, body = await get(url + "/healthz")
            assert status == 503
            assert json.loads(body)["reason"] == "the consumer has not polled for 61.0 seconds"

        served(state, clock, use)

    def test_metrics_follow_readiness(self) -> None:
        state = working()

        async def use(url: str) -> None:
            assert "brandpulse_ready 1.0" in (await get(url + "/metrics"))[1]
            state.meet("running", False)
            assert "brandpulse_ready 0.0" in (await get(url + "/metrics"))[1]

        served(state, Clock(), use)

    def test_the_line_that_names_the_port(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO")

        async def use(url: str) -> None:
            assert f"listening on {url}" in caplog.messages

        served(working(), Clock(), use)

    def test_a_taken_port_names_the_setting(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            server = HealthServer(working(), create_metrics("score"), Clock())
            with pytest.raises(PortTaken, match=rf"port {port} on 127.0.0.1 is taken.*BRANDPULSE_PORT"):
                asyncio.run(server.start(load_settings(port=port)))

    def test_an_address_of_another_machine_names_the_setting(self) -> None:
        server = HealthServer(working(), create_metrics("score"), Clock())
        with pytest.raises(SettingsError, match="BRANDPULSE_HOST"):
            asyncio.run(server.start(load_settings(host="192.0.2.1", port=0)))


BLOCKED = """
import asyncio, logging, sys, time
from stream.health import HealthState
from stream.health_server import HealthServer
from stream.metrics import create_metrics
from stream.settings import load_settings
from stream.watchdog import Watchdog

async def main():
    state = HealthState(stall_seconds=2.0, now=time.monotonic())
    await HealthServer(state, create_metrics("score"), time.monotonic).start(load_settings(port=0))
    Watchdog(state, time.monotonic, check_seconds=0.1).start()
    await asyncio.sleep(3.0)
    print("still alive", flush=True)
    time.sleep(600)

logging.basicConfig(level="INFO", stream=sys.stderr)
asyncio.run(main())
"""


def test_a_process_whose_loop_is_blocked_ends_itself() -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout == "still alive\n"
    assert run.returncode == 1
    assert "CRITICAL:stream.watchdog:stalled, ending this process: the event loop has not run" in run.stderr
    assert "in main" in run.stderr, "the stacks show where it hung"


def test_a_watchdog_can_be_stopped() -> None:
    dead = HealthState(stall_seconds=1, now=0)
    watchdog = Watchdog(dead, lambda: 100.0, check_seconds=3600)
    watchdog.start()
    watchdog.stop()
