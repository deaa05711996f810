"""The page of all brands: one table, filled and kept up to date by static/overview.js."""

from nicegui import ui

from stream.events import WINDOWS
from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.frame import empty, frame
from stream.web.dashboard.nodes import node

_SORTS = (
    ("alerts", "open alerts"),
    ("volume", "most reviews"),
    ("net", "lowest net"),
    ("change", "worst change"),
    ("name", "name"),
)
# Names with a colon are JavaScript, for the table itself.
_GRID = {
    ":columnDefs": "window.brandpulse.overview.columns()",
    ":getRowId": "params => params.data.key",
    ":onGridReady": "params => window.brandpulse.overview.ready(params)",
    ":onRowClicked": (
        "({data, event}) => event.target.closest('a') || event.ctrlKey || event.metaKey"
        " || window.brandpulse.overview.open(data)"
    ),
    ":onCellKeyDown": "({data, event}) => event.key === 'Enter' && window.brandpulse.overview.open(data)",
    "rowData": [],
    "rowHeight": 46,
    "headerHeight": 40,
    "rowBuffer": 8,
    "animateRows": False,
    "suppressCellFocus": False,
    "deltaSort": True,
    "ensureDomOrder": True,
    "suppressScrollOnNewData": True,
    "suppressNoRowsOverlay": True,
    "suppressContextMenu": True,
}


def overview_page(backstage: Backstage) -> None:
    """All brands with their figures, live."""
    with frame(backstage, "brands", "Brands", "bp-overview"):
        node("h1", "Brands", "visually-hidden")
        _toolbar()
        empty(
            "No brands yet",
            "They appear here as soon as reviews are labelled. Feed some:",
            "brandpulse feed reviews.csv",
            id="bp-no-brands",
            hidden="",
        )
        empty("No brand has that in its name", "Try fewer letters.", id="bp-no-match", hidden="")
        label = "Table of brands: arrow keys move in it, Enter opens a brand"
        with node("div", classes="bp-grid-box", id="bp-grid-box", role="region", aria_label=label):
            ui.aggrid(_GRID, auto_size_columns=False)


def _totals() -> None:
    with node("dl", classes="bp-totals"):
        for name, title in (("brands", "brands"), ("reviews", "reviews"), ("alerts", "open alerts")):
            with node("div"):
                node("dt", title)
                node("dd", "\u2013", id=f"bp-total-{name}")


def _toolbar() -> None:
    with node("div", classes="bp-toolbar"):
        node(
            "input",
            classes="bp-search",
            type="search",
            placeholder="Search brands ( / )",
            aria_label="Search brands",
            data_search="",
            maxlength="200",
        )
        with node("div", classes="bp-segments", role="group", aria_label="Window"):
            for window in WINDOWS:
                node("button", window, type="button", data_window=window, aria_pressed="false")
        with node("select", classes="bp-select bp-phone-only", aria_label="Sort by", data_sort=""):
            for value, text in _SORTS:
                node("option", text, value=value)
        node("span", classes="bp-grow")
        _totals()
    node("span", classes="muted small", id="bp-shown", role="status")
