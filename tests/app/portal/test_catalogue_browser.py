"""The catalogue and the life of a service request in a real browser."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.models import ServiceRequest
from app.services.casework import messages
from app.services.execution import listening
from tests.app.services.story import MARYAM, do, open_tasks, run_service_jobs, submit
from tests.app.web.test_in_browser import faults_of
from tests.support.application import transaction_of
from tests.support.browsing import Browsing

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LETTER = {"letter": "warranty", "addressee": "بانک ملت", "letter_language": "fa"}
SHOTS = os.environ.get("PEYGIR_SHOTS")
"""A folder for pictures of the pages, for whoever wants to look at them."""


def delivered(app: Flask) -> str:
    """The tracking code of a letter that was delivered and is to be confirmed."""
    now: datetime = app.extensions["peygir.now"]()
    with transaction_of(app):
        request: ServiceRequest = submit(
            now, service="certificate", subject="گواهی گارانتی", customer=MARYAM, data=LETTER
        )
        run_service_jobs(request, now)
        do(request, "do_work", "nasim", now, done_note="نامه صادر و فرستاده شد.")
        assert open_tasks(request) == {}
        assert messages.CUSTOMER_ANSWER in listening.awaited(request)
        return request.tracking_code


def look(page: Page, name: str) -> None:
    assert faults_of(page) == []
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(("size", "dark"), [("wide", False), ("narrow", True)])
def test_the_pages_of_a_wish_are_right(
    app: Flask, browser: Browsing, language: str, size: str, dark: bool
) -> None:
    code = delivered(app)
    page = browser.open("/portal", language=language, size=size, dark=dark)
    for name, path in {
        "home": "/portal",
        "wish": "/portal/services/laptop",
        "delivered": f"/portal/track/{code}",
    }.items():
        page.goto(path)
        look(page, f"{name}.{language}.{size}")


def test_a_letter_is_wished_for_and_confirmed_in_the_browser(app: Flask, browser: Browsing) -> None:
    page = browser.open("/portal")
    page.click("text=گواهی یا نامه")
    expect(page.locator("h1")).to_have_text("چه می‌خواهید؟")
    page.fill("[name=subject]", "گواهی گارانتی یخچال")
    page.fill("[name=description]", "برای بانک.")
    page.click("button:has-text('ادامه')")
    page.check("[name='data.letter'][value=warranty]")
    page.fill("[name='data.addressee']", "بانک ملت")
    page.check("[name='data.letter_language'][value=fa]")
    page.click("button:has-text('ادامه')")
    page.fill("[name='customer.name']", "مریم رضایی")
    page.fill("[name='customer.phone']", "۰۹۱۲۳۴۵۶۷۸۹")
    page.click("button:has-text('فرستادن')")
    expect(page.locator("h1")).to_have_text("درخواست شما رسید")

    page.goto(f"/portal/track/{delivered(app)}")
    expect(page.locator("#ask")).to_have_text("همه‌چیز همان است که خواسته بودید؟")
    page.click("button:has-text('بله، درست است')")
    expect(page.locator("h2").first).to_have_text("این درخواست بسته شده است")
