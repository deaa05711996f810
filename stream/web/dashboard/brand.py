"""The page of one brand: its figures, how they went, its alerts and its newest reviews; live."""

from collections.abc import Callable, Sequence
from itertools import islice

from nicegui import ui
from nicegui.element import Element

from stream.events import WINDOWS, BrandAlert, BrandSentiment, WindowName, brand_key
from stream.web.dashboard.addresses import brand_address
from stream.web.dashboard.alert_items import alert_list
from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.courses import Course, recent_course
from stream.web.dashboard.drawing import Charts
from stream.web.dashboard.figures import window_figures
from stream.web.dashboard.frame import REFRESH_SECONDS, empty, frame
from stream.web.dashboard.nodes import node
from stream.web.dashboard.reviews import recent_list

SHOWN_REVIEWS = 20
SHOWN_ALERTS = 6
WEEK_SECONDS = 60.0
# Ages are words; so often they are said anew, though nothing else has changed.
AGE_MS = 15_000


async def brand_page(backstage: Backstage, key: str, window: WindowName) -> None:
    """One brand; where there is none by this key, the ones with similar names."""
    brand = backstage.view.sentiment(key)
    with frame(backstage, "brands", brand.brand if brand else "Unknown brand"):
        if brand is None:
            _unknown(backstage, key)
            return
        page = _BrandPage(backstage, brand, window)
        await page.refresh()
        ui.timer(REFRESH_SECONDS, page.refresh)


class _BrandPage:
    """Draws a brand and draws again what has changed."""

    def __init__(self, backstage: Backstage, brand: BrandSentiment, window: WindowName) -> None:
        self._backstage = backstage
        self._key = brand.brand_key
        self._window = window
        self._week: tuple[float, Course | None] | None = None
        _title(brand, window)
        self._figures = node("section", aria_label="Figures")
        self._notice = node("div")
        with node("div", classes="bp-pair"):
            with node("div", classes="bp-column"):
                self._charts = Charts()
            with node("div", classes="bp-column"):
                self._alerts = _card("Alerts")
                self._reviews = _card("Newest reviews").classes("bp-newest")
        self._drawn: dict[str, object] = {}

    async def refresh(self) -> None:
        """Draw what is new."""
        view = self._backstage.view
        brand = view.sentiment(self._key)
        if brand is None:
            self._draw("notice", self._notice, _say_gone, _say_gone)
            return
        alerts = [alert for alert in view.alerts() if alert.brand_key == self._key][:SHOWN_ALERTS]
        states = tuple((alert.alert_id, alert.update) for alert in alerts)
        newest = next(view.reviews(self._key), None)
        aged = self._backstage.now_ms() // AGE_MS
        self._draw("figures", self._figures, brand.as_of, lambda: window_figures(brand, self._window))
        self._draw("alerts", self._alerts, (aged, states), lambda: self._show_alerts(alerts))
        self._draw("reviews", self._reviews, (aged, newest and newest.event_id), self._show_reviews)
        course, state = await self._course(brand)
        if self._drawn.get("charts") != (state, states):
            self._drawn["charts"] = (state, states)
            self._charts.show(course, alerts)

    async def _course(self, brand: BrandSentiment) -> tuple[Course, object]:
        """What the charts show, and a mark of its state."""
        if self._window != "7d":
            self._draw("notice", self._notice, _say_nothing, _say_nothing)
            return recent_course(brand, self._window), brand.as_of
        now_seconds = self._backstage.now_seconds()
        if self._week is None or now_seconds - self._week[0] >= WEEK_SECONDS:
            self._week = now_seconds, await self._backstage.week(self._key)
        asked_at, week = self._week
        notice = _say_away if week is None else _say_nothing
        self._draw("notice", self._notice, notice, notice)
        return (recent_course(brand, "24h"), brand.as_of) if week is None else (week, asked_at)

    def _draw(self, name: str, place: Element, state: object, build: Callable[[], None]) -> None:
        """Build a part again if what it shows is another state than that drawn."""
        if name in self._drawn and self._drawn[name] == state:
            return
        self._drawn[name] = state
        place.clear()
        with place:
            build()

    def _show_alerts(self, alerts: Sequence[BrandAlert]) -> None:
        if alerts:
            alert_list(alerts, self._backstage.now_ms(), with_brand=False)
        else:
            node("p", "None. A brand needs some days of reviews before it is watched.", "muted")

    def _show_reviews(self) -> None:
        reviews = list(islice(self._backstage.view.reviews(self._key), SHOWN_REVIEWS))
        if reviews:
            recent_list(reviews, self._backstage.now_ms())
        else:
            node("p", "None lately.", "muted")


def _say_away() -> None:
    text = (
        "History is away, so these charts show the last 24 hours. The figures above are of 7 days and live."
    )
    node("p", text, "bp-banner", role="status")


def _say_gone() -> None:
    node(
        "p",
        "The brand has had no reviews for a week: these are its last figures.",
        "bp-banner",
        role="status",
    )


def _say_nothing() -> None:
    """Nothing to say takes the place of what was said."""


def _title(brand: BrandSentiment, window: WindowName) -> None:
    with node("div", classes="bp-toolbar"):
        node("h1", brand.brand, dir="auto")
        node("span", classes="bp-grow")
        with node("nav", classes="bp-segments", aria_label="Window"):
            for name in WINDOWS:
                current = {"aria_current": "true"} if name == window else {}
                node("a", name, href=brand_address(brand.brand_key, name), **current)


def _card(title: str) -> Element:
    with node("section", classes="bp-card"):
        with node("div", classes="bp-card-head"):
            node("h2", title)
        return node("div")


def _unknown(backstage: Backstage, key: str) -> None:
    empty("No brand by this name", f"There are no reviews of {key[:200]!r} in the last week.")
    if near := backstage.view.near(key):
        with node("section", classes="bp-card"):
            node("h2", "Did you mean")
            with node("ul", classes="bp-list"):
                for name in near:
                    with node("li"):
                        node("a", name, href=brand_address(brand_key(name)))
