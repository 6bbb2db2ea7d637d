"""A real browser, where there is one: Chromium from the machine or from playwright, with everything but the page's own
server refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=found, args=arguments)
        except playwright.Error as error:
            pytest.skip(f"there is no Chromium here: {str(error).splitlines()[0]}")
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page whose complaints and requests are written down."""

    def __init__(self, browser: Any, address: str, width: int = 1280, height: int = 800, **context: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(90_000)  # a claim about what appears, on however busy a machine
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        home = urlsplit(address).netloc

        def seen(route: Any) -> None:
            parts = urlsplit(route.request.url)
            if parts.scheme in ("http", "https") and parts.netloc != home:
                self.elsewhere.append(route.request.url)
                route.abort()
            else:
                route.continue_()

        self.context.route("**/*", seen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda told: self.complaints.append(told.text) if told.type in ("error", "warning") else None
        )
        self.page.goto(address)
        self.page.wait_for_selector("h1")

    def go(self, place: str) -> None:
        """Open a place of the page, such as #/inside?depth=2."""
        self.page.evaluate("place => { location.hash = place; dispatchEvent(new PopStateEvent('popstate')); }", place)

    def is_within(self) -> bool:
        """Whether nothing has to be scrolled for sideways."""
        wide: bool = self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        return wide

    def faults(self) -> list[str]:
        """Serious faults that axe finds."""
        if not AXE.is_file():
            pytest.skip("axe-core is not installed: npm --prefix web ci")
        # The page's own rules let no foreign script in; this one comes through the debugger.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(found => "
            "found.violations.filter(one => ['serious', 'critical'].includes(one.impact)))"
        )
        return [
            f"{one['id']}: {[node['html'][:120] + ' ' + node['failureSummary'][:160] for node in one['nodes'][:3]]}"
            for one in found
        ]

    def close(self) -> None:
        self.context.close()
