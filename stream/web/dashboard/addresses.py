"""Where the pages are. Keys and ids may hold anything, so they travel in the query. Pure."""

from urllib.parse import quote

from stream.events import WindowName

BRAND, ALERT = "/brand", "/alert"


def brand_address(key: str, window: WindowName = "24h") -> str:
    """
    >>> brand_address("a/b&c", "1h")
    '/brand?key=a%2Fb%26c&window=1h'
    """
    return f"{BRAND}?key={quote(key, safe='')}&window={window}"


def alert_address(alert_id: str) -> str:
    """
    >>> alert_address("x 1")
    '/alert?id=x%201'
    """
    return f"{ALERT}?id={quote(alert_id, safe='')}"
