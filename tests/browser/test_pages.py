"""Every page in a real Chromium, on events written by hand: what it says, to whom, and on which screen."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.browser.conftest import DESK, OUTPUT, PHONE
from tests.browser.stage import MARKUP

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser
SNORBEC = "/brand?key=snorbec&window=1h"
MARKED = f"/brand?key={quote(MARKUP.casefold(), safe='')}"
PAGES = {
    "overview": "/",
    "brand": SNORBEC,
    "alerts": "/alerts",
    "alert": "/alert?id=snorbec-negative",
    "pipeline": "/pipeline",
}
Stage = Callable[..., str]


def row(page: "Page", brand: str) -> str:
    """The text of a brand's row in the table."""
    return page.locator(".ag-center-cols-container .ag-row", has_text=brand).first.inner_text()


def until_there(page: "Page") -> None:
    """Until the page is drawn and live."""
    page.wait_for_selector("main")
    page.wait_for_selector("#bp-shell", state="hidden")


def test_the_overview_shows_net_with_interval_volume_change_and_alerts(
    stage: Stage, open_page: "OpenPage"
) -> None:
    with open_page(stage("--brands", "40")) as page:
        page.wait_for_selector("text=Snorbec")
        shown = row(page, "Snorbec")
        assert re.search(r"[+−]0\.\d\d\s+[+−]\d\.\d\d to [+−]\d\.\d\d\s+[\d,]+", shown), shown
        assert "critical" in shown
        first = page.locator(".ag-center-cols-container .ag-row[row-index='0']")
        assert "Snorbec" in first.inner_text()
        drawn = first.locator("svg[aria-label^='net sentiment']").get_attribute("aria-label")
        assert drawn is not None
        assert "95 % interval" in drawn


def test_too_few_reviews_look_like_it(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "40") + "/?window=5m") as page:
        page.wait_for_selector("text=too few")
        few = page.locator(".ag-row", has_text="too few").first
        circle = few.locator("circle")
        assert circle.get_attribute("fill") == "var(--surface)"
        assert "too few reviews to judge by" in (few.locator("svg").first.get_attribute("aria-label") or "")


def test_two_thousand_brands_are_found_sorted_and_scrolled(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage()) as page:
        page.wait_for_selector("text=Snorbec")
        assert page.locator("#bp-total-brands").inner_text() == "2,000"
        assert page.locator(".ag-center-cols-container .ag-row").count() < 60
        page.keyboard.press("/")
        page.keyboard.type("snor")
        # The answer to the first letters may come first.
        page.wait_for_selector("#bp-shown:has-text('match')")
        page.wait_for_function(
            """() => {
                const names = [...document.querySelectorAll('.bp-cell-name')].map(each => each.innerText);
                return names.length && names.every(name => name.toLowerCase().includes('snor'));
            }"""
        )
        page.keyboard.press("Control+A")
        page.keyboard.type("no brand is called that")
        page.wait_for_selector("#bp-no-match:visible")
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        page.wait_for_selector("text=Snorbec")
        page.locator(".ag-header-cell", has_text="Reviews").click()
        page.wait_for_timeout(300)
        volumes = [
            int(text.replace(",", ""))
            for text in page.locator(".ag-row .bp-cell-number").all_inner_texts()[:8]
        ]
        assert volumes == sorted(volumes, reverse=True)


def test_the_overview_changes_by_itself(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "5")) as page:
        page.wait_for_selector("text=Snorbec")
        before = row(page, "Snorbec")
        page.wait_for_function(
            "before => ![...document.querySelectorAll('.ag-row')].some(row => row.innerText === before)",
            arg=before,
        )


def test_keys_reach_everything(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "40")) as page:
        page.wait_for_selector("text=Snorbec")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.tagName") == "MAIN"
        page.locator(".ag-row[row-index='0'] .ag-cell").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_url("**/brand?key=snorbec**")


def test_the_brand_shows_figures_charts_alerts_and_reviews(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "40") + SNORBEC) as page:
        page.wait_for_selector("h1:has-text('Snorbec')")
        assert re.search(r"Net sentiment\s+[+−]\d\.\d\d\s+[+−]\d\.\d\d to", page.inner_text(".bp-figures"))
        page.wait_for_selector(".bp-chart svg path", state="attached")
        labels = [chart.get_attribute("aria-label") or "" for chart in page.locator(".bp-chart").all()]
        assert [label.split(",")[0] for label in labels] == ["Shares", "Net sentiment", "Reviews"]
        assert "negative from" in labels[0]
        assert page.locator(".bp-legend .incident").is_visible()
        page.wait_for_selector("text=57 % negative in 1h, 11 % expected of 212 reviews")
        assert page.locator(".bp-newest .bp-review").count() == 20
        page.click("text=57 % negative in 1h")
        page.wait_for_url("**/alert?id=snorbec-negative")


def test_seven_days_without_history_say_so(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "40") + "/brand?key=snorbec&window=7d") as page:
        page.wait_for_selector("text=History is away")
        page.wait_for_selector(".bp-chart svg path", state="attached")


def test_an_alert_shows_what_was_seen_and_the_reviews_behind_it(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "40") + PAGES["alert"]) as page:
        page.wait_for_selector("text=fewer than one would be false")
        text = page.inner_text("main")
        for part in ("critical", "57 %", "50 % to 63 %", "11 %", "212", "and 2 nearly the same"):
            assert part in text
        assert page.locator(".bp-review").count() == 3
        assert "sure" in page.locator(".bp-review").first.inner_text()


def test_a_brand_of_markup_is_text_on_every_page(stage: Stage, open_page: "OpenPage") -> None:
    here = stage("--brands", "2")
    for path in ("/", MARKED, MARKED + "&window=7d", "/alerts", "/alert?id=markup"):
        with open_page(here + path) as page:
            page.wait_for_selector("text=<img src=x onerror=")
            page.wait_for_timeout(500)
            assert page.locator("main img, main script").count() == 0
            assert page.title().startswith(("<img", "Brands", "Alerts"))


def test_unknown_brands_and_alerts_are_told(stage: Stage, open_page: "OpenPage") -> None:
    here = stage("--brands", "40")
    with open_page(f"{here}/brand?key=snorbek") as page:
        page.wait_for_selector("text=Did you mean")
        page.click("li a:has-text('Snorbec')")
        page.wait_for_url("**/brand?key=snorbec**")
    with open_page(f"{here}/alert?id=none") as page:
        page.wait_for_selector("text=No such alert")
    with open_page(f"{here}/brand?key=<script>window.hacked=1</script>") as page:
        page.wait_for_selector("text=No brand by this name")


def test_nothing_there_yet_says_how_to_begin(stage: Stage, open_page: "OpenPage") -> None:
    here = stage("--brands", "0")
    with open_page(here) as page:
        page.wait_for_selector("#bp-no-brands:visible")
        assert "brandpulse feed" in page.inner_text("#bp-no-brands")
    with open_page(f"{here}/alerts") as page:
        page.wait_for_selector("text=No open alerts")


def test_figures_that_are_old_say_so(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "5", "--away")) as page:
        page.wait_for_selector("#app .bp-status[data-state='away']")
        assert re.search(r"Kafka away, as of \d+ (s|min) ago", page.inner_text("#app .bp-status"))


def test_light_and_dark_follow_the_system_until_chosen(stage: Stage, open_page: "OpenPage") -> None:
    with open_page(stage("--brands", "5"), dark=True) as page:
        until_there(page)
        theme = "document.documentElement.dataset.theme"
        assert page.evaluate(theme) == "dark"
        page.click("[data-theme-button]")
        assert page.evaluate(theme) == "light"
        page.reload()
        until_there(page)
        assert page.evaluate(theme) == "light"
        page.wait_for_function("!document.body.classList.contains('body--dark')")
        page.click("[data-theme-button]")
        assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_is_wider_than_its_screen(
    stage: Stage, open_page: "OpenPage", name: str, size: tuple[int, int], dark: bool
) -> None:
    with open_page(stage("--brands", "40") + PAGES[name], size, dark=dark) as page:
        until_there(page)
        page.wait_for_timeout(700)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        OUTPUT.mkdir(exist_ok=True)
        page.screenshot(path=OUTPUT / f"{name}-{size[0]}-{'dark' if dark else 'light'}.png")
