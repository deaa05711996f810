"""The AsyncAPI document, against the official schema, its own schemas, and what the roles really do."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from yaml import safe_load

from stream.asyncapi import ROLES, document
from stream.commands.schemas import schema_files
from stream.essence import HEADER
from stream.events import EVENTS
from stream.health import DEFAULT_PORTS
from stream.history.records import READERS
from stream.kafka.topic_specs import CHANGELOG, REVIEWS_CHANGELOG, TOPICS
from stream.notify.agent import TOPIC
from stream.scoring.labels import LabelFormat, label_headers
from tests.unit.scoring.fakes import FakeRecord

OFFICIAL = Path(__file__).resolve().parents[1] / "vendored" / "asyncapi" / "3.0.0.schema.json"


@cache
def official() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8")))


@cache
def written() -> dict[str, Any]:
    """As whoever opens the file reads it."""
    content: dict[str, Any] = safe_load(schema_files()["asyncapi.yaml"])
    return content


def test_the_file_says_what_the_document_says() -> None:
    assert written() == document()


def test_the_official_schema_accepts_it() -> None:
    official().validate(written())


@pytest.mark.parametrize(
    "broken",
    [
        {"asyncapi": "2.6.0"},
        {"channels": {"reviews": {"adress": "reviews"}}},
        {"operations": {"score": {"action": "publish", "channel": {"$ref": "#/channels/reviews"}}}},
    ],
    ids=["version", "channel", "operation"],
)
def test_the_official_schema_would_see_a_mistake(broken: dict[str, Any]) -> None:
    assert not official().is_valid(written() | broken)


def test_every_public_topic_is_in_it_with_its_cleanup() -> None:
    channels = written()["channels"]
    assert channels.keys() == TOPICS.keys() - {CHANGELOG, REVIEWS_CHANGELOG}
    for topic, channel in channels.items():
        configuration = channel["bindings"]["kafka"]["topicConfiguration"]
        assert channel["address"] == topic
        assert set(configuration["cleanup.policy"]) == TOPICS[topic].cleanup
        assert configuration.get("retention.ms") == TOPICS[topic].retention_ms


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in references(each)]
    if not isinstance(node, dict):
        return []
    return [node["$ref"]] if "$ref" in node else references(list(node.values()))


def test_every_reference_leads_somewhere() -> None:
    found = references(written())
    assert len(found) > 2 * len(EVENTS)
    for reference in found:
        if reference.startswith("./"):
            assert reference.removeprefix("./") in schema_files()
            continue
        place: Any = written()
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize("topic", EVENTS)
def test_an_example_is_what_the_schemas_ask_for(topic: str) -> None:
    message = written()["components"]["messages"][EVENTS[topic].__name__]
    (example,) = message["examples"]
    for part, content in example.items():
        schema = message[part]
        if "$ref" in schema:
            schema = json.loads(schema_files()[schema["$ref"].removeprefix("./")])
        jsonschema.Draft202012Validator(schema).validate(content)


def test_the_headers_of_a_label_are_those_that_score_writes() -> None:
    trace = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    record = FakeRecord(b"", headers=[trace])
    constant = LabelFormat("bilstm@0123456789ab", "reviews").constant_headers()
    headers = label_headers(record, (HEADER, bytes(80)), constant)
    schema = written()["components"]["messages"]["Label"]["headers"]
    assert dict(headers).keys() == schema["properties"].keys()
    jsonschema.Draft202012Validator(schema).validate(
        {name: (value or b"").decode() for name, value in headers}
    )


def test_every_role_is_in_it() -> None:
    assert ROLES.keys() == DEFAULT_PORTS.keys()
    assert set(ROLES["history"].receives) == READERS.keys()
    assert ROLES["notify"].receives == (TOPIC,)
    sent = [topic for traffic in ROLES.values() for topic in traffic.sends]
    assert sorted(sent) == sorted(EVENTS.keys() - {"reviews"}), "each topic but the first has one writer"
