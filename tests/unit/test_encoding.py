import tracemalloc

import orjson

from stream.encoding import to_json


def test_messages_that_wait_hold_little_more_than_their_bytes() -> None:
    tracemalloc.start()
    try:
        waiting = [to_json({"brand": "Acme", "text": "x" * 2_000}) for _ in range(100)]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1.2 * sum(map(len, waiting))
    assert orjson.loads(waiting[0]) == {"brand": "Acme", "text": "x" * 2_000}
