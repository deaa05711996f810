"""One post to a real server, however it behaves: what is known afterwards; and nobody is told the URL."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from stream.errors import SettingsError
from stream.kafka.ports import free_ports
from stream.notify.webhook import (
    NotTaken,
    Outcome,
    Posted,
    Refused,
    Unknown,
    Webhook,
    _pause_seconds,
    dashboard_url,
    open_webhook,
    webhook_url,
)
from stream.settings import load_settings
from tests.unit.notify.samples import Answer, receiving

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def outcome_of(answer: Answer) -> Outcome:
    async def post() -> Outcome:
        async with receiving(answer) as receiver, open_webhook(receiver.url) as webhook:
            outcome = await webhook.post({"text": "hello"})
            assert receiver.attempts == 1
            return outcome

    return asyncio.run(post())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200), Posted()),
        (Answer(204), Posted()),
        (Answer(500), NotTaken("status 500")),
        (Answer(503), NotTaken("status 503")),
        (Answer(429, headers={"Retry-After": "17"}), NotTaken("status 429", 17.0)),
        (Answer(400), Refused("status 400")),
        (Answer(404), Refused("status 404")),
        (Answer(302, headers={"Location": "/elsewhere"}), Refused("status 302")),
        (Answer(502), Unknown("status 502")),
        (Answer(504), Unknown("status 504")),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else "",
)
def test_an_answer_says_what_became_of_the_message(answer: Answer, outcome: Outcome) -> None:
    assert outcome_of(answer) == outcome


def test_without_an_answer_in_time_nobody_knows() -> None:
    async def post() -> Outcome:
        async with (
            receiving(Answer(after_seconds=30)) as receiver,
            ClientSession(timeout=ClientTimeout(total=0.3)) as session,
        ):
            return await Webhook(session, receiver.url).post({"text": "hello"})

    assert isinstance(asyncio.run(post()), Unknown)


def test_a_connection_that_breaks_leaves_nobody_knowing() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def post() -> Outcome:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server, open_webhook(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/") as webhook:
            return await webhook.post({"text": "hello"})

    assert isinstance(asyncio.run(post()), Unknown)


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_what_was_never_sent_may_be_sent_again(host: str, caplog: pytest.LogCaptureFixture) -> None:
    (port,) = free_ports(1)

    async def post() -> Outcome:
        async with open_webhook(f"http://{host}:{port}/planted") as webhook:
            return await webhook.post({"text": "hello"})

    with caplog.at_level(logging.DEBUG):
        outcome = asyncio.run(post())
    assert isinstance(outcome, NotTaken)
    assert "planted" not in f"{outcome!r} {caplog.text}"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        ("999999999", 3_600.0),
        ("Fri, 02 Jan 2026 03:04:35 GMT", 30.0),
        ("Fri, 02 Jan 2026 03:04:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("Fri, 02 Jan 2026 03:04:35", None),
        ("²", None),
    ],
)
def test_a_pause_is_read_in_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert _pause_seconds(header, NOW) == seconds


def test_a_missing_url_is_named_with_what_to_set() -> None:
    with pytest.raises(SettingsError, match=r"BRANDPULSE_WEBHOOK_URL: is not set; .*WEBHOOK_URL_FILE"):
        webhook_url(load_settings())


@pytest.mark.parametrize(
    "url", ["planted", "ftp://planted/x", "http://", "http://planted:port/", "http://[planted"]
)
def test_a_url_that_is_none_is_refused_and_not_told(url: str) -> None:
    with pytest.raises(SettingsError, match="is not an http") as refused:
        webhook_url(load_settings(webhook_url=url))
    assert "planted" not in str(refused.value)


def test_a_url_from_a_file_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("https://hooks.example.com/planted\n")
    monkeypatch.setenv("BRANDPULSE_WEBHOOK_URL_FILE", str(tmp_path / "url"))
    assert webhook_url(load_settings()) == "https://hooks.example.com/planted"


@pytest.mark.parametrize(
    "url", ["brands.example.org", "javascript:alert(1)", "https://x.org/|<!here>", "https://x /"]
)
def test_a_dashboard_that_cannot_stand_in_a_message_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="BRANDPULSE_PUBLIC_URL"):
        dashboard_url(load_settings(public_url=url))
    assert dashboard_url(load_settings()) == ""
