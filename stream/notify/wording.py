"""An alert in words, as Slack and those compatible with it take them. Pure.

A brand's name may hold anything. It stands in a code span, where nothing is a link, a picture or a mention.
"""

from datetime import UTC, datetime
from urllib.parse import quote

from stream.events import MAX_BRAND_CHARS, BrandAlert

_ALERT_PAGE = "/alert?id="
_LAST_MS = 253_402_300_799_999


def message(alert: BrandAlert, public_url: str) -> dict[str, str]:
    """The body to post; `public_url` is where people reach the dashboard, empty: no link.

    See "Formatting text for app surfaces" of Slack's documentation for what must be escaped.
    """
    what = "share of negative reviews" if alert.kind == "negative_share" else "number of reviews"
    brand = safe(alert.brand[:MAX_BRAND_CHARS])
    lines = [
        f"*{alert.severity.capitalize()}* alert {alert.state}: {what} of `{brand}`",
        _figures(alert),
        f"Window of {alert.window}: {_utc(alert.start)} to {_utc(alert.end)}; opened {_utc(alert.opened_at)}",
    ]
    if public_url:
        address = f"{public_url.rstrip('/')}{_ALERT_PAGE}{quote(alert.alert_id, safe='')}"
        lines.append(f"<{address}|Open in the dashboard>")
    return {"text": "\n".join(lines)}


def safe(name: str) -> str:
    """A name that formats nothing, calls nobody and stays within its line and its code span.

    >>> safe("<!channel> R&D `x` @here")
    "&lt;!channel&gt; R&amp;D 'x' ＠here"
    """
    shown = "".join(character if character.isprintable() else " " for character in name)
    shown = " ".join(shown.replace("`", "'").replace("@", "＠").split())
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _figures(alert: BrandAlert) -> str:
    low, high = alert.interval.low, alert.interval.high
    if alert.kind == "negative_share":
        observed = f"{alert.observed:.1%} of {alert.reviews:,} reviews"
        between, usual = f"{low:.1%} to {high:.1%}", f"{alert.expected:.1%}"
    else:
        observed = f"{_count(alert.observed)} reviews"
        between, usual = f"{_count(low)} to {_count(high)}", _count(alert.expected)
    return f"{observed} (95 % interval {between}), expected {usual}; q = {alert.q_value:.2g}"


def _count(number: float) -> str:
    """
    >>> _count(1234.0), _count(3.26)
    ('1,234', '3.3')
    """
    return f"{number:,.1f}".removesuffix(".0")


def _utc(time_ms: int) -> str:
    """
    >>> _utc(1_790_000_000_000)
    '2026-09-21 14:13 UTC'
    """
    if not 0 <= time_ms <= _LAST_MS:
        return f"{time_ms} ms"
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
