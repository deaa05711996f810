"""The compose file by what it says: ports, pins, health, and which services a variable starts."""

import json
import os
from typing import Any

import pytest

from stream.settings import PREFIX
from stream.worker import DRAIN_SECONDS
from tests.deploy.tools import DEPLOY, SETTINGS, run, tool

COMPOSE = DEPLOY / "compose.yaml"
ROLES = {"score", "brands", "history", "web", "notify"}
JOBS = {"topics", "feed"}


def services(*profiles: str, **environment: str) -> dict[str, Any]:
    """The services that would be started, with everything filled in."""
    docker = tool("docker")
    if run(docker, "compose", "version").returncode:
        pytest.skip("no docker compose here")
    # The variables of this shell are not to say what a test sees.
    ours = {name: "" for name in os.environ if name.startswith(PREFIX)}
    chosen = [f"--profile={profile}" for profile in profiles]
    arguments = [docker, "compose", f"--file={COMPOSE}", *chosen, "config", "--format=json"]
    done = run(*arguments, **(ours | environment))
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


@pytest.fixture(scope="module")
def all_services() -> dict[str, Any]:
    return services("observability", "notify")


def test_everything_is_there(all_services: dict[str, Any]) -> None:
    assert all_services.keys() == ROLES | JOBS | {"kafka", "postgres", "prometheus", "grafana"}
    assert services().keys() == all_services.keys() - {"notify", "prometheus", "grafana"}


def test_ports_are_on_loopback_only(all_services: dict[str, Any]) -> None:
    published = [port for service in all_services.values() for port in service.get("ports", [])]
    assert published
    assert all(port["host_ip"] == "127.0.0.1" for port in published)
    # What is to be scaled publishes none.
    assert not any("ports" in all_services[name] for name in ("score", "brands", "history"))


def test_images_are_pinned(all_services: dict[str, Any]) -> None:
    for service in all_services.values():
        assert service["image"].partition(":")[2] not in {"", "latest"}


def test_everything_that_runs_on_has_a_health_check(all_services: dict[str, Any]) -> None:
    for name, service in all_services.items():
        disabled = service["healthcheck"].get("disable", False)
        assert disabled == (name in JOBS), name
        if name in ROLES:
            assert service["healthcheck"]["test"] == ["CMD", "brandpulse", "health", "--ready"]


@pytest.mark.parametrize("name", sorted(ROLES | JOBS))
def test_a_container_of_ours_may_do_nothing_that_it_need_not(name: str, all_services: dict[str, Any]) -> None:
    service = all_services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["command"][0] == name
    assert int(service["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS + 2
    given = {key for key in service["environment"] if key.startswith(PREFIX)}
    assert given <= SETTINGS


def test_workers_start_after_the_topics_and_the_story_after_the_workers(all_services: dict[str, Any]) -> None:
    waits = {name: service.get("depends_on", {}) for name, service in all_services.items()}
    assert waits["topics"]["kafka"]["condition"] == "service_healthy"
    for role in ROLES:
        assert waits[role]["topics"]["condition"] == "service_completed_successfully"
    for role in ("history", "web"):
        assert waits[role]["postgres"]["condition"] == "service_healthy"
    assert waits["feed"].keys() == {"score", "brands"}


def test_one_variable_names_a_cluster_that_is_there_already() -> None:
    elsewhere = services(BRANDPULSE_BROKERS="kafka-1.example.com:9092")
    assert elsewhere.keys() == services().keys() - {"kafka", "feed"}
    for role in ROLES & elsewhere.keys():
        assert elsewhere[role]["environment"]["BRANDPULSE_BROKERS"] == "kafka-1.example.com:9092"
