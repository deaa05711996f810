"""The dashboard on a real Kafka: what comes in by the topics is seen, and people can answer."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stream.kafka.broker import Broker
from stream.settings import PREFIX
from tests.browser.conftest import DESK, OUTPUT, PHONE
from tests.browser.samples import alert, brand_sentiment, label
from tests.integration.processes import Place, place_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.kafka]
PATIENCE_MS = 300_000


@pytest.fixture
def place(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "web") as here:
        here.create_topics()
        yield here


@contextmanager
def told(tmp_path: Path) -> Iterator[str]:
    """The story with every worker; the address of its dashboard."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with subprocess.Popen(
        [sys.executable, "-m", "stream", "demo", "--rate", "1"],
        env={**environment, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        try:
            assert demo.stderr is not None
            while not (said := re.match(r"dashboard: (http://\S+)", demo.stderr.readline())):
                assert demo.poll() is None
            while not answers(said[1]):
                assert demo.poll() is None
                time.sleep(0.2)
            yield said[1]
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.communicate()


def answers(address: str) -> bool:
    """Whether the server is up yet."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_an_alert_that_comes_in_is_seen_leads_to_its_reviews_and_is_answered(
    place: Place, open_page: "OpenPage"
) -> None:
    now_ms = time.time_ns() // 1_000_000
    labels = [
        (b"snorbec", label("Snorbec", now_ms, number).model_dump_json().encode()) for number in range(4)
    ]
    brand = brand_sentiment("Snorbec", now_ms, pick=random.Random(1), hourly=200, bad=0.5)
    place.produce_keyed(labels, 0, topic="review-sentiment")
    place.produce_keyed([(b"snorbec", brand.model_dump_json().encode())], 0, topic="brand-sentiment")
    worker = place.start()
    worker.until_ready()
    worker.until(lambda: json.loads(worker.get("/api/v1/pipeline")[1])["history"] == "here")
    here = re.search(r"listening on (http://\S+)", worker.log)
    assert here is not None
    with open_page(here[1]) as page:
        page.wait_for_selector("text=Snorbec")
        assert page.locator(".bp-severity").count() == 0
        event = alert("Snorbec", now_ms)
        place.produce_keyed(
            [(event.alert_id.encode(), event.model_dump_json().encode())], 0, topic="brand-alerts"
        )
        page.wait_for_selector(".ag-row >> text=critical")
        page.click(".bp-cell-name")
        page.click("text=57 % negative in 1h")
        page.wait_for_selector(".bp-review")
        assert page.locator(".bp-review").count() == 3
        assert "drops every connection" in page.inner_text(".bp-review >> nth=0")
        page.fill("[name=by]", "Kim")
        page.click("text=Acknowledge")
        page.wait_for_selector("text=Acknowledged by Kim")
        page.fill("[name=note]", "<b>They know</b>, a fix is on its way.")
        with page.expect_response("**/note") as saved:
            page.click("text=Save note")
        assert saved.value.ok
        page.reload()
        page.wait_for_selector("text=Acknowledged by Kim")
        assert page.input_value("[name=note]") == "<b>They know</b>, a fix is on its way."
    assert worker.terminate() == 0


def test_where_there_are_tokens_a_reader_logs_in_and_may_not_write(
    place: Place, open_page: "OpenPage", tmp_path: Path
) -> None:
    now_ms = time.time_ns() // 1_000_000
    brand, event = brand_sentiment("Snorbec", now_ms, pick=random.Random(1)), alert("Snorbec", now_ms)
    place.produce_keyed([(b"snorbec", brand.model_dump_json().encode())], 0, topic="brand-sentiment")
    place.produce_keyed(
        [(event.alert_id.encode(), event.model_dump_json().encode())], 0, topic="brand-alerts"
    )
    tokens = tmp_path / "tokens"
    tokens.write_text("read a-token-for-readers-only\n")
    worker = place.start(BRANDPULSE_TOKENS_FILE=str(tokens))
    worker.until_ready()
    here = re.search(r"listening on (http://\S+)", worker.log)
    assert here is not None
    with open_page(f"{here[1]}/alert?id={event.alert_id}", quiet=False) as page:
        page.fill("#token", "a-token-for-readers-only")
        page.click("text=Log in >> nth=-1")
        page.wait_for_url("**/alert?id=**")
        page.click("text=Acknowledge")
        page.wait_for_selector("text=Not saved:")
        page.goto(here[1])
        page.wait_for_selector("text=Snorbec")
        page.context.clear_cookies()
        page.wait_for_url("**/login**")
    assert worker.terminate() == 0


def test_the_story_becomes_an_incident_an_alert_and_its_reviews(
    embedded_kafka: None, tmp_path: Path, open_page: "OpenPage"
) -> None:
    with told(tmp_path) as here, open_page(here + "/?window=1h") as page:
        alarmed = page.locator(".ag-center-cols-container .ag-row", has_text="Snorbec").locator(
            ".bp-severity"
        )
        alarmed.wait_for(timeout=PATIENCE_MS)
        keep(page, "story-overview")
        page.click(".bp-cell-name:has-text('Snorbec')")
        page.wait_for_selector(".bp-legend .incident")
        page.wait_for_selector(".bp-newest .bp-review")
        newest = " ".join(page.locator(".bp-newest .bp-text").all_inner_texts())
        assert re.search("update|firmware|3.1", newest, re.IGNORECASE), newest
        keep(page, "story-brand")
        page.click(".bp-alert-link")
        page.wait_for_url("**/alert?id=**")
        page.wait_for_selector(".bp-review")
        assert page.locator(".bp-review:not(:has(.bp-label.negative))").count() == 0
        assert all(len(text) > 5 for text in page.locator(".bp-review .bp-text").all_inner_texts())
        keep(page, "story-alert")


def keep(page: "Page", name: str) -> None:
    """Screenshots at two sizes, light and dark, for people to look at."""
    OUTPUT.mkdir(exist_ok=True)
    for size in (DESK, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(1_500)
            page.screenshot(path=OUTPUT / f"{name}-{size[0]}-{scheme}.png")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
