"""`brandpulse replay` on a real Kafka: what was scored is scored again, compared, or published once more."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from stream.kafka.broker import Broker
from tests.integration.processes import Place, place_for
from tests.unit.scoring.fakes import review_json

pytestmark = pytest.mark.kafka
TEXTS = ("great sound and a strong battery", "broke after one day, awful", "it is okay for the price")


@pytest.fixture
def place(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "score") as here:
        yield here


def replay(place: Place, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stream", "replay", "--brokers", place.brokers]
    command += ["--topic-prefix", place.prefix, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def scored(place: Place) -> int:
    """Have a worker score 60 reviews and 2 that are none; returns how many labels there are."""
    place.create_topics()
    for partition in range(2):
        values = [review_json(f"{TEXTS[number % 3]} {number}") for number in range(30)]
        place.produce([*values, b"no review"], partition)
    worker = place.start()
    worker.until_ready()
    worker.until(lambda: sum(place.committed().values()) == 62)
    assert worker.terminate() == 0
    return len(place.read("review-sentiment"))


def test_nothing_differs_when_the_same_bundle_scores_again(place: Place) -> None:
    assert scored(place) == 60
    done = replay(place, "--from", "0", "--verify")
    assert done.returncode == 0, done.stderr
    assert "62 reviews scored again" in done.stdout
    assert "60 labels and 2 dead letters" in done.stdout
    assert "(0.00%)" in done.stdout
    assert TEXTS[0] not in done.stdout + done.stderr
    part = replay(place, "--from", "20", "--verify", "--most", "5")
    assert "10 reviews scored again" in part.stdout
    assert len(place.read("review-sentiment")) == 60, "verifying publishes nothing"


def test_workers_are_sent_back_and_label_again(place: Place) -> None:
    scored(place)
    done = replay(place, "--from", "21", "--yes")
    assert done.returncode == 0, done.stderr
    assert "begin 20 reviews back" in done.stdout
    worker = place.start()
    worker.until(lambda: len(place.read("review-sentiment")) == 78)
    assert worker.terminate() == 0
    labels = [orjson.loads(record.value)["event_id"] for record in place.read("review-sentiment")]
    assert Counter(Counter(labels).values()) == {1: 42, 2: 18}
    doubled = replay(place, "--from", "0", "--verify")
    assert doubled.returncode == 1
    assert "with more than one outcome: 20" in doubled.stdout


def test_running_workers_are_not_sent_back(place: Place) -> None:
    scored(place)
    worker = place.start()
    worker.until_ready()
    done = replay(place, "--from", "0", "--yes")
    assert done.returncode == 2
    assert "stop all score workers first" in done.stderr
    assert worker.terminate() == 0


@pytest.mark.parametrize("since", ["yesterday", "2026-03-01T00:00:00", "-1"])
def test_a_start_that_is_none_is_refused(place: Place, since: str) -> None:
    done = replay(place, f"--from={since}", "--verify")
    assert done.returncode == 2
    assert "neither an offset nor a time such as" in done.stderr


def test_a_time_after_everything_is_told(place: Place) -> None:
    scored(place)
    done = replay(place, "--from", "2100-01-01T00:00:00Z", "--verify")
    assert done.returncode == 2
    assert "nothing has been scored since then" in done.stderr
