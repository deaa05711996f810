"""The page of one alert: what was seen, how sure that is, the reviews behind it, and who looks after it."""

from nicegui import ui
from nicegui.element import Element

from stream.events import BrandAlert
from stream.web.dashboard.addresses import brand_address
from stream.web.dashboard.alert_items import since
from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.evidence import evidence
from stream.web.dashboard.frame import REFRESH_SECONDS, empty, frame
from stream.web.dashboard.nodes import node, severity
from stream.web.dashboard.reviews import driver_list
from stream.web.dashboard.words import moment
from stream.web.values import Note


async def alert_page(backstage: Backstage, alert_id: str) -> None:
    """One alert, drawn again with each of its updates."""
    alert = backstage.view.alert(alert_id)
    with frame(backstage, "alerts", alert.brand if alert else "Unknown alert"):
        if alert is None:
            empty("No such alert", "Alerts are kept for 90 days; this one may be older.")
            return
        page = _AlertPage(backstage, alert)
        await page.refresh()
        ui.timer(REFRESH_SECONDS, page.refresh)


class _AlertPage:
    """Draws an alert and draws again what has changed."""

    def __init__(self, backstage: Backstage, alert: BrandAlert) -> None:
        self._backstage = backstage
        self._id = alert.alert_id
        with node("div", classes="bp-toolbar"), node("h1", dir="auto"):
            node("a", alert.brand, href=brand_address(alert.brand_key, alert.window))
        self._figures = node("section", classes="bp-column", aria_label="What was seen")
        with node("div", classes="bp-pair"):
            self._drivers = node("section", classes="bp-card")
            with node("section", classes="bp-card"):
                node("h2", "Who looks after it")
                self._note = node("div", classes="bp-form")
        self._update: int | None = None
        self._noted: object = 0

    async def refresh(self) -> None:
        """Draw what is new."""
        alert = self._backstage.view.alert(self._id)
        if alert is not None and alert.update != self._update:
            self._update = alert.update
            labels = await self._backstage.labels(alert)
            now_ms = self._backstage.now_ms()
            with _anew(self._figures):
                _summary(alert, now_ms)
                evidence(alert)
            with _anew(self._drivers):
                node("h2", "The reviews that drove it, most confident first")
                driver_list(alert, labels, now_ms)
        note = self._backstage.history.note(self._id)
        if note != self._noted:
            self._noted = note
            with _anew(self._note):
                _note_form(self._id, note)


def _anew(place: Element) -> Element:
    place.clear()
    return place


def _summary(alert: BrandAlert, now_ms: int) -> None:
    with node("div", classes="bp-line"):
        severity("closed" if alert.state == "closed" else alert.severity)
        node("span", since(alert, now_ms))
        node("span", f"opened {moment(alert.opened_at)}", "muted")
        node("span", f"update {alert.update}, {moment(alert.as_of)}" if alert.update else "", "muted")


def _note_form(alert_id: str, note: Note | None) -> None:
    """Forms that static/shell.js sends to the API, so that its rules hold for them."""
    if note is not None and note.acknowledged_at is not None:
        by = f" by {note.acknowledged_by}" if note.acknowledged_by else ""
        node("p", f"Acknowledged{by}, {moment(note.acknowledged_at)}")
    else:
        with node("form", classes="bp-form", data_post="acknowledge", data_alert=alert_id):
            node("label", "Your name, if you like", "small muted", for_="by")
            node("input", id="by", name="by", maxlength="100", autocomplete="name")
            node("button", "Acknowledge", "bp-button primary", type="submit")
    with node("form", classes="bp-form", data_post="note", data_alert=alert_id):
        node("label", "Note", "small muted", for_="note")
        written = "" if note is None or note.note is None else note.note
        node("textarea", written, id="note", name="note", rows="4", maxlength="2000")
        node("button", "Save note", "bp-button", type="submit")
        node("span", "", "small muted", role="status")
