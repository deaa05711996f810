"""The JSON Schemas of the events, for producers and consumers of any language."""

from typing import Any, Literal

from stream.events import EVENTS


def json_schema(topic: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the events on a topic: what a producer may send, a consumer will get."""
    mode: Literal["validation", "serialization"] = "validation" if topic == "reviews" else "serialization"
    schema = EVENTS[topic].model_json_schema(mode=mode, by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
