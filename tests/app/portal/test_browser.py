"""The portal in a real browser: whole without JavaScript, quiet with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsing import MOST_PATIENCE, SIZES, Browsing

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def without_scripts(browser: Browsing) -> Iterator[Page]:
    """A page on a phone whose browser runs no script at all."""
    width, height = SIZES["narrow"]
    context = browser.chromium.new_context(
        base_url=browser.origin,
        viewport={"width": width, "height": height},
        locale="fa-IR",
        java_script_enabled=False,
    )
    context.set_default_timeout(MOST_PATIENCE)
    yield context.new_page()
    context.close()


def test_a_complaint_from_a_phone_without_scripts(process: None, browser: Browsing) -> None:
    with without_scripts(browser) as page:
        page.goto("/portal")
        page.click("text=ثبت شکایت")
        page.fill("[name=subject]", "یخچال سرد نمی‌کند")
        page.fill("[name=description]", "دو بار تعمیر شد.")
        for _ in range(2):
            with page.expect_navigation():
                page.click("text=ادامه")
        expect(page.locator("[role=alert]")).to_contain_text("برگزینید شکایت دربارهٔ چیست")
        page.select_option("[name='data.about']", "product")
        for _ in range(3):
            with page.expect_navigation():
                page.click("button:has-text('ادامه')")
        page.fill("[name='customer.name']", "مریم رضایی")
        page.fill("[name='customer.phone']", "۰۹۱۲۳۴۵۶۷۸۹")
        page.click("button:has-text('فرستادن')")
        expect(page.locator("h1")).to_have_text("درخواست شما رسید")
        page.click("a:has-text('پیگیری درخواست شما')")
        expect(page.locator("[aria-current=step]")).to_contain_text("دریافت شد")
        page.fill("[name=body]", "لطفاً زودتر.")
        page.click("button:has-text('فرستادن پیام')")
        expect(page.locator(".timeline")).to_contain_text("لطفاً زودتر.")


@pytest.mark.parametrize(("language", "size"), [("fa", "narrow"), ("en", "wide")])
def test_pages_neither_complain_nor_overflow(
    process: None, browser: Browsing, language: str, size: str
) -> None:
    browser.expected += ["404", "422"]
    page = browser.open("/portal", language=language, size=size, dark=size == "narrow")
    for path in ("/portal", "/portal/services/complaint", "/portal/track/BBBB-BBBB-BBBB"):
        page.goto(path)
        root = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert root <= 0, path
    page.goto("/portal/services/complaint")
    page.click("button[value=on]")
    expect(page.locator("[role=alert]")).to_be_focused()
