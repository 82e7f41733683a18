"""The staff's pages in a real browser: keys, preview, fresh lists, drafts, diagram, no faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

import tests.support
from app.models import UserTask
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import processes
from tests.app.services.story import actor, submit
from tests.app.web.conftest import Case, Submit
from tests.app.web.test_called_processes import CALLER, INNER
from tests.app.web.test_runs import CARE
from tests.bpmn.build import drawn
from tests.support.application import transaction_of
from tests.support.browsing import Browsing, look_at
from tests.support.clock import MovingClock

pytestmark = pytest.mark.browser

AXE = Path(tests.support.__file__).with_name("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JUDGE = """
    rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"]})
        .then(found => found.violations)
"""
"""Only what is wrong is gathered and told: all that is right would take twice as long."""


def press(page: Page, code: str, key: str, *, shift: bool = False) -> None:
    """A key by its place on the keyboard, as a Persian layout sends it."""
    page.evaluate(
        "([code, key, shiftKey]) => document.activeElement.dispatchEvent(new KeyboardEvent("
        "'keydown', {code, key, shiftKey, bubbles: true, cancelable: true}))",
        [code, key, shift],
    )


def faults_of(page: Page) -> list[str]:
    """What axe finds on the page, and whether it scrolls sideways."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: Any = page.evaluate(JUDGE, RULES)
    told = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*told, f"{page.url} is {wide} px too wide"] if wide > 0 else told


LOOKS = [
    ("fa", "wide", False),
    ("fa", "narrow", True),
    ("en", "wide", True),
    ("en", "narrow", False),
]
"""Each language, width and theme together with each of the others."""


@pytest.mark.parametrize("language", ["fa", "en"])
def test_no_page_has_faults_of_accessibility(browser: Browsing, case: Case, language: str) -> None:
    page = browser.sign_in("admin", "/", language=language)
    looks = [(size, dark) for spoken, size, dark in LOOKS if spoken == language]
    paths = [
        "/", "/?view=mine", case.task, case.page, f"{case.page}/diagram", "/requests",
        "/requests?q=zzz", "/requests/new?service=complaint", "/customers", "/customers/1",
        "/processes", "/processes/2", "/instances/1", "/faults", "/deliveries", "/outbox",
        "/users", "/users/sara", "/account", "/service-levels", "/service-levels/calendar/iran",
        "/service-levels/policy/complaint", "/service-levels/ladder/notice",
        "/service-levels/calendar/iran/edit", "/service-levels/policy/complaint/edit",
        "/service-levels/ladder/notice/edit", "/service-levels/ladder/notice/edit?how=text",
        "/service-levels/policy/new", "/letters", "/letters/complaint-closed",
    ]  # fmt: skip
    found = []
    for path in paths:
        page.goto(path)
        for look in looks:
            look_at(page, *look)
            found += [f"{path} {look} {fault}" for fault in faults_of(page)]
    assert found == []


@pytest.mark.parametrize(("language", "size", "dark"), LOOKS)
def test_no_state_of_a_run_has_faults_of_accessibility(
    app: Flask, browser: Browsing, clock: MovingClock, language: str, size: str, dark: bool
) -> None:
    browser.expected += ["422", "409"]
    request, standing, faulty, version, called = states_of_a_run(app, clock)
    page = browser.sign_in("admin", "/", language=language, size=size, dark=dark)
    found = []
    paths = (
        request,
        standing,
        faulty,
        version,
        f"{version}/moves",
        called,
        "/processes",
        "/faults",
    )
    for path in paths:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details.op').forEach(one => one.open = true)")
        found += [f"{path} {fault}" for fault in faults_of(page)]
    page.goto(standing)
    page.click("details.op:has(form[action$='/variables']) summary")
    page.click("form[action$='/variables'] button")
    page.wait_for_selector("details[open] .invalid-feedback")
    found += [f"refused {fault}" for fault in faults_of(page)]
    page.goto(request)
    page.focus("form[action$='/activate'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast-pg")
    page.goto(standing)
    page.locator("details.op:has(form[action$='/suspend']) summary").focus()
    page.keyboard.press("Enter")
    page.fill("#suspend-reason", "A flood")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=A flood")
    found += [f"suspended {fault}" for fault in faults_of(page)]
    assert found == []


def states_of_a_run(app: Flask, clock: MovingClock) -> tuple[str, str, str, str, str]:
    """The pages of a request with steps to begin, of its run, of a faulty run with a gateway to
    skip, of a version, of a process that is called."""
    divide = Path(__file__).parents[1] / "services" / "divide.bpmn"
    with transaction_of(app) as session:
        row = definitions.deploy("care.bpmn", CARE, actor("admin"), clock(), tag="spring")
        request = submit(clock(), language="en")
        run = processes.start(row, {"amount": 70}, actor("admin"), clock(), request=request)
        newer = CARE.replace(b"Visit them", b"See them")
        newest = definitions.deploy("care.bpmn", newer, actor("admin"), clock())
        other = definitions.deploy(divide.name, divide.read_bytes(), actor("admin"), clock())
        faulty = processes.start(other, {"share": "none"}, actor("admin"), clock())
        task = session.scalars(select(UserTask).filter_by(instance_id=faulty.id)).one()
        tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
        files = [("outer.bpmn", drawn(CALLER)), ("inner.bpmn", INNER)]
        caller, inner = definitions.deploy_together(files, actor("admin"), clock())
        processes.start(caller, {}, actor("admin"), clock())
        return (
            f"/requests/{request.number}", f"/instances/{run.id}", f"/instances/{faulty.id}",
            f"/processes/{newest.id}", f"/processes/{inner.id}",
        )  # fmt: skip


def test_the_door_and_the_error_pages_have_no_faults(browser: Browsing) -> None:
    browser.expected.append("404")
    for language in ("fa", "en"):
        page = browser.open("/login", language=language)
        assert faults_of(page) == []
        page.goto("/nothing-here")
        assert faults_of(page) == []


def test_keys_move_through_the_inbox_and_the_preview_follows(
    browser: Browsing, submit: Submit
) -> None:
    submit(subject="First"), submit(subject="Second")
    page = browser.sign_in("narges", "/", language="en")
    preview = page.locator(".preview h2").first
    expect(preview).to_have_text("First")
    press(page, "KeyJ", "ت")
    expect(preview).to_have_text("Second")
    press(page, "KeyK", "ن")
    expect(preview).to_have_text("First")
    press(page, "KeyX", "ط")
    expect(page.locator(".selbar")).to_be_visible()
    expect(page.locator("[data-n]")).to_have_text("1")
    press(page, "Escape", "Escape")
    expect(page.locator(".selbar")).to_be_hidden()
    press(page, "Slash", "؟", shift=True)
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "Slash", "/")
    assert page.evaluate("document.activeElement.type") == "search"


def test_single_keys_can_be_turned_off(browser: Browsing, case: Case) -> None:
    page = browser.sign_in("narges", "/account", language="en")
    page.uncheck("[name=keys]")
    with page.expect_navigation():
        page.click("main form button >> nth=0")
    page.goto("/")
    press(page, "KeyX", "x")
    expect(page.locator(".selbar")).to_be_hidden()
    press(page, "Slash", "/")
    assert page.evaluate("document.activeElement.type") != "search"


def test_the_list_takes_in_what_others_do(browser: Browsing, submit: Submit, login: Any) -> None:
    case = submit(subject="Fridge")
    page = browser.sign_in("narges", "/", language="en")
    expect(page.locator(".item")).to_have_count(1)
    page.locator(".item input").check()
    other = submit(subject="Lift")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".item")).to_have_count(2)
    expect(page.locator("[data-count=group]")).to_have_text("2")
    assert page.locator(f".item[data-id='{case.task_id}'] input").is_checked()
    page.locator(".selbar button").first.click()
    expect(page.locator("[data-count=mine]")).to_have_text("1")
    assert other.task_id != case.task_id


def test_a_draft_and_a_note_are_sent_without_losing_the_form(browser: Browsing, case: Case) -> None:
    page = browser.sign_in("narges", case.task, language="en")
    page.fill("[name=people_concerned]", "12")
    press(page, "KeyN", "د")
    assert page.evaluate("document.activeElement.name") == "people_concerned", "no key in a field"
    press(page, "Escape", "Escape")
    press(page, "KeyN", "د")
    assert page.evaluate("document.activeElement.dataset.key") == "composer"
    assert page.locator("[data-mode=note]").is_checked()
    page.keyboard.type("Three units in stock.")
    page.click("#talk button[type=submit]")
    expect(page.locator("#talk .bubble-note")).to_contain_text("Three units in stock.")
    assert page.input_value("[name=people_concerned]") == "12"
    page.click("text=Save draft")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    page.reload()
    assert page.input_value("[name=people_concerned]") == "12"


def test_an_empty_note_is_explained_on_the_spot(browser: Browsing, case: Case) -> None:
    browser.expected.append("422")
    page = browser.sign_in("narges", case.task, language="en")
    page.click("#talk button[type=submit]")
    expect(page.locator("#talk-e")).to_have_text("Write your message.")


def test_the_diagram_marks_token_and_path_and_keeps_its_makers_mark(
    browser: Browsing, case: Case
) -> None:
    page = browser.sign_in("narges", f"{case.page}/diagram", language="fa")
    page.wait_for_selector("[data-ready]", state="attached")
    expect(page.locator("[data-element-id=assess].is-here")).to_have_count(1)
    expect(page.locator(".djs-connection.is-taken")).not_to_have_count(0)
    expect(page.locator(".bpmn-token").first).to_be_visible()
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    assert page.get_attribute("[data-diagram]", "dir") == "ltr"
    page.click("[data-zoom=fit]")
    expect(page.locator("text=ارزیابی شکایت").first).to_be_visible()


def test_the_theme_is_remembered(browser: Browsing, case: Case) -> None:
    page = browser.sign_in("narges", "/", language="en")
    page.click("[data-theme-toggle]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.goto("/requests")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    # White paper has dark letters all the same.
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.get_attribute("html", "data-bs-theme") == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.get_attribute("html", "data-bs-theme") == "dark"


def test_a_click_beside_the_title_shows_the_preview_and_on_it_opens_the_task(
    browser: Browsing, submit: Submit
) -> None:
    submit(subject="One"), submit(subject="Two")
    page = browser.sign_in("narges", "/", language="en")
    page.locator(".item").nth(1).locator(".item-due").click(force=True)
    expect(page.locator(".preview h2").first).to_have_text("Two")
    page.locator(".item-t").nth(1).click(position={"x": 5, "y": 5})
    expect(page.locator("h1")).to_have_text("Two")
