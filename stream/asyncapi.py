"""The topics as an AsyncAPI 3.0 document, from events, topic specs and what each role reads and writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stream.essence import HEADER
from stream.event_examples import EXAMPLES
from stream.events import EVENTS
from stream.kafka.topic_specs import TOPICS
from stream.scoring.labels import CE_TYPE

VERSION = "1.0.0"
"""Of the events. A field that is added raises the second number, any other change the first."""
_BINDINGS = {"bindingVersion": "0.5.0"}
_TEXT = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Traffic:
    """Which topics a role reads and writes; `group` says whether it shares the work in a consumer group."""

    receives: tuple[str, ...]
    sends: tuple[str, ...] = ()
    group: bool = True


ROLES: Mapping[str, Traffic] = {
    "score": Traffic(("reviews",), ("review-sentiment", "reviews-dlq")),
    "brands": Traffic(
        ("review-sentiment",), ("brand-sentiment", "brand-hours", "brand-alerts", "review-corrections")
    ),
    "history": Traffic(("brand-hours", "brand-alerts")),
    "notify": Traffic(("brand-alerts",)),
    "web": Traffic(
        ("brand-sentiment", "brand-alerts", "review-corrections", "review-sentiment", "reviews-dlq"),
        group=False,
    ),
}

_KEYS: Mapping[str, str] = {
    "reviews": "anything or nothing",
    "review-sentiment": "brand key: NFKC, case-folded, whitespace squeezed",
    "brand-sentiment": "brand key",
    "brand-hours": "brand key, a bar, start of the hour in milliseconds",
    "brand-alerts": "alert id",
    "review-corrections": "brand key",
    "reviews-dlq": "as received",
}

_CLOUD_EVENT = {
    "type": "object",
    "required": ["ce_specversion", "ce_type", "ce_source", "ce_id", "content-type"],
    "properties": {
        "ce_specversion": _TEXT | {"const": "1.0"},
        "ce_type": _TEXT | {"const": CE_TYPE},
        "ce_source": _TEXT | {"description": "/brandpulse/ and the topic of the reviews"},
        "ce_id": _TEXT | {"description": "the event_id"},
        "content-type": _TEXT | {"const": "application/json"},
        HEADER: _TEXT | {"description": "80 bytes: once more, for brands, what the value says"},
        "traceparent": _TEXT | {"description": "W3C Trace Context, as the review had it"},
    },
}
_CLOUD_EVENT_EXAMPLE = {
    "ce_specversion": "1.0",
    "ce_type": CE_TYPE,
    "ce_source": "/brandpulse/reviews",
    "ce_id": EXAMPLES["review-sentiment"]["event_id"],
    "content-type": "application/json",
}


def document() -> dict[str, Any]:
    """The document; its references to schemas are files in `schemas` beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "brandpulse",
            "version": VERSION,
            "description": "Reviews in, a sentiment for each and a live picture of every brand out. "
            "Consumers should read with isolation.level=read_committed. With TOPIC_PREFIX set, it stands "
            "before each address and group.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{brokers}",
                "protocol": "kafka",
                "variables": {"brokers": {"default": "127.0.0.1:9092"}},
            }
        },
        "channels": {topic: _channel(topic) for topic in EVENTS},
        "operations": {
            name: operation
            for role, traffic in ROLES.items()
            for name, operation in _operations(role, traffic).items()
        },
        "components": {"messages": {_name(topic): _message(topic) for topic in EVENTS}},
    }


def _channel(topic: str) -> dict[str, Any]:
    spec = TOPICS[topic]
    limits = {"retention.ms": spec.retention_ms, "max.message.bytes": spec.max_message_bytes}
    kept = {name: value for name, value in limits.items() if value is not None}
    name = _name(topic)
    gone = {"description": "A record without a value removes what its key stands for."}
    return {
        "address": topic,
        **(gone if spec.cleanup == {"compact"} else {}),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topicConfiguration": {"cleanup.policy": sorted(spec.cleanup), **kept},
                **_BINDINGS,
            }
        },
    }


def _operations(role: str, traffic: Traffic) -> dict[str, Any]:
    group = {"kafka": {"groupId": _TEXT | {"const": f"brandpulse-{role}"}, **_BINDINGS}}
    receives = {
        f"{role}.receives.{topic}": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{topic}"},
            **({"bindings": group} if traffic.group else {}),
        }
        for topic in traffic.receives
    }
    sends = {
        f"{role}.sends.{topic}": {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}}
        for topic in traffic.sends
    }
    return receives | sends


def _message(topic: str) -> dict[str, Any]:
    schema = {"$ref": f"./schemas/{topic}.schema.json"}
    message: dict[str, Any] = {
        "name": _name(topic),
        "summary": str(EVENTS[topic].__doc__).partition("\n")[0],
        "bindings": {"kafka": {"key": _TEXT | {"description": _KEYS[topic]}, **_BINDINGS}},
    }
    if topic == "reviews-dlq":
        more = {"contentType": "application/octet-stream", "headers": schema}
        return message | more | {"examples": [{"headers": dict(EXAMPLES[topic])}]}
    example: dict[str, Any] = {"payload": dict(EXAMPLES[topic])}
    if topic == "review-sentiment":
        message["headers"] = _CLOUD_EVENT
        example["headers"] = _CLOUD_EVENT_EXAMPLE
    return message | {"payload": schema, "examples": [example]}


def _name(topic: str) -> str:
    return EVENTS[topic].__name__
