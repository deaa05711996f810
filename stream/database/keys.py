"""Brand keys and alert ids as the tables take them. Pure."""

from hashlib import sha256

MOST_KEY_BYTES = 1_000
"""An index entry of PostgreSQL holds 2,700 bytes, and NFKC makes a brand of 200 characters far longer."""


def bounded_key(key: str) -> str:
    """The key that a brand or an alert has in the tables: itself, or where too long its hash at its end.

    >>> bounded_key("acme")
    'acme'
    """
    key = storable(key)
    stored = key.encode()
    if len(stored) <= MOST_KEY_BYTES:
        return key
    digest = sha256(stored).hexdigest()
    return f"{stored[: MOST_KEY_BYTES - len(digest) - 1].decode(errors='ignore')}#{digest}"


def storable(text: str) -> str:
    """PostgreSQL's text holds every character but this one."""
    return text.replace("\x00", "\ufffd")
