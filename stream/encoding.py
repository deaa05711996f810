"""JSON for messages, in no more memory than they need."""

import orjson


def to_json(value: object) -> bytes:
    """The value as JSON in UTF-8.

    A copy of what orjson returns, which may hold on to its whole buffer, ten times the bytes and more, for as
    long as the message waits to be sent.
    """
    return memoryview(orjson.dumps(value)).tobytes()
