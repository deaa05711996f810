"""What a worker of `web` shows of every brand, asked by HTTP alone."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx

SETTLED_SECONDS = 2.0
PATIENCE_SECONDS = 120.0
Brands = dict[str, dict[str, Any]]
"""The page of each brand by its key."""


def shown_brands(address: str) -> Brands:
    """Every brand as its page has it, once nothing changes any more; blocking."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30) as client:
        before, found = None, dict(_pages(client))
        while found != before:
            assert time.monotonic() < deadline, f"{address} shows something else each time"
            time.sleep(SETTLED_SECONDS)
            before, found = found, dict(_pages(client))
    return found


def _pages(client: httpx.Client) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in _keys(client):
        yield key, _asked(client, f"/brands/{quote(key, safe='')}")


def _keys(client: httpx.Client) -> Iterator[str]:
    """Page after page of the list."""
    asked = {"limit": "200"}
    while True:
        page = _asked(client, f"/brands?{urlencode(asked)}")
        yield from (brand["brand_key"] for brand in page["brands"])
        if page["next"] is None:
            return
        asked["cursor"] = page["next"]


def _asked(client: httpx.Client, path: str) -> dict[str, Any]:
    answer = client.get(path)
    # Two hundred brands at once are more than one address may ask in a second.
    while answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        time.sleep(float(answer.headers["retry-after"]))
        answer = client.get(path)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
