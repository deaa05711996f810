"""A real Chromium, pages in it that may ask nobody else, and servers to look at."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    OpenPage = Callable[..., AbstractContextManager[Page]]

DESK, PHONE = (1280, 800), (375, 812)
HERE = re.compile(r"^(http|ws)://127\.0\.0\.1:\d+/|^data:|^blob:")
# Kept for people to look at, and not by git.
OUTPUT = Path(__file__).parents[2] / "test-output"


# Not for the session: while Playwright is open its event loop runs, and no test could run another.
@pytest.fixture(scope="package")
def chromium() -> "Iterator[Browser]":
    """Skips where there is neither Playwright nor a Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra dev)")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_api.sync_playwright() as playwright:
        path = found or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("there is no Chromium: install the package chromium, or: playwright install chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: "Browser") -> "OpenPage":
    """Opens pages that fail the test when they ask another host, log an error, or run a brand's name."""

    @contextmanager
    def opened(
        address: str, size: tuple[int, int] = DESK, *, dark: bool = False, quiet: bool = True
    ) -> "Iterator[Page]":
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
        )
        page = context.new_page()
        foreign: list[str] = []
        errors: list[str] = []
        page.on("request", lambda asked: None if HERE.match(asked.url) else foreign.append(asked.url))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        yield page
        assert page.evaluate("window.hacked") is None
        assert foreign == []
        if quiet:
            assert errors == []
        context.close()

    return opened


@pytest.fixture(scope="package")
def stage() -> "Iterator[Callable[..., str]]":
    """Starts `tests.browser.stage` with options; returns its address. The same options share one."""
    processes: dict[tuple[str, ...], tuple[subprocess.Popen[str], str]] = {}

    def start(*options: str) -> str:
        if options not in processes:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.stage", "--port", "0", *options],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            processes[options] = process, process.stdout.readline().strip()
        return processes[options][1]

    yield start
    for process, _ in processes.values():
        process.terminate()
        process.communicate(timeout=30)
