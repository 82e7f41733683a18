"""The pages of mailings in a real browser: the count beside the form, no faults in any state."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.services.bulk_sending import mailing_acts, mailing_sending
from app.services.sending import answering
from tests.app.services import mailing_story as told
from tests.app.services.story import actor
from tests.app.web.test_in_browser import faults_of
from tests.support.application import transaction_of
from tests.support.browsing import Browsing
from tests.support.clock import MovingClock

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "size", "dark"), [("fa", "narrow", True), ("en", "wide", False)]
)
def test_no_page_of_mailings_has_faults(
    app: Flask, browser: Browsing, clock: MovingClock, language: str, size: str, dark: bool
) -> None:
    page = browser.sign_in("maryam", "/mailings", language=language, size=size, dark=dark)
    found = faults_of(page)
    draft, running, stopped = mailings_of_each_state(app, clock)
    with app.app_context():
        link = answering.link_of(answering.TRIED)
    paths = [
        "/mailings", "/mailings/new", f"{draft}/edit", draft, running, stopped,
        link[link.index("/portal") :],
    ]  # fmt: skip
    for path in paths:
        page.goto(path)
        found += [f"{path} {fault}" for fault in faults_of(page)]
    found += the_count_follows_the_form(page)
    browser.expected.append("422")
    page.click("form#mailing-form .actions button")
    page.wait_for_selector(".notice-bad")
    found += [f"refused {fault}" for fault in faults_of(page)]
    assert found == []


def the_count_follows_the_form(page: Page) -> list[str]:
    """Whom the typed conditions reach is told beside them, without a click."""
    page.goto("/mailings/new")
    expect(page.locator("#reach b")).to_have_text("12" if is_english(page) else "۱۲")
    page.click("label[for='languages-2']")
    expect(page.locator("#reach b")).to_have_text("6" if is_english(page) else "۶")
    return [f"counted {fault}" for fault in faults_of(page)]


def is_english(page: Page) -> bool:
    """Whether the page is read in English."""
    return page.get_attribute("html", "lang") == "en"


def mailings_of_each_state(app: Flask, clock: MovingClock) -> tuple[str, str, str]:
    """The pages of a draft, of one under way and of one that is stopped."""
    with transaction_of(app):
        told.crowd(12)
        told.customer("بی‌نشانی", phone="+989120000009")
    draft = told.draft_to_list(app, clock())
    running = told.released(app, clock(), per_minute=30, title="یادآوری نوروز")
    stopped = told.released(app, clock(), per_minute=30)
    with transaction_of(app):
        mailing_sending.advance(running, clock())
        mailing_sending.advance(stopped, clock())
        mailing_acts.stop(stopped, actor("maryam"), clock())
    return f"/mailings/{draft}", f"/mailings/{running}", f"/mailings/{stopped}"
