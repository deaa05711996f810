"""The poster against a real server that fails, hangs and comes back: each message at most once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from stream.metrics import Metrics, create_metrics
from stream.notify.poster import Poster
from stream.notify.waiting import Waiting
from stream.notify.webhook import open_webhook
from tests.unit.notify.samples import Answer, Receiver, alert, receiving


def run(
    test: Callable[[Poster, Receiver], Coroutine[Any, Any, None]],
    *script: Answer,
    patience_seconds: float = 60,
    metrics: Metrics | None = None,
) -> tuple[Receiver, Metrics]:
    """Runs a test beside the poster, then lets it finish."""
    metrics = metrics or create_metrics("notify")

    async def together() -> Receiver:
        async with receiving(*script) as receiver, open_webhook(receiver.url) as webhook:
            poster = Poster(Waiting(1_800, patience_seconds), webhook.post, "", metrics)
            posting = asyncio.create_task(poster.run())
            await test(poster, receiver)
            poster.finish()
            await posting
            return receiver

    return asyncio.run(together()), metrics


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event to wait for
            await asyncio.sleep(0.01)


def count(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"brandpulse_notices_{name}", labels) or 0.0


def test_what_is_due_is_posted_even_while_it_finishes() -> None:
    async def add(poster: Poster, _receiver: Receiver) -> None:
        for number in range(20):
            poster.add(alert(f"a{number}", brand=f"Brand {number}"))

    receiver, metrics = run(add)
    assert sorted(receiver.taken.values()) == [1] * 20
    assert count(metrics, "posted_total", state="opened") == 20
    assert count(metrics, "waiting") == 0


def test_it_tries_again_until_the_server_takes_it() -> None:
    async def add(poster: Poster, receiver: Receiver) -> None:
        poster.add(alert())
        await until(lambda: bool(receiver.taken))

    receiver, metrics = run(add, Answer(503), Answer(500), Answer(200))
    assert receiver.attempts == 3
    assert list(receiver.taken.values()) == [1]
    assert count(metrics, "posted_total", state="opened") == 1


def test_what_is_newer_takes_the_place_of_what_the_server_did_not_take() -> None:
    async def add(poster: Poster, receiver: Receiver) -> None:
        poster.add(alert())
        await until(lambda: receiver.attempts == 1)
        poster.add(alert(state="updated", update=1, reviews=7_777))
        await until(lambda: bool(receiver.taken))

    receiver, metrics = run(add, Answer(503), Answer(200))
    assert ["7,777 reviews" in text for text in receiver.taken] == [True]
    assert count(metrics, "skipped_total", reason="superseded") == 1


@pytest.mark.parametrize(("status", "reason"), [(404, "refused"), (502, "unknown")])
def test_what_may_not_be_tried_again_keeps_nothing_back(status: int, reason: str) -> None:
    async def add(poster: Poster, receiver: Receiver) -> None:
        poster.add(alert("a", brand="First"))
        poster.add(alert("b", brand="Second"))
        await until(lambda: bool(receiver.taken))

    receiver, metrics = run(add, Answer(status), Answer(200))
    assert ["Second" in text for text in receiver.taken] == [True]
    assert receiver.attempts == 2
    assert count(metrics, "failed_total", reason=reason) == 1


def test_it_gives_up_in_the_end() -> None:
    metrics = create_metrics("notify")

    async def add(poster: Poster, _receiver: Receiver) -> None:
        poster.add(alert())
        await until(lambda: count(metrics, "failed_total", reason="gave_up") == 1)

    receiver, _ = run(add, Answer(503), patience_seconds=1, metrics=metrics)
    assert receiver.attempts >= 1
    assert not receiver.taken


def test_it_finishes_at_once_while_the_server_asks_for_a_long_pause() -> None:
    async def add(poster: Poster, receiver: Receiver) -> None:
        poster.add(alert())
        await until(lambda: receiver.attempts == 1)

    receiver, _ = run(add, Answer(429, headers={"Retry-After": "3600"}))
    assert receiver.attempts == 1
