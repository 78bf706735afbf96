"""A browser that watches itself: whatever a page writes to the console, or asks of another host, fails its test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

#: A browser as root needs the first; small shared memory in containers the second.
FLAGS = ("--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars")
HEIGHT = 900
DESK, PHONE = 1440, 390
#: How long a page may take to show something. Two servers, their workers and two browsers share two cores [ms].
SHOWN_MS = 60_000
#: How long what a worker works out may take to be shown: workers stand back behind everything else [ms].
WORKED_OUT_MS = 240_000
#: Console lines about drawing without a graphics card, which is how tests draw.
_OF_SOFTWARE_DRAWING = ("GL Driver Message", "Automatic fallback to software WebGL", "GPU stall")


def chromium_path() -> str:
    """Return where Chromium lies, or skip the test."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("Chromium is not installed")


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Open the browser for many tests."""
    root = sys.platform != "win32" and os.geteuid() == 0
    flags = [*FLAGS, *(["--no-sandbox"] if root else [])]
    expect.set_options(timeout=SHOWN_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=flags, timeout=WORKED_OUT_MS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What a page did that it must not do.

    Parameters
    ----------
    home : str
        Host and port that pages may ask.
    allowed : set of int
        Answers that the test expects, as 422 where it gives something wrong.
    """

    home: str
    allowed: set[int] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    leaving: bool = False

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.seen.append(f"error of the page: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._answer)

    def check(self) -> None:
        """Fail if there was anything."""
        assert not self.seen, "\n".join(self.seen)

    def _console(self, message: Any) -> None:
        if message.type not in {"error", "warning"} or any(words in message.text for words in _OF_SOFTWARE_DRAWING):
            return
        if "Failed to load resource" in message.text:
            return  # said by `_answer`, with the address
        self.seen.append(f"console: {message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"data", "blob"} or parts.netloc == self.home:
            return
        self.seen.append(f"asks another host: {request.url}")

    def _failed(self, request: Any) -> None:
        # A page that is left gives up what it was still asking for.
        if request.failure not in {"net::ERR_ABORTED"}:
            self.seen.append(f"failed: {request.url}: {request.failure}")

    def _answer(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.seen.append(f"{response.status}: {response.url}")


def settled(page: Page) -> Page:
    """Wait until a page is whole, its charts, lists and bodies are drawn, and its typefaces are there.

    A page that is slow to build comes in pieces, and some of what it draws is worked out first.
    """
    page.wait_for_selector("h1", timeout=WORKED_OUT_MS)
    page.wait_for_function(
        "!document.querySelector('main[aria-busy]')"
        " && [...document.querySelectorAll('.fc-chart, .fc-grid, .fc-mesh')]"
        ".every((part) => part.dataset.drawn || part.querySelector('.failed'))",
        timeout=WORKED_OUT_MS,
    )
    page.evaluate("document.fonts.ready.then(() => 1)")
    return page


def check_accessible(page: Page, *, within: str | None = None) -> None:
    """Fail on what axe-core calls serious or critical, in the whole page or within a selector."""
    found = Axe().run(page, context=within, options={"resultTypes": ["violations"]}).response["violations"]
    grave = [one for one in found if one["impact"] in {"serious", "critical"}]
    told = [
        f"{one['impact']}: {one['id']}: {one['help']}: "
        + "; ".join(f"{node['target']} {node['failureSummary']}" for node in one["nodes"][:3])
        for one in grave
    ]
    assert not told, "\n".join(told)


def check_width(page: Page) -> None:
    """Fail if the page is wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px too wide: " + str(
        page.evaluate(
            "[...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)"
            ".slice(0, 5).map((e) => e.className || e.tagName)"
        )
    )


def tab_stops(page: Page, most: int = 60) -> list[str]:
    """Return what is reached by the tab key, in order, by its name."""
    stops: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(() => { const e = document.activeElement; if (!e || e === document.body) return '';"
            " const name = e.getAttribute('aria-label') || e.innerText || e.name || e.id || e.tagName;"
            " return name.trim().slice(0, 60); })()"
        )
        if not name or (stops and name == stops[0] and len(stops) > 3):
            break
        stops.append(name)
    return stops
