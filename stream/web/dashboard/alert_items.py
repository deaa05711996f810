"""Alerts in lists."""

from collections.abc import Iterable

from stream.events import BrandAlert
from stream.web.dashboard.addresses import alert_address
from stream.web.dashboard.nodes import node, severity
from stream.web.dashboard.words import age, alert_title


def alert_list(alerts: Iterable[BrandAlert], now_ms: int, *, with_brand: bool = True) -> None:
    """Each with its figures, as a link to its page."""
    with node("ul", classes="bp-list"):
        for alert in alerts:
            with node("li"), node("a", classes="bp-alert-link", href=alert_address(alert.alert_id)):
                with node("div", classes="bp-line"):
                    severity("closed" if alert.state == "closed" else alert.severity)
                    node("span", alert.brand if with_brand else alert_title(alert), "bp-alert-title")
                    node("span", since(alert, now_ms), "muted small")
                if with_brand:
                    node("div", alert_title(alert), "small")


def since(alert: BrandAlert, now_ms: int) -> str:
    """How long it has been open, or when it was closed."""
    if alert.state == "closed":
        return f"closed {age(now_ms - alert.as_of)} ago, after {age(alert.as_of - alert.opened_at)}"
    return f"open for {age(now_ms - alert.opened_at)}"
