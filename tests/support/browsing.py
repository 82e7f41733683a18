"""A real Chromium against a live server; a console error or an outside request fails the test."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.support.cast import PASSWORD
from tests.support.chromium import find_chromium

FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
MOST_PATIENCE = 45_000
"""Milliseconds that the browser waits for what should come at once, on a busy machine too."""
expect.set_options(timeout=MOST_PATIENCE)
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}


@dataclass
class Windows:
    """Windows of the browser on one origin, lent to one person after the other.

    A new window with nothing in its caches costs a second of the processor; one that is lent
    again knows nothing of the person before, but has the styles, scripts and fonts.
    """

    chromium: Browser
    origin: str
    _free: dict[str, list[BrowserContext]] = field(default_factory=dict)

    def lend(self, language: str) -> BrowserContext:
        """A window of a browser that speaks this language, with one blank page that keeps it."""
        free = self._free.setdefault(language, [])
        return free.pop() if free else self._new(language)

    def take_back(self, language: str, window: BrowserContext) -> None:
        """Close all pages of the person and forget cookies and what scripts have stored."""
        blank, *pages = window.pages
        for page in pages:
            page.close()
        window.clear_cookies()
        talk = window.new_cdp_session(blank)
        talk.send("Storage.clearDataForOrigin", {"origin": self.origin, "storageTypes": "all"})
        talk.detach()
        self._free[language].append(window)

    def close(self) -> None:
        """Ends every window that is not lent."""
        for windows in self._free.values():
            for window in windows:
                window.close()

    def _new(self, language: str) -> BrowserContext:
        window = self.chromium.new_context(
            base_url=self.origin,
            locale={"fa": "fa-IR", "en": "en-GB"}[language],
            timezone_id="Asia/Tehran",
        )
        window.set_default_timeout(MOST_PATIENCE)
        window.new_page()
        return window


@dataclass
class Browsing:
    """Opens pages on one server and remembers what went wrong in any of them."""

    chromium: Browser
    windows: Windows
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of console messages that this test provokes on purpose, such as ``422``."""
    _lent: list[tuple[str, BrowserContext]] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Where the server answers."""
        return self.windows.origin

    def open(
        self, path: str = "/", *, size: str = "wide", language: str = "fa", dark: bool = False
    ) -> Page:
        """A page of a person of its own (cookies are not shared), at this path."""
        page = self._blank(size, language, dark)
        page.goto(path)
        return page

    def sign_in(
        self,
        login: str,
        path: str = "/",
        *,
        size: str = "wide",
        language: str = "fa",
        dark: bool = False,
    ) -> Page:
        """A page of this person of the cast, signed in, at this path."""
        page = self._blank(size, language, dark)
        form: dict[str, str | float | bool] = {
            "login": login,
            "password": PASSWORD,
            "csrf_token": _forgery_token(page),
        }
        answer = page.request.post("/login", form=form, max_redirects=0)
        assert answer.status == 303, answer.text()
        page.goto(path)
        return page

    def enter(self, page: Page, login: str) -> None:
        """The same as a person does it, on the page with the form."""
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.press("input[name=password]", "Enter")

    def _blank(self, size: str, language: str, dark: bool) -> Page:
        window = self.windows.lend(language)
        self._lent.append((language, window))
        page = window.new_page()
        look_at(page, size, dark)
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", lambda request: self._watch(request.url))
        return page

    def close(self) -> None:
        """Ends every page, then fails the test when one of them complained."""
        for language, window in self._lent:
            self.windows.take_back(language, window)
        assert not self.complaints, "\n".join(self.complaints)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and not any(part in text for part in self.expected):
            self.complaints.append(f"console error: {text}")

    def _watch(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and not url.startswith(self.origin):
            self.complaints.append(f"request to the outside: {url}")


def look_at(page: Page, size: str, dark: bool) -> None:
    """Show the page in this size and theme."""
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, started once for each test process."""
    program = find_chromium()
    if program is None:
        pytest.fail("No Chromium found: run `make test`, which installs it, or set CHROMIUM.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def one_server(one_app: Flask) -> Iterator[str]:
    """The origin of the server of this test process, which serves whatever ``app`` is at."""
    with serving(one_app) as origin:
        yield origin


@pytest.fixture
def live_server(app: Flask, one_server: str) -> Iterator[str]:
    """The origin (``http://127.0.0.1:port``) of the ``app`` of this test, CSRF protection on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield one_server
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture(scope="session")
def windows(chromium: Browser, one_server: str) -> Iterator[Windows]:
    """The windows of this test process."""
    made = Windows(chromium, one_server)
    yield made
    made.close()


@pytest.fixture
def browser(chromium: Browser, windows: Windows, live_server: str) -> Iterator[Browsing]:
    """``browser.sign_in("sara", "/tasks")`` or ``browser.open("/portal")`` gives a page."""
    browsing = Browsing(chromium, windows)
    yield browsing
    browsing.close()


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Callable[[str], Browsing]]:
    """The same for a server of the test's own: ``browse(origin).open("/")``."""
    opened: list[Browsing] = []

    def at(origin: str) -> Browsing:
        opened.append(Browsing(chromium, Windows(chromium, origin)))
        return opened[-1]

    yield at
    for browsing in opened:
        browsing.close()
        browsing.windows.close()


def _forgery_token(page: Page) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.request.get("/login").text())
    assert found, "the form to sign in has no token"
    return found[1]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serves the application from threads of this process, on a free port."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="live server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()
