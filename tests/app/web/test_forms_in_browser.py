"""Forms in a real browser: questions that come and go, and days chosen from a calendar."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jdatetime
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.web.conftest import Case
from tests.app.web.test_in_browser import faults_of
from tests.support.browsing import Browsing

pytestmark = pytest.mark.browser

SOURCES = Path(__file__).parents[3] / "frontend" / "src"
PERSIAN = "۰۱۲۳۴۵۶۷۸۹"


def open_form(browser: Browsing, case: Case, **how: Any) -> Page:
    page = browser.sign_in("narges", case.task, **how)
    expect(part(page, "severity")).to_be_visible()
    return page


def part(page: Page, key: str) -> Locator:
    return page.locator(f"[data-part=Field_{key}]")


def choose_kind(page: Page, kind: str) -> None:
    page.check(f"[name=kind][value={kind}]")


def test_questions_come_and_go_and_keep_what_was_typed(browser: Browsing, case: Case) -> None:
    page = open_form(browser, case)
    expect(part(page, "unit_question")).to_be_hidden()
    page.fill("[name=people_concerned]", "7")
    choose_kind(page, "question")
    expect(part(page, "severity")).to_be_hidden()
    # What the customer said and whether anybody is in danger concern every kind of case.
    expect(page.locator("[data-part]:visible")).to_have_count(2)
    expect(page.locator("[name=safety]")).to_be_visible()
    expect(page.locator("form[data-conditions] [role=status].visually-hidden")).to_contain_text(
        "پنهان شد: شدت برای مشتری"
    )
    expect(page.locator("[name=kind]:checked")).to_be_focused()
    choose_kind(page, "complaint")
    expect(page.locator("[name=people_concerned]")).to_be_visible()
    assert page.input_value("[name=people_concerned]") == "7"
    assert page.get_attribute("[name=severity]", "aria-required") == "true"
    page.check("[name=units] >> nth=0")
    expect(part(page, "unit_question")).to_be_visible()


def test_a_question_stays_while_the_person_stands_in_it(browser: Browsing, case: Case) -> None:
    page = open_form(browser, case)
    with page.expect_response("**/hidden"):
        # In one breath: no answer may come in before the person stands there.
        page.evaluate(
            "document.querySelector('[name=kind][value=question]').click();"
            "document.querySelector('[name=people_concerned]').focus()"
        )
    expect(part(page, "severity")).to_be_hidden()
    expect(page.locator("[name=people_concerned]")).to_be_focused()
    page.focus("[name=kind] >> nth=0")
    expect(part(page, "people_concerned")).to_be_hidden()


def test_hidden_questions_stop_nobody_and_are_not_sent_on(browser: Browsing, case: Case) -> None:
    page = open_form(browser, case, language="en")
    choose_kind(page, "question")
    expect(part(page, "severity")).to_be_hidden()
    assert page.evaluate("document.querySelector('form[data-conditions]').checkValidity()")
    with page.expect_navigation():
        page.click("text=Complete and continue")
    expect(page.locator(".toasts")).to_contain_text("Done")


def test_an_older_answer_never_undoes_a_newer_one(browser: Browsing, case: Case) -> None:
    page = open_form(browser, case)
    held: list[Any] = []

    def hold_the_first(route: Any) -> None:
        held.append(route) if not held else route.continue_()

    page.route("**/hidden", hold_the_first)
    with page.expect_request("**/hidden"):
        choose_kind(page, "question")
    with page.expect_response("**/hidden"):
        choose_kind(page, "complaint")
        page.fill("[name=people_concerned]", "3")
    held[0].abort()
    expect(part(page, "severity")).to_be_visible()


def test_what_the_browser_fills_in_again_decides_too(browser: Browsing, case: Case) -> None:
    page = open_form(browser, case)
    choose_kind(page, "question")
    expect(part(page, "severity")).to_be_hidden()
    page.goto("/account")
    page.go_back()
    expect(page.locator("[name=kind][value=question]")).to_be_checked()
    expect(part(page, "severity")).to_be_hidden()


def test_without_scripts_every_question_can_be_seen(browser: Browsing, case: Case) -> None:
    signed_in = open_form(browser, case).context
    context = browser.chromium.new_context(
        base_url=browser.origin,
        java_script_enabled=False,
        storage_state=signed_in.storage_state(),
    )
    page = context.new_page()
    page.goto(case.task)
    expect(part(page, "unit_question")).to_be_visible()
    expect(page.locator("button[aria-haspopup=dialog]")).to_have_count(0)
    context.close()


def open_dates(browser: Browsing, typed: str, **how: Any) -> Page:
    """The page of the portal that asks for a day, its calendar open."""
    page = browser.open("/portal/services/complaint", **how)
    page.fill("[name=subject]", "Warm")
    page.fill("[name=description]", "It does not cool.")
    page.click("button[value=on]")
    page.select_option("[name='data.about']", "product")
    page.click("button[value=on]")
    page.fill("input[data-calendar]", typed)
    page.click("button[aria-haspopup=dialog]")
    expect(page.locator("dialog.cal")).to_be_visible()
    return page


def press(page: Page, *keys: str) -> str:
    """The day in focus after these keys, in words."""
    for key in keys:
        page.keyboard.press(key)
    return str(page.evaluate("document.activeElement.ariaLabel"))


def test_a_jalali_day_by_keys_alone(browser: Browsing, case: Case) -> None:
    page = open_dates(browser, "۱۴۰۵/۰۸/۳۰")
    assert press(page) == "شنبه ۳۰ آبان ۱۴۰۵"
    assert press(page, "ArrowLeft") == "یکشنبه ۱ آذر ۱۴۰۵"
    assert press(page, "ArrowRight", "ArrowUp") == "شنبه ۲۳ آبان ۱۴۰۵"
    assert press(page, "End") == "جمعه ۲۹ آبان ۱۴۰۵"
    assert press(page, "Home", "ArrowDown") == "شنبه ۳۰ آبان ۱۴۰۵"
    assert press(page, "PageDown") == "دوشنبه ۳۰ آذر ۱۴۰۵"
    assert press(page, "PageUp", "PageUp", "PageUp") == "دوشنبه ۳۰ شهریور ۱۴۰۵"
    assert press(page, "Shift+PageUp", "Shift+PageDown") == "دوشنبه ۳۰ شهریور ۱۴۰۵"
    expect(page.locator("#cal-title")).to_have_text("شهریور ۱۴۰۵")
    press(page, "Enter")
    expect(page.locator("dialog")).to_have_count(0)
    assert page.input_value("input[data-calendar]") == "۱۴۰۵/۰۶/۳۰"
    expect(page.locator("button[aria-haspopup=dialog]")).to_be_focused()


def test_a_gregorian_day_by_mouse(browser: Browsing, case: Case) -> None:
    page = open_dates(browser, "2024-01-31", language="en")
    expect(page.locator("[aria-selected=true]")).to_have_attribute(
        "aria-label", "Wednesday 31 January 2024"
    )
    page.click("button[aria-label='Next month']")
    page.click("[aria-label='Thursday 29 February 2024']")
    assert page.input_value("input[data-calendar]") == "2024-02-29"


def test_escape_changes_nothing_and_today_is_the_server_s(browser: Browsing, case: Case) -> None:
    page = open_dates(browser, "", language="en")
    today = date.fromisoformat(page.get_attribute("html", "data-today") or "")
    named = f"{today:%A} {today.day} {today:%B} {today.year}"
    expect(page.locator("[aria-current=date]")).to_have_attribute("aria-label", named)
    assert press(page, "PageDown") != named
    page.click("text=Today")
    assert press(page) == named
    press(page, "Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert page.input_value("input[data-calendar]") == ""


def limit(page: Page, **limits: str) -> None:
    """Opens the calendar again, its field limited by these data attributes."""
    press(page, "Escape")
    page.evaluate(
        "limits => Object.assign(document.querySelector('input[data-calendar]').dataset, limits)",
        limits,
    )
    page.click("button[aria-haspopup=dialog]")


def test_days_outside_the_limits_cannot_be_chosen(browser: Browsing, case: Case) -> None:
    page = open_dates(browser, "2030-05-10", language="en")
    limit(page, min="2030-05-09", max="2030-05-20")
    assert press(page, "ArrowUp") == "Thursday 9 May 2030"
    assert press(page, "PageDown") == "Monday 20 May 2030"
    outside = page.locator("[aria-label='Wednesday 1 May 2030']")
    expect(outside).to_have_attribute("aria-disabled", "true")
    outside.dispatch_event("click")
    expect(page.locator("dialog")).to_be_visible()
    assert page.input_value("input[data-calendar]") == "2030-05-10"


def test_a_day_that_has_passed_cannot_be_chosen_where_none_is_taken(
    browser: Browsing, case: Case
) -> None:
    page = open_dates(browser, "", language="en")
    limit(page, notPast="")
    today = page.locator("[aria-current=date]")
    assert press(page, "PageUp") == today.get_attribute("aria-label")
    expect(page.locator("[aria-disabled]").last).to_be_visible()
    assert "aria-disabled" not in today.evaluate("day => day.getAttributeNames()")


@pytest.mark.parametrize(
    ("language", "size", "dark"),
    [("fa", "wide", True), ("fa", "narrow", False), ("en", "wide", False), ("en", "narrow", True)],
)
def test_the_calendar_has_no_faults_of_accessibility(
    browser: Browsing, case: Case, language: str, size: str, dark: bool
) -> None:
    page = open_dates(browser, "2026-11-16", language=language, size=size, dark=dark)
    assert faults_of(page) == []


EVERY_DAY = """async ([source, first, count]) => {
  const made = await import("data:text/javascript," + encodeURIComponent(source));
  const intl = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn",
    { timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric" });
  const told = [];
  for (let day = first; day < first + count; day += 1) {
    const parts = Object.fromEntries(
      intl.formatToParts(made.asDate(day)).map((part) => [part.type, part.value]));
    const jalali = made.jalali.fromDay(day);
    told.push([made.writeDay(made.gregorian, day), made.writeDay(made.jalali, day),
      [parts.relatedYear ?? parts.year, parts.month, parts.day].map(Number), jalali,
      made.readDay(made.writeDay(made.jalali, day)) === day
        && made.readDay(made.writeDay(made.gregorian, day)) === day
        && made.jalali.toDay(...jalali) === day]);
  }
  return told;
}"""


def test_every_day_of_thirty_one_years_in_both_calendars(chromium: Browser) -> None:
    first = jdatetime.date(1390, 1, 1).togregorian()
    count = (jdatetime.date(1421, 1, 1).togregorian() - first).days
    page = chromium.new_page()
    source = (SOURCES / "calendar.js").read_text(encoding="utf-8")
    told = page.evaluate(EVERY_DAY, [source, (first - date(1970, 1, 1)).days, count])
    page.close()
    expected = [whole(first + timedelta(days=n)) for n in range(count)]
    assert len(told) == count == 11_323
    assert told == expected


def whole(day: date) -> list[Any]:
    jalali = jdatetime.date.fromgregorian(date=day)
    parts = [jalali.year, jalali.month, jalali.day]
    written = f"{jalali.year:04}/{jalali.month:02}/{jalali.day:02}"
    digits = written.translate(str.maketrans("0123456789", PERSIAN))
    return [day.isoformat(), digits, parts, parts, True]


def test_shorter_months_end_the_turn(chromium: Browser) -> None:
    page = chromium.new_page()
    source = (SOURCES / "calendar.js").read_text(encoding="utf-8")
    told = page.evaluate(
        """async (source) => {
          const made = await import("data:text/javascript," + encodeURIComponent(source));
          const turn = (kind, text, by) =>
            made.writeDay(made[kind], made.shiftMonths(made[kind], made.readDay(text), by));
          return [turn("jalali", "1405/06/31", 1), turn("jalali", "1405/01/31", -1),
            turn("jalali", "1403/12/30", 12), turn("gregorian", "2024-01-31", 1),
            turn("gregorian", "2026-03-31", -13), made.readDay("1404/12/30"), made.readDay("soon")];
        }""",
        source,
    )
    page.close()
    assert told == [
        "۱۴۰۵/۰۷/۳۰", "۱۴۰۴/۱۲/۲۹", "۱۴۰۴/۱۲/۲۹", "2024-02-29", "2025-02-28", None, None,
    ]  # fmt: skip
