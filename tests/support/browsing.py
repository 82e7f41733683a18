"""A real Chromium against a live server; a console error or an outside request fails the test."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
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
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}


@dataclass
class Browsing:
    """Opens pages on one server and remembers what went wrong in any of them."""

    chromium: Browser
    origin: str
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of console messages that this test provokes on purpose, such as ``422``."""
    _contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self, path: str = "/", *, size: str = "wide", language: str = "fa", dark: bool = False
    ) -> Page:
        """A page of a person of its own (cookies are not shared), at this path."""
        width, height = SIZES[size]
        context = self.chromium.new_context(
            base_url=self.origin,
            viewport={"width": width, "height": height},
            locale={"fa": "fa-IR", "en": "en-GB"}[language],
            timezone_id="Asia/Tehran",
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", lambda request: self._watch(request.url))
        page.goto(path)
        return page

    def sign_in(self, login: str, path: str = "/", **how: object) -> Page:
        """A page of this person of the cast, signed in through the form, at this path."""
        page = self.open("/login", **how)  # type: ignore[arg-type]
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.press("input[name=password]", "Enter")
        page.goto(path)
        return page

    def close(self) -> None:
        """Ends every page, then fails the test when one of them complained."""
        for context in self._contexts:
            context.close()
        assert not self.complaints, "\n".join(self.complaints)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and not any(part in text for part in self.expected):
            self.complaints.append(f"console error: {text}")

    def _watch(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and not url.startswith(self.origin):
            self.complaints.append(f"request to the outside: {url}")


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


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The origin (``http://127.0.0.1:port``) of the ``app`` of this test, CSRF protection on."""
    app.config["WTF_CSRF_ENABLED"] = True
    with serving(app) as origin:
        yield origin
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def browser(chromium: Browser, live_server: str) -> Iterator[Browsing]:
    """``browser.sign_in("sara", "/tasks")`` or ``browser.open("/portal")`` gives a page."""
    browsing = Browsing(chromium, live_server)
    yield browsing
    browsing.close()


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Callable[[str], Browsing]]:
    """The same for a server of the test's own: ``browse(origin).open("/")``."""
    opened: list[Browsing] = []

    def at(origin: str) -> Browsing:
        opened.append(Browsing(chromium, origin))
        return opened[-1]

    yield at
    for browsing in opened:
        browsing.close()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serves the application from threads of this process, on a free port."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="live server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
