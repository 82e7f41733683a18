"""The five-minute story in a real browser: customer, staff, answer; Persian and English."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import MOST_PATIENCE, Browsing
from tests.support.cast import PASSWORD
from tests.support.patience import wait_until
from tests.support.processes import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEXT = "form button[name=go][value=on]"
DONE = "form[action$='/complete'] .actions button.btn-primary"


def photo() -> bytes:
    """A real picture of one red point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        mark = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", mark)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def complain(page: Page, language: str = "fa") -> str:
    """The customer goes through the pages of the portal; the number that they read at the end."""
    subject = {"fa": "یخچال سرد نمی‌کند", "en": "Fridge still warm"}[language]
    page.click("a[href='/portal/services/complaint']")
    page.fill("[name=subject]", subject)
    page.fill("[name=description]", "دو بار تعمیر شد." if language == "fa" else "Repaired twice.")
    page.click(NEXT)
    page.select_option("[name='data.about']", "product")
    page.click(NEXT)
    page.fill("[name='data.happened_on']", "۱۴۰۵/۰۲/۱۰" if language == "fa" else "2026-04-30")
    page.click(NEXT)
    page.check("[name='data.remedy_sought'][value=replacement]")
    page.click(NEXT)
    page.fill("[name='customer.name']", "مریم رضایی" if language == "fa" else "Maryam Rezaei")
    page.fill("[name='customer.email']", "maryam@example.com")
    page.set_input_files(
        "#files", {"name": "fridge.png", "mimeType": "image/png", "buffer": photo()}
    )
    page.click(NEXT)
    expect(page.locator("h1")).to_have_text(
        {"fa": "درخواست شما رسید", "en": "We have received your request"}[language]
    )
    return page.locator("bdi", has_text=re.compile(r"^\s*R-")).first.inner_text()


def waits_for(page: Page, text: str) -> None:
    """Looks at the page again until it shows this."""

    def shown() -> bool:
        page.reload()
        return page.get_by_text(text).count() > 0

    wait_until(shown, 30, lambda: page.locator("body").inner_text())


def fits(page: Page) -> bool:
    """Whether nothing stands out of the window at its side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def finish(page: Page, step: str, choices: dict[str, str], texts: dict[str, str]) -> None:
    """Opens the task with the keyboard from the inbox, claims it, fills it in, completes it."""
    waits_for(page, step)
    page.keyboard.press("j")
    expect(page.locator(".item.is-current")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
    page.keyboard.press("c")
    expect(page.locator("button[data-key=claim]")).to_have_count(0)
    for name, value in choices.items():
        field = page.locator(f"[name={name}]").first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            page.check(f"[name={name}][value={value}]")
    for name, text in texts.items():
        page.fill(f"[name={name}]", text)
    page.click(DONE)
    expect(page.locator(".toasts")).to_contain_text(step)


def test_the_five_minute_story(stack: Stack, browse: Callable[[str], Browsing]) -> None:
    browser = browse(stack.origin)
    customer = browser.open("/portal", size="narrow", language="fa")
    assert customer.locator("html").get_attribute("dir") == "rtl"
    number = complain(customer)
    assert number.startswith("R-")
    assert fits(customer)
    # Looking again too soon would be looking at the page before.
    with customer.expect_navigation():
        customer.get_by_role("link", name="پیگیری درخواست").last.click()
    waits_for(customer, "شکایت شما رسید")
    assert fits(customer)

    narges = browser.open("/login", language="fa")
    browser.enter(narges, "narges")
    low = {"severity": "low", "impact": "low", "complexity": "low"}
    finish(narges, "ارزیابی شکایت", low, {})
    sara = browser.sign_in("sara", language="en")
    assert sara.locator("html").get_attribute("dir") == "ltr"
    finish(sara, "Check the facts", {"founded": "yes"}, {"findings": "Worn out."})
    see_the_diagram(sara, "R-000001")
    reza = browser.sign_in("reza", language="en")
    remedy = {"explanation": "یخچال نو می‌گیرید."}
    finish(reza, "Propose a remedy", {"remedy": "replacement"}, remedy)

    waits_for(customer, "پاسخ ما را می‌پذیرید؟")
    assert customer.get_by_text("یخچال نو می‌گیرید.").count() > 0
    assert fits(customer)
    customer.get_by_role("button", name="می‌پذیرم").click()
    expect(customer.get_by_text("پاسخ شما رسید")).to_be_visible()
    carried = {"done_on": "2026-05-02", "done": "Delivered."}
    sara.goto("/")
    finish(sara, "Carry out the remedy", {}, carried)
    waits_for(customer, "این درخواست بسته شد")


def see_the_diagram(page: Page, number: str) -> None:
    """The process is drawn with its live token, the path taken, and the mark of its makers."""
    page.goto(f"/requests/{number}/diagram")
    expect(page.locator("[data-diagram][data-ready]")).to_be_visible()
    expect(page.locator("[data-element-id=propose_remedy].is-here")).to_have_count(1)
    expect(page.locator("[data-element-id=assess].is-done")).to_have_count(1)
    assert page.locator(".djs-connection.is-taken").count() > 3
    expect(page.locator(".bpmn-token")).to_have_count(1)
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    page.goto("/")


def test_keys_theme_and_language(browser: Browsing, run_jobs: Callable[[], int]) -> None:
    for _ in range(3):
        complain(browser.open("/portal", language="en"), "en")
    run_jobs()
    page = browser.sign_in("narges", language="en")
    ids = page.locator(".item").evaluate_all("rows => rows.map(row => row.dataset.id)")
    assert len(ids) == 3
    current = page.locator(".item.is-current")
    for key, at in (("j", 1), ("j", 2), ("j", 2), ("k", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(current).to_have_attribute("data-id", ids[at])
    # Letters in a field are letters.
    page.keyboard.press("/")
    page.keyboard.type("jkj")
    expect(page.locator("[data-key=search]")).to_have_value("jkj")
    expect(current).to_have_attribute("data-id", ids[0])
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    expect(page.locator(".selbar")).to_be_visible()

    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-toggle]:visible").first.click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before

    expect(page.locator("h1")).to_have_text("Group tasks")
    page.locator("form[action='/language'] button").first.click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("h1")).to_have_text("کارهای گروه")


@contextmanager
def without_scripts(chromium: Browser, origin: str) -> Iterator[Page]:
    """A page of a browser that runs no scripts at all."""
    context = chromium.new_context(base_url=origin, java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(MOST_PATIENCE)
    yield context.new_page()
    context.close()


def test_everything_works_without_scripts(
    chromium: Browser, live_server: str, run_jobs: Callable[[], int]
) -> None:
    with without_scripts(chromium, live_server) as page:
        page.goto("/portal")
        complain(page, "en")
        run_jobs()
        page.goto("/login")
        page.fill("input[name=login]", "narges")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.click(".item .item-t")
        page.click("button[data-key=claim]")
        expect(page.get_by_text("Owner: you")).to_be_visible()
        page.click(DONE)
        expect(page.get_by_role("alert")).to_contain_text("There are 3 things to fix")
        for name in ("severity", "impact", "complexity"):
            page.select_option(f"[name={name}]", "low")
        page.click("button[formaction$='/draft']")
        expect(page.get_by_text("Draft saved.")).to_be_visible()
        page.click(DONE)
        expect(page.locator(".toasts")).to_contain_text("Assess the complaint")
