"""The JSON Schemas that are checked in, against the code."""

import json
from pathlib import Path

import jsonschema
import pytest

from stream.commands.schemas import schema_files

CHECKED_IN = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def test_the_checked_in_schemas_are_those_of_the_code() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in CHECKED_IN.glob("*.json")}
    assert found == schema_files(), "run: brandpulse schemas docs/schemas"


@pytest.mark.parametrize("name", sorted(schema_files()))
def test_each_is_a_valid_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_files()[name]))
