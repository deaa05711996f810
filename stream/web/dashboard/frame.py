"""What every page has around it: the header, the state of the view, the first paint, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from nicegui import ui

from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.nodes import node, picture

Place = Literal["brands", "alerts", "pipeline"]
PAGES: tuple[tuple[Place, str, str], ...] = (
    ("brands", "Brands", "/"),
    ("alerts", "Alerts", "/alerts"),
    ("pipeline", "Pipeline", "/pipeline"),
)
REFRESH_SECONDS = 1.0
_PULSE = "M1 12h5l3-8 5 15 3.5-10 1.5 3h4"
_HALF = "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 2.2v15.6a7.8 7.8 0 0 1 0-15.6Z"
_SCRIPTS = ("shell.js", "overview.js")
# Painted at once, while the scripts load; it goes when the page is there.
_SHELL = """<div id="bp-shell" aria-hidden="true"><div class="bp-header"><span class="bp-mark">
<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2"><path d="{pulse}"/></svg>
brandpulse</span><span class="bp-status" data-state="starting">loading</span></div><div class="bp-main">
<div class="bp-skeleton"></div><div class="bp-skeleton" style="height:60vh"></div></div></div>"""


def head_html(assets: str) -> str:
    """For the head of all pages; `assets` is the address of our own files, which changes with them."""
    scripts = "".join(f'<script src="{assets}/{name}"></script>' for name in _SCRIPTS)
    return f'<link rel="stylesheet" href="{assets}/dashboard.css">{scripts}'


def body_html() -> str:
    """For the body of all pages."""
    return _SHELL.format(pulse=_PULSE)


@contextmanager
def frame(backstage: Backstage, place: Place, title: str, classes: str = "") -> Iterator[None]:
    """A page with its header; what is made inside comes into its main part."""
    ui.page_title(f"{title} · brandpulse" if title else "brandpulse")
    _header(backstage, place)
    with node("main", classes=f"bp-main {classes}", tabindex="-1") as main:
        yield
    ui.skip_link("Skip to the content", target=main)
    # The scripts of NiceGUI settle light or dark when they start; ours has the last word.
    ui.run_javascript("window.brandpulse.apply()")


def _header(backstage: Backstage, place: Place) -> None:
    with node("header", classes="bp-header"):
        with node("a", classes="bp-mark", href="/"):
            with node("svg", viewBox="0 0 24 24", fill="none", stroke="currentColor", aria_hidden="true"):
                node("path", d=_PULSE, stroke_width="2.2")
            node("span", "brandpulse")
        with node("nav", classes="bp-nav", aria_label="Pages"):
            for name, text, address in PAGES:
                current = {"aria_current": "page"} if name == place else {}
                with node("a", href=address, **current):
                    node("span", text)
                    if name == "alerts":
                        count = node("span", classes="bp-count", aria_label="open")
        state = node("span", classes="bp-status", role="status", data_state="starting")
        with node(
            "button", classes="bp-icon-button", type="button", data_theme_button="", title="Light or dark"
        ):
            picture(_HALF, "0 0 24 24")

    def refresh() -> None:
        now = backstage.status()
        if state.text != now.text:
            state.set_text(now.text)
            state.props["data-state"] = now.state
        number = backstage.view.open_total()
        count.set_text(f"{number:,}")
        count.set_visibility(number > 0)

    refresh()
    ui.timer(REFRESH_SECONDS, refresh)


def empty(title: str, text: str, code: str = "", **attributes: str) -> None:
    """What stands where there is nothing to show, and what to do about it."""
    with node("div", classes="bp-empty bp-card", **attributes):
        node("strong", title)
        node("span", text)
        if code:
            with node("p"):
                node("code", code)
