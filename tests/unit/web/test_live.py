"""Live updates: what clients are told, and what happens to those that do not keep up."""

import asyncio
import json
from typing import Any

import pytest

from stream.web.live import MOST_BRANDS, MOST_CLIENTS, Client, LiveFeed
from stream.web.view import LiveView
from tests.unit.web.samples import alert_value, take_brand


@pytest.fixture
def view() -> LiveView:
    return LiveView()


def told(client: Client) -> list[tuple[str, str | None, Any]]:
    """Event, id and data of everything that waits for a client, which is ended by it."""

    async def read() -> list[bytes]:
        return [frame async for frame in client.frames()]

    client.send(None)
    hello, *frames = asyncio.run(read())
    assert hello == b"retry: 2000\n\n"
    found = []
    for frame in frames:
        fields = dict(line.split(": ", 1) for line in frame.decode().strip().split("\n"))
        found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


def joined(feed: LiveFeed, *brands: str, last_event_id: str | None = None) -> Client:
    client = feed.join(frozenset(brands) or None, last_event_id)
    assert client is not None
    return client


def test_changes_of_a_second_are_one_event(view: LiveView) -> None:
    feed = LiveFeed(view)
    client = joined(feed)
    take_brand(view, "Acme", reviews=1)
    take_brand(view, "Acme", reviews=2)
    view.take_brand(b"gone", None)
    view.take_alert(b"a", alert_value("a"))
    feed.tick()
    feed.tick()
    ((event, event_id, data),) = told(client)
    assert (event, event_id) == ("changes", f"{view.boot}-3")
    (brand,) = data["brands"]
    assert (brand["windows"]["5m"]["counts"]["positive"], brand["open_alerts"]) == (2, 1)
    assert [alert["alert_id"] for alert in data["alerts"]] == ["a"]
    assert data["complete"]


def test_a_client_may_ask_for_some_brands_only(view: LiveView) -> None:
    feed = LiveFeed(view)
    client, other = joined(feed, "acme"), joined(feed, "nobody")
    for name in ("Acme", "Bolt"):
        take_brand(view, name)
    view.take_alert(b"b", alert_value("b", brand="bolt"))
    feed.tick()
    ((_, _, data),) = told(client)
    assert ([brand["brand"] for brand in data["brands"]], data["alerts"]) == (["Acme"], [])
    assert told(other) == []


def test_a_client_that_is_too_slow_is_told_to_load_everything(view: LiveView) -> None:
    feed = LiveFeed(view)
    slow, quick = joined(feed), joined(feed)
    for number in range(17):
        take_brand(view, "Acme", reviews=number)
        feed.tick()
        if number == 8:
            assert len(told(quick)) == 9
            quick = joined(feed)
    assert [event for event, _, _ in told(slow)] == ["reload"]
    assert {event for event, _, _ in told(quick)} == {"changes"}


def test_who_comes_back_gets_what_was_missed(view: LiveView) -> None:
    feed = LiveFeed(view)
    take_brand(view, "Acme")
    last = f"{view.boot}-{view.version}"
    take_brand(view, "Bolt")
    ((event, _, data),) = told(joined(feed, last_event_id=last))
    assert (event, [brand["brand"] for brand in data["brands"]]) == ("changes", ["Bolt"])


@pytest.mark.parametrize(
    "last", ["", "x", "other-1", "{boot}-", "{boot}-x", "{boot}-9999", "{boot}-" + "9" * 40, "-1"]
)
def test_who_comes_from_elsewhere_loads_everything(view: LiveView, last: str) -> None:
    client = joined(LiveFeed(view), last_event_id=last.format(boot=view.boot))
    assert [event for event, _, _ in told(client)] == ["reload"]


def test_more_brands_than_one_event_holds_are_said_to_be_more(view: LiveView) -> None:
    feed = LiveFeed(view)
    client = joined(feed)
    for number in range(MOST_BRANDS + 1):
        take_brand(view, f"Brand {number}")
    feed.tick()
    ((_, _, data),) = told(client)
    assert (len(data["brands"]), data["complete"]) == (MOST_BRANDS, False)


def test_there_is_an_end_to_clients(view: LiveView) -> None:
    feed = LiveFeed(view)
    clients = [joined(feed) for _ in range(MOST_CLIENTS)]
    assert feed.join(None, None) is None
    feed.leave(clients[0])
    assert feed.join(None, None) is not None
    assert len(feed) == MOST_CLIENTS


def test_a_closed_feed_ends_every_stream(view: LiveView) -> None:
    feed = LiveFeed(view)
    client = joined(feed)
    feed.close()

    async def read() -> list[bytes]:
        return [frame async for frame in client.frames()]

    assert asyncio.run(read()) == [b"retry: 2000\n\n"]
