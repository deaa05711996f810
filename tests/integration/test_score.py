"""A real `brandpulse score` on a real Kafka: one outcome for each review, and clear words when it cannot."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stream.events import DeadLetter, Label
from stream.kafka.broker import Broker
from stream.kafka.ports import free_ports
from stream.settings import DEFAULT_BUNDLE
from tests.integration.processes import PARTITIONS, Place, assert_refuses, place_for, shows_no_lag, sum_of

pytestmark = pytest.mark.kafka
SCORE = ("score", ("--threads", "1"))


@pytest.fixture
def place(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, *SCORE) as here:
        yield here


def review(number: int, text: str = "Awesome sound for the price", **fields: Any) -> bytes:
    return json.dumps(
        {"review_id": f"r{number}", "brand": f"Brand {number % 5}", "text": text, **fields}
    ).encode()


BAD: dict[str, bytes | None] = {
    "null": None,
    "empty": b"",
    "no JSON": b"xylophone {",
    "no object": b'["xylophone"]',
    "no UTF-8": b'{"review_id": "r", "brand": "b", "text": "xylophone \xff"}',
    "NUL": b'{"review_id": "r", "brand": "b", "text": "xylophone \\u0000"}',
    "lone surrogate": b'{"review_id": "r", "brand": "b", "text": "xylophone \\ud800"}',
    "blank": review(1, " \n"),
    "missing": b'{"text": "xylophone"}',
    "wrong type": review(1, stars="xylophone"),
    "out of range": review(1, stars=9),
    "no time": review(1, created_at="xylophone"),
    "too long": review(1, "x" * 2_000_001),
}


def test_every_review_has_one_outcome_and_a_signal_ends_it_cleanly(place: Place) -> None:
    place.create_topics()
    good = [review(number, f"fine number {number}", title="xylophone") for number in range(500)]
    strange = [review(900, "x" * 1_000_000), review(901, "😀" * 100_000), review(902, "\u202eשלום\u0007")]
    place.produce(good[:250], partition=0)
    headers = [("shop", b"7"), ("traceparent", b"00-1-2-01"), ("raw", b"\xff")]
    place.produce(list(BAD.values()), partition=0, key=b"\x00key", headers=headers)
    place.produce(good[250:] + strange, partition=1)
    worker = place.start()
    worker.until_ready()
    worker.until(lambda: place.committed() == {0: 250 + len(BAD), 1: 253})

    labels = [Label.model_validate_json(record.value) for record in place.read("review-sentiment")]
    assert len({label.event_id for label in labels}) == len(labels) == 503
    by_partition = [[r.origin.offset for r in labels if r.origin.partition == p] for p in range(PARTITIONS)]
    assert sorted(by_partition[0]) == list(range(250))
    assert sorted(by_partition[1]) == list(range(253))
    assert {label.text for label in labels} == {label.title for label in labels} == {None}
    assert len({label.sketch for label in labels}) > 400
    assert all(label.received_at == label.created_at <= label.scored_at for label in labels)

    letters = place.read("reviews-dlq")
    assert [letter.value for letter in letters] == list(BAD.values())
    for offset, letter in enumerate(letters, start=250):
        assert letter.key == b"\x00key"
        assert list(letter.headers[:3]) == headers
        why = DeadLetter.model_validate({name: value.decode() for name, value in letter.headers[3:]})
        assert (why.topic, why.partition, why.offset) == (f"{place.prefix}reviews", "0", str(offset))
        assert why.reason == ("undecodable" if offset - 250 < 7 else "invalid")

    assert worker.get("/healthz")[0] == 200
    worker.until(lambda: sum_of(worker.get("/metrics")[1], "reviews_labelled") == 503)
    worker.until(lambda: shows_no_lag(worker.get("/metrics")[1]))
    metrics = worker.get("/metrics")[1]
    assert worker.terminate() == 0
    assert place.committed() == {0: 250 + len(BAD), 1: 253}
    assert sum_of(metrics, "reviews_rejected") == len(BAD)
    assert "xylophone" not in worker.log + metrics
    assert "Traceback" not in worker.log


def test_a_bad_record_that_no_topic_would_take_as_it_is_does_not_stop_the_stream(place: Place) -> None:
    place.create_topics()
    bomb = b"xylophone " * 1_000_000
    place.produce([bomb, review(1)], partition=0, compressed=True)
    worker = place.start()
    worker.until(lambda: place.committed() == {0: 2})
    (letter,) = place.read("reviews-dlq")
    assert bomb.startswith(letter.value)
    assert "received with a value of 10000000 bytes" in dict(letter.headers)["dlq_detail"].decode()
    assert len(place.read("review-sentiment")) == 1


def test_it_waits_for_a_broker_that_is_away(embedded_kafka: None, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    broker = Broker(port=port, data_dir=tmp_path / "kafka", keep=True)
    with place_for(f"127.0.0.1:{port}", "away-", tmp_path, *SCORE) as place:
        with broker:
            place.create_topics()
            place.produce([review(1)], partition=0)
        worker = place.start()
        worker.until(lambda: "no broker answers" in worker.log)
        assert worker.get("/healthz")[0] == 200
        status, body = worker.get("/readyz")
        assert status == 503
        assert "brokers_answer" in json.loads(body)["unmet"]
        with broker:
            worker.until_ready()
            worker.until(lambda: place.committed() == {0: 1})
            assert len(place.read("review-sentiment")) == 1
            assert worker.terminate() == 0


def test_a_signal_ends_it_while_it_waits_for_a_broker(embedded_kafka: None, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with place_for(f"127.0.0.1:{port}", "away-", tmp_path, *SCORE) as place:
        worker = place.start()
        worker.until(lambda: "no broker answers" in worker.log)
        assert worker.terminate() == 0


def test_a_missing_topic_is_refused(place: Place) -> None:
    assert_refuses(place.start(), f"{place.prefix}reviews", "topics create")


def test_an_altered_bundle_is_refused(place: Place, tmp_path: Path) -> None:
    place.create_topics()
    bundle = tmp_path / "bundle"
    shutil.copytree(DEFAULT_BUNDLE, bundle)
    with (bundle / "tokenizer.json").open("ab") as file:
        file.write(b" ")
    assert_refuses(place.start("--bundle", str(bundle)), "tokenizer.json was altered")


def test_a_bundle_that_scores_otherwise_here_than_where_it_was_exported_is_refused(
    place: Place, tmp_path: Path
) -> None:
    place.create_topics()
    bundle = tmp_path / "bundle"
    shutil.copytree(DEFAULT_BUNDLE, bundle)
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["goldens"][0]["scores"].reverse()
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    assert_refuses(place.start("--bundle", str(bundle)), "does not reproduce its golden texts")


def test_unknown_and_wrong_settings_are_refused_together(place: Place) -> None:
    worker = place.start("--provider", "tpu", BRANDPULSE_BROKER="typo:9092")
    assert_refuses(worker, "BRANDPULSE_BROKER: no such setting", "BRANDPULSE_PROVIDER")


def test_a_taken_port_is_refused(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert_refuses(place.start("--port", str(port)), f"port {port}", "is taken")


def test_the_dead_letter_budget_stops_it_and_nothing_is_lost(place: Place) -> None:
    place.create_topics()
    bad = [b"xylophone %d" % number for number in range(10_000)]
    place.produce(bad, partition=0)
    worker = place.start()
    assert worker.exit_code() == 1
    assert "Traceback" not in worker.log
    assert "of the last 10000 reviews were rejected" in worker.log
    letters = place.read("reviews-dlq")
    assert [letter.value for letter in letters] == bad[: len(letters)]
    assert len(letters) == place.committed().get(0, 0) <= 5_000

    place.produce([review(1)], partition=0)
    again = place.start(BRANDPULSE_DLQ_BUDGET_WINDOW="1000000")
    again.until(lambda: place.committed() == {0: 10_001})
    assert again.terminate() == 0
    assert [letter.value for letter in place.read("reviews-dlq")] == bad
    assert len(place.read("review-sentiment")) == 1
