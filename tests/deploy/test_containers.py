"""The image and the compose file for real: built, started, scaled, stopped.

Needs a Docker daemon with compose and the base image. Where containers may have no network of their own, set
CONTAINERS_NETWORK=host: everything runs on loopback then. Where no registry answers, tag stand-ins before
(docs/deploying.md says how).
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stream.kafka.ports import is_free
from tests.deploy.tools import DEPLOY, ROOT, run, tool

IMAGE = "brandpulse:rehearsal"
MOST_BYTES = 500_000_000
PATIENCE_SECONDS = 120.0
HOST_NETWORK = os.environ.get("CONTAINERS_NETWORK") == "host"
FIXED_PORTS = (9092, 9093, 19092, 5432, 28080, 29102, 29103)
LOCKED_DOWN = ("--rm", "--interactive", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--network=none")


@pytest.fixture(scope="module")
def docker() -> str:
    found = tool("docker")
    if run(found, "info").returncode:
        pytest.skip("no Docker daemon answers")
    base = "python:3.11-slim"
    if run(found, "image", "inspect", base).returncode and run(found, "pull", base).returncode:
        pytest.skip(f"the image {base} is neither here nor to be pulled")
    return found


@pytest.fixture(scope="module")
def image(docker: str) -> str:
    """The cpu image of this working tree."""
    arguments = ("--target=cpu", f"--tag={IMAGE}", "--build-arg=VERSION=9.9.9", "--build-arg=REVISION=abc")
    network = ["--network=host"] if HOST_NETWORK else []
    dockerfile = f"--file={DEPLOY / 'Dockerfile'}"
    done = run(docker, "build", *network, dockerfile, *arguments, ROOT, DOCKER_BUILDKIT="1")
    assert done.returncode == 0, done.stderr[-3000:]
    return IMAGE


class TestImage:
    def test_it_is_small_and_says_what_it_is(self, docker: str, image: str) -> None:
        (about,) = json.loads(run(docker, "image", "inspect", image).stdout)
        assert about["Size"] < MOST_BYTES
        assert about["Config"]["User"] == "10001:10001"
        assert about["Config"]["Labels"]["org.opencontainers.image.version"] == "9.9.9"
        assert about["Config"]["Labels"]["org.opencontainers.image.revision"] == "abc"
        assert about["Config"]["Healthcheck"]["Test"] == ["CMD", "brandpulse", "health"]

    def test_it_labels_with_the_bundle_inside_and_no_right_at_all(self, docker: str, image: str) -> None:
        python = (
            "import subprocess, sys; done = subprocess.run(['brandpulse', 'label', '-'], text=True, "
            """input='{"text": "It broke after two days, never again."}'); sys.exit(done.returncode)"""
        )
        done = run(docker, "run", *LOCKED_DOWN, "--entrypoint=python", image, "-c", python)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["label"] == "negative"

    def test_there_is_no_compiler_no_torch_and_nothing_to_write_to(self, docker: str, image: str) -> None:
        script = (
            "command -v gcc cc g++ make; python -c 'import torch' 2>/dev/null && echo torch; "
            "python -c 'import training' 2>/dev/null && echo training; "
            "for place in / /opt/brandpulse /etc /tmp /var/lib/brandpulse; do "
            "touch $place/x 2>/dev/null && echo $place; done; id -u"
        )
        done = run(docker, "run", *LOCKED_DOWN, "--entrypoint=sh", image, "-c", script)
        assert done.stdout.split() == ["/tmp", "/var/lib/brandpulse", "10001"]

    @pytest.mark.parametrize("role", ["score", "brands", "history", "web", "notify"])
    def test_every_role_is_in_it(self, docker: str, image: str, role: str) -> None:
        wrong = ("--env=BRANDPULSE_BROKERS=127.0.0.1:9", "--env=BRANDPULSE_BROKRES=x")
        done = run(docker, "run", *LOCKED_DOWN, *wrong, image, role)
        assert done.returncode == 2
        assert "BRANDPULSE_BROKRES: no such setting" in done.stderr

    def test_a_broker_that_is_away_is_one_line(self, docker: str, image: str) -> None:
        nobody = "--env=BRANDPULSE_BROKERS=127.0.0.1:9"
        done = run(docker, "run", *LOCKED_DOWN, nobody, image, "topics", "check")
        assert done.returncode == 1
        assert "127.0.0.1:9" in done.stderr
        assert "Traceback" not in done.stderr


class Stack:
    """One project of compose, apart from any other on this machine."""

    def __init__(self, docker: str) -> None:
        files = [f"--file={DEPLOY / 'compose.yaml'}"]
        if HOST_NETWORK:
            files.append(f"--file={ROOT / 'tests' / 'deploy' / 'host-network.yaml'}")
        self._command = (docker, "compose", "--project-name=brandpulse-rehearsal", *files)

    def __call__(self, *arguments: str) -> str:
        ports = {"WEB_PORT": "18080", "KAFKA_PORT": "19092"}
        done = run(*self._command, *arguments, IMAGE=IMAGE, BRANDPULSE_BROKERS="", **ports)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Each container of a service: Health, ExitCode, and more."""
        lines = self("ps", "--all", "--format=json", service).splitlines()
        return [json.loads(line) for line in lines]

    def topics(self) -> dict[str, Any]:
        """What `brandpulse topics describe --json` says."""
        described: dict[str, Any] = json.loads(
            self("run", "--rm", "--no-deps", "-T", "topics", "topics", "describe", "--json")
        )
        return described

    def records(self, topic: str) -> int:
        return sum(each["records"] for each in self.topics()["topics"] if each["topic"] == topic)

    def rows(self, table: str) -> int:
        """Rows of a table of the history."""
        url = "postgresql://brandpulse:brandpulse@127.0.0.1/brandpulse"
        asked = self("exec", "-T", "postgres", "psql", url, "-tAc", f"select count(*) from {table}")
        return int(asked)


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(1)


@pytest.fixture(scope="module")
def stack(docker: str, image: str) -> Iterator[Stack]:
    if run(docker, "compose", "version").returncode:
        pytest.skip("no docker compose here")
    taken = [port for port in FIXED_PORTS if HOST_NETWORK and not is_free(port)]
    if taken:
        pytest.skip(f"ports are taken: {taken}")
    stack = Stack(docker)
    try:
        stack("up", "--detach", "--no-build", "--wait", "--wait-timeout=300")
        yield stack
    finally:
        stack("down", "--volumes", "--timeout=25")


class TestCompose:
    def test_the_story_is_labelled_counted_and_kept(self, stack: Stack) -> None:
        until(lambda: stack.records("review-sentiment") > 500)
        until(lambda: stack.records("brand-sentiment") > 0)
        until(lambda: stack.rows("brand_hours") > 0)

    def test_three_workers_share_the_partitions(self, stack: Stack) -> None:
        stack("up", "--detach", "--no-build", "--wait", "--wait-timeout=300", "--scale=score=3")
        # Ready means: it has partitions.
        assert [each["Health"] for each in stack.containers("score")] == ["healthy"] * 3
        before = stack.records("review-sentiment")
        until(lambda: stack.records("review-sentiment") > before + 500)

    def test_workers_end_in_order(self, stack: Stack) -> None:
        stack("stop", "feed", "score", "brands", "history")
        for role in ("score", "brands", "history"):
            assert {each["ExitCode"] for each in stack.containers(role)} == {0}
