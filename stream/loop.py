"""The event loop of a worker: uvloop, but for how long it takes to say goodbye."""

import asyncio
import warnings
from typing import Any

import uvloop

GOODBYE_SECONDS = 0.2


class Loop(uvloop.Loop):
    """Closes a TLS connection soon, and itself too.

    Where data arrives while it closes a connection, uvloop waits for its timeout of 30 s (seen with 0.23 and
    consumers of Kafka), and a rebalance with it. What Kafka was to get is confirmed before we close.
    """

    async def create_connection(self, *arguments: Any, **options: Any) -> Any:
        """As uvloop's, with a shorter `ssl_shutdown_timeout`."""
        if options.get("ssl"):
            options.setdefault("ssl_shutdown_timeout", GOODBYE_SECONDS)
        return await super().create_connection(*arguments, **options)

    def close(self) -> None:
        """As uvloop's, which warns of each connection left open before it ends it.

        Where warnings are errors, it would not get to the second, but wait until the other side ends it.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("default", ResourceWarning)
            super().close()


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A factory for `asyncio.Runner`."""
    return Loop()
