"""A real `brandpulse web` on a real Kafka and real databases: what the topics say is what it shows."""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer

from stream.database.engine import migrate, open_database
from stream.kafka.broker import Broker
from stream.web.api.models import BrandPage
from tests.databases import Postgres, empty_postgres, settings_for
from tests.integration.processes import Place, Worker, assert_refuses, place_for, sum_of
from tests.unit.history.samples import HOUR_MS, HOURS, batch, hour, writer_on
from tests.unit.web.samples import alert_value, brand_value, correction_value, label_value

pytestmark = pytest.mark.kafka


@pytest.fixture
def place(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "web") as here:
        here.create_topics()
        yield here


def brand(place: Place, name: str, partition: int = 0, **values: Any) -> None:
    place.produce_keyed(
        [(name.lower().encode(), brand_value(name, **values))], partition, topic="brand-sentiment"
    )


def get(worker: Worker, path: str) -> Any:
    """The JSON of a page of the API."""
    status, body = worker.get("/api/v1" + path)
    assert status == 200, body
    return json.loads(body)


def names(worker: Worker, path: str = "/brands") -> list[str]:
    return [each["brand"] for each in get(worker, path)["brands"]]


def test_it_shows_what_the_topics_say_and_what_they_say_next(place: Place) -> None:
    for number, name in enumerate(("Acme", "Bolt", "Corto")):
        brand(place, name, number % 2, reviews=100 + number)
    worker = place.start()
    worker.until_ready()
    assert names(worker) == ["Corto", "Bolt", "Acme"]
    brand(place, "Acme", reviews=900)
    place.produce_keyed([(b"bolt", None)], 1, topic="brand-sentiment")
    worker.until(lambda: names(worker) == ["Acme", "Corto"])
    assert worker.terminate() == 0


def test_an_alert_leads_to_its_reviews_also_to_those_long_past(place: Place) -> None:
    place.produce_keyed(
        [(b"acme", label_value(number)) for number in range(2_500)], 1, topic="review-sentiment"
    )
    drivers = [
        {"event_id": f"reviews-0-{at}", "label_offset": at, "confidence": 0.9, "created_at": 1, "copies": 1}
        for at in (3, 2_499)
    ]
    gone = drivers[0] | {"event_id": "reviews-0-77777", "label_offset": 77_777}
    alert = alert_value("a-1", drivers=[*drivers, gone], origin={"partition": 1, "offset": 2_499})
    place.produce_keyed([(b"a-1", alert)], 1, topic="brand-alerts")
    place.produce_keyed(
        [(b"acme", correction_value(2_499, duplicate_of="reviews-0-3"))], 1, topic="review-corrections"
    )
    brand(place, "Acme", 1)
    worker = place.start()
    worker.until_ready()
    worker.until(lambda: len(get(worker, "/brands/acme/reviews?limit=50")["reviews"]) == 50)
    newest = worker.until(lambda: _with_mark(get(worker, "/brands/acme/reviews")["reviews"][0]))
    assert newest["event_id"] == "reviews-0-2499"
    # A look-up takes what it finds within seconds; what it has found stays found.
    worker.until(lambda: _drivers(worker, "a-1") == ["reviews-0-3", "reviews-0-2499", None])
    assert [each["alert_id"] for each in get(worker, "/brands/acme")["alerts"]] == ["a-1"]


def _drivers(worker: Worker, alert_id: str) -> list[str | None]:
    found = get(worker, f"/alerts/{alert_id}")["driver_reviews"]
    return [each["review"] and each["review"]["event_id"] for each in found]


def _with_mark(review: Any) -> Any:
    return review if review["duplicate_of"] else None


def test_the_pipeline_is_watched(place: Place) -> None:
    place.produce([b"{}"] * 3, 0)
    dead = [("dlq_reason", b"invalid"), ("dlq_detail", b"lacks a brand")]
    place.produce([b"{}", b"{}"], 0, topic="reviews-dlq", headers=dead)
    label = label_value(1, received_at=1, source=None)
    place.produce([label], 0, topic="review-sentiment", key=b"acme")
    worker = place.start()
    worker.until_ready()
    figures = worker.until(lambda: _complete(get(worker, "/pipeline")))
    assert figures["dead_letters"] == {"invalid": 2}
    assert figures["latency"]["labels"] == 1
    assert figures["silent_seconds"] < 30


def _complete(figures: Any) -> Any:
    """Each comes when it is known."""
    has_history = figures["history"] == "here"
    return figures if figures["dead_letters"] and figures["latency"] and has_history else None


def test_live_updates_reach_a_client_and_sigterm_ends_them(place: Place) -> None:
    brand(place, "Acme")
    worker = place.start()
    worker.until_ready()
    address = worker.address
    with httpx.stream("GET", f"{address}/api/v1/live", timeout=30) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        brand(place, "Bolt", 1)
        data = (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))
        # What was there before may come first, where the stream was opened while it was read.
        assert next(event for event in data if "Bolt" in [each["brand"] for each in event["brands"]])
        assert worker.terminate() == 0
        assert [line for line in lines if line.startswith("data: ")] == []


def test_it_shows_what_brands_makes_of_labels(place: Place) -> None:
    now_ms = time.time_ns() // 1_000_000
    times: dict[str, Any] = {"created_at": now_ms, "received_at": now_ms, "scored_at": now_ms}
    labels = [(b"acme", label_value(number, **times)) for number in range(40)]
    place.produce_keyed(labels, 1, topic="review-sentiment")
    (place.directory / "brands").mkdir()
    with place_for(place.brokers, place.prefix, place.directory / "brands", "brands") as beside:
        beside.start()
        worker = place.start()
        worker.until_ready()
        window = worker.until(lambda: _with_reviews(get(worker, "/brands")["brands"], 40))
    assert window["counts"] == {"negative": 40, "neutral": 0, "positive": 0}
    assert window["intervals"]["net"]["low"] < window["net"] < 0
    BrandPage.model_validate_json(worker.get("/api/v1/brands/acme")[1])


def _with_reviews(brands: Any, reviews: int) -> Any:
    """The hour of the first brand, once it has so many."""
    window = brands[0]["windows"]["1h"] if brands else {"counts": {}}
    return window if sum(window["counts"].values()) == reviews else None


def test_several_copies_show_the_same(place: Place) -> None:
    brand(place, "Acme")
    workers = [place.start(data_dir=f"copy {number}") for number in range(2)]
    for worker in workers:
        worker.until_ready()
    brand(place, "Bolt", 1)
    for worker in workers:
        worker.until(partial(shows, worker, ["Acme", "Bolt"]))


def shows(worker: Worker, expected: list[str]) -> bool:
    return names(worker, "/brands?sort=name&order=asc") == expected


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
    empty_postgres(server)
    return server.url


def with_hours(url: str | None, directory: Path) -> None:
    """Ten hours of a brand in the database, as history writes them."""
    engine = open_database(settings_for(url, directory))
    migrate(engine)
    records = [hour(number, "acme", number, positive=number + 40) for number in range(10)]
    writer_on(engine, HOURS).write([batch(HOURS, records)])
    engine.dispose()


def test_series_and_notes_come_from_the_database(place: Place, url: str | None) -> None:
    with_hours(url, place.directory / "data")
    place.produce_keyed([(b"a-1", alert_value("a-1"))], 0, topic="brand-alerts")
    worker = place.start(**({"BRANDPULSE_DATABASE_URL": url} if url else {}))
    worker.until_ready()
    worker.until(lambda: get(worker, "/pipeline")["history"] == "here")
    found = get(worker, f"/brands/acme/series?from=0&to={10 * HOUR_MS}&step=6h")
    assert [point["counts"]["positive"] for point in found["points"]] == [255, 190]
    assert all(point["intervals"]["net"]["low"] < point["net"] for point in found["points"])
    said = httpx.post(f"{worker.address}/api/v1/alerts/a-1/note", json={"note": "seen"}, timeout=60)
    assert said.status_code == 200, said.text
    httpx.post(f"{worker.address}/api/v1/alerts/a-1/acknowledge", json={"by": "Kim"}, timeout=60)
    found = get(worker, "/alerts/a-1")
    assert (found["note"], found["acknowledged_by"]) == ("seen", "Kim")


@pytest.fixture
def killable(postgres: Postgres) -> Iterator[Postgres]:
    """Runs again afterwards, whatever happened."""
    yield postgres
    postgres.start()


def test_a_database_that_is_killed_takes_history_away_and_nothing_else(
    place: Place, killable: Postgres
) -> None:
    empty_postgres(killable)
    with_hours(killable.url, place.directory)
    brand(place, "Acme")
    worker = place.start(BRANDPULSE_DATABASE_URL=killable.url)
    worker.until_ready()
    series = f"/api/v1/brands/acme/series?from=0&to={HOUR_MS}"
    worker.until(lambda: worker.get(series)[0] == 200)
    killable.kill()
    worker.until(lambda: worker.get(series)[0] == 503)
    status, body = worker.get("/readyz")
    assert (status, json.loads(body)["history"]) == (200, "away")
    assert names(worker) == ["Acme"]
    brand(place, "Bolt", 1)
    worker.until(lambda: len(names(worker)) == 2)
    killable.start()
    worker.until(lambda: worker.get(series)[0] == 200)
    assert "not-told" not in worker.log


def test_tokens_are_asked_for_and_never_told(place: Place) -> None:
    tokens = place.directory / "tokens.txt"
    tokens.write_text("read reader-reader-reader\n")
    worker = place.start("--tokens-file", str(tokens))
    worker.until_ready()
    assert worker.get("/api/v1/brands")[0] == 401
    request = urllib.request.Request(
        f"{worker.address}/api/v1/brands", headers={"Authorization": "Bearer reader-reader-reader"}
    )
    with closing(urllib.request.urlopen(request, timeout=10)) as answer:
        assert answer.status == 200
    assert "reader-reader" not in worker.log + worker.get("/metrics")[1]


def test_a_tokens_file_that_is_none_is_refused_by_its_line(place: Place) -> None:
    tokens = place.directory / "tokens.txt"
    tokens.write_text("# ours\nread reader-reader-reader\nadmin hush-hush-hush-hush\n")
    worker = place.start("--tokens-file", str(tokens))
    assert_refuses(worker, "BRANDPULSE_TOKENS_FILE", "line 3")
    assert "hush" not in worker.log


def test_without_topics_it_says_how_to_make_them(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "web") as place:
        assert_refuses(place.start(), "brand-sentiment", "brandpulse topics create")


def test_a_topic_of_more_labels_than_anyone_looks_at_is_jumped(place: Place) -> None:
    brand(place, "Acme")
    worker = place.start()
    worker.until_ready()
    producer = KafkaProducer(bootstrap_servers=place.brokers)
    for number in range(30_000):
        producer.send(place.prefix + "review-sentiment", label_value(number), partition=0, key=b"acme")
    producer.close()
    worker.until(
        lambda: (
            get(worker, "/brands/acme/reviews?limit=1")["reviews"][:1]
            and get(worker, "/brands/acme/reviews?limit=1")["reviews"][0]["event_id"] == "reviews-0-29999"
        )
    )
    assert sum_of(worker.get("/metrics")[1], "web_unreadable") == 0
