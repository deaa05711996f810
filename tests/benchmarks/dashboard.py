"""`python -m tests.benchmarks.dashboard`: how soon the overview of many brands is there, how smooth it stays.

In a real Chromium against `tests.browser.stage`, server and browser on the same cores. Cold is a browser that
has nothing cached; warm is its second visit. The first paint is the frame of the page; that brands can be
read and clicked is the second figure. Frames are measured while the table is scrolled and rows change.
"""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from tests.benchmarks.table import Row, at_most, results_table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FIRST_PAINT_MS, ANSWER_MS = 1_500.0, 1_000.0
SCROLL_SECONDS = 8
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_ROWS_AT = "() => document.querySelector('.ag-row .bp-cell-name') && performance.now()"
_FOUND = """text => [...document.querySelectorAll(".bp-cell-name")].every(
  name => name.title.toLowerCase().includes(text)
)"""
_FRAMES = """seconds => new Promise(done => {
  const view = document.querySelector('.ag-body-viewport'), times = [];
  let last = performance.now();
  const start = last;
  const step = now => {
    times.push(now - last);
    last = now;
    view.scrollTop += 12;
    now - start < seconds * 1000 ? requestAnimationFrame(step) : done(times);
  };
  requestAnimationFrame(step);
})"""


def main(
    brands: Annotated[int, typer.Option(help="Brands of the overview.")] = 2_000,
    changing: Annotated[int, typer.Option(help="Brands that change each second.")] = 200,
    rounds: Annotated[int, typer.Option(help="Visits; medians are shown.")] = 5,
) -> None:
    """Measure and print a table."""
    from playwright.sync_api import sync_playwright

    with _stage(brands, changing) as address, sync_playwright() as playwright:
        path = shutil.which("chromium") or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        rows = [*_visits(browser, address, rounds), *_use(browser, address)]
        browser.close()
    print(f"{brands:,} brands, {changing:,} of them change each second\n")
    print(results_table(rows))


def _visits(browser: "Browser", address: str, rounds: int) -> list[Row]:
    cold, warm = [], []
    for number in range(rounds):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        cold.append(_visit(context, address))
        warm.append(_visit(context, address))
        context.close()
        print(f"visit {number + 1} of {rounds}", file=sys.stderr)
    rows = []
    for name, visits in (("cold", cold), ("warm", warm)):
        paint, there = (statistics.median(each) for each in zip(*visits, strict=True))
        rows.append(at_most(f"first contentful paint, {name}", paint, FIRST_PAINT_MS, "{:,.0f} ms".format))
        rows.append(Row(f"first rows drawn, {name}", f"{there:,.0f} ms"))
    return rows


def _visit(context: "BrowserContext", address: str) -> tuple[float, float]:
    page = context.new_page()
    page.goto(address)
    there = page.wait_for_function(_ROWS_AT).json_value()
    paint = page.evaluate(_PAINT)
    page.close()
    return paint, there


def _use(browser: "Browser", address: str) -> list[Row]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.wait_for_function(_ROWS_AT)
    page.wait_for_timeout(2_000)
    answers = [_search(page, text) for text in ("snor", "quim", "tarv", "ooster", "ilmo")]
    page.fill("#app [data-search]", "")
    page.wait_for_timeout(1_500)
    frames = sorted(page.evaluate(_FRAMES, SCROLL_SECONDS))
    p95 = frames[int(0.95 * len(frames))]
    page.close()
    return [
        at_most(
            "search until its rows are drawn", statistics.median(answers), ANSWER_MS, "{:,.0f} ms".format
        ),
        Row("frame while scrolling and updating, p50", f"{statistics.median(frames):.0f} ms"),
        Row("frame while scrolling and updating, p95", f"{p95:.0f} ms"),
        Row("longest frame", f"{frames[-1]:.0f} ms"),
    ]


def _search(page: "Page", text: str) -> float:
    started_seconds = time.perf_counter()
    page.fill("#app [data-search]", text)
    page.wait_for_function(
        _FOUND,
        arg=text,
    )
    return 1_000 * (time.perf_counter() - started_seconds)


@contextmanager
def _stage(brands: int, changing: int) -> Iterator[str]:
    options = ["--port", "0", "--brands", str(brands), "--per-second", str(changing)]
    command = [sys.executable, "-m", "tests.browser.stage", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    typer.run(main)
