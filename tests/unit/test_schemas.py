"""The JSON Schemas that are checked in, against the code."""

import json
from pathlib import Path

import jsonschema
import pytest

from stream.commands.schemas import schema_files
from stream.event_examples import EXAMPLES
from stream.events import EVENTS
from stream.schemas import json_schema

CHECKED_IN = Path(__file__).resolve().parents[2] / "docs"


def test_the_checked_in_files_are_those_of_the_code() -> None:
    paths = [CHECKED_IN / "asyncapi.yaml", *CHECKED_IN.glob("schemas/*.json")]
    found = {str(path.relative_to(CHECKED_IN)): path.read_text(encoding="utf-8") for path in paths}
    assert found == schema_files(), "run: brandpulse schemas docs"


@pytest.mark.parametrize("topic", EVENTS)
def test_each_is_a_valid_schema_of_which_there_is_an_example(topic: str) -> None:
    schema = json.loads(schema_files()[f"schemas/{topic}.schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(EXAMPLES[topic])


@pytest.mark.parametrize("topic", EVENTS)
def test_an_older_reader_of_schemas_sees_the_same(topic: str) -> None:
    """AsyncAPI's own schemas are those of draft 7: ours use nothing that came later."""
    jsonschema.Draft7Validator.check_schema(json_schema(topic))
    older = jsonschema.Draft7Validator(json_schema(topic))
    older.validate(EXAMPLES[topic])
    for name in json_schema(topic)["required"]:
        without = {key: value for key, value in EXAMPLES[topic].items() if key != name}
        assert not older.is_valid(without)


@pytest.mark.parametrize("topic", EVENTS)
def test_the_code_reads_the_example(topic: str) -> None:
    EVENTS[topic].model_validate_json(json.dumps(EXAMPLES[topic]))
