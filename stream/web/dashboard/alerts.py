"""The page of all alerts: those that are open, then those that were closed lately."""

from itertools import islice

from nicegui import ui

from stream.web.dashboard.alert_items import alert_list
from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.frame import REFRESH_SECONDS, empty, frame
from stream.web.dashboard.nodes import node

SHOWN_OPEN, SHOWN_CLOSED = 100, 30
_RANKS = {"critical": 0, "warning": 1, "notice": 2}


def alerts_page(backstage: Backstage) -> None:
    """Open alerts by severity, closed ones by time; live."""
    with frame(backstage, "alerts", "Alerts"):
        node("h1", "Alerts")
        place = node("div", classes="bp-column")
        drawn: list[object] = [None]

        def refresh() -> None:
            alerts = list(backstage.view.alerts())
            state = [(alert.alert_id, alert.update) for alert in alerts[: SHOWN_OPEN + SHOWN_CLOSED]]
            # Ages are words of a minute and more, so they are drawn again now and then.
            state.append(("minute", backstage.now_ms() // 60_000))
            if state != drawn[0]:
                drawn[0] = state
                place.clear()
                with place:
                    _lists(backstage)

        refresh()
        ui.timer(REFRESH_SECONDS, refresh)


def _lists(backstage: Backstage) -> None:
    alerts = list(backstage.view.alerts())
    now_ms = backstage.now_ms()
    opened = sorted(
        (alert for alert in alerts if alert.state != "closed"),
        key=lambda alert: (_RANKS[alert.severity], -alert.opened_at),
    )
    closed = list(islice((alert for alert in alerts if alert.state == "closed"), SHOWN_CLOSED))
    if not opened:
        empty("No open alerts", "No brand departs from its own baseline by more than chance.")
    else:
        with node("section", classes="bp-card"):
            with node("div", classes="bp-card-head"):
                node("h2", f"{len(opened):,} open")
                if len(opened) > SHOWN_OPEN:
                    node("span", f"the {SHOWN_OPEN} most severe of them", "muted small")
            alert_list(opened[:SHOWN_OPEN], now_ms)
    if closed:
        with node("section", classes="bp-card"):
            with node("div", classes="bp-card-head"):
                node("h2", "Closed lately")
            alert_list(closed, now_ms)
