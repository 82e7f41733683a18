"""The page of a refused file in a real browser: it fits, and expressions stand in their order."""

from __future__ import annotations

import pytest

from tests.app.web.test_in_browser import faults_of
from tests.bpmn.build import end, flows, process, script, start, user
from tests.support.browsing import Browsing

pytestmark = pytest.mark.browser

SOURCE = process(
    start(), script("s", "=count(for item in units return item.price * 2", "r"),
    user("a", groups=""), end(), flows("start > s > a > end"),
)  # fmt: skip


@pytest.mark.parametrize(("language", "size"), [("fa", "wide"), ("fa", "narrow"), ("en", "narrow")])
def test_findings_of_a_refused_file_fit_the_page(
    browser: Browsing, language: str, size: str
) -> None:
    page = browser.sign_in("admin", "/processes", language=language, size=size)
    page.set_input_files("#file", {"name": "x.bpmn", "mimeType": "text/xml", "buffer": SOURCE})
    page.locator("form[enctype] button.btn-primary").click()
    page.wait_for_selector("section[role=alert]")
    assert faults_of(page) == []
    browser.complaints.clear()  # The browser complains of the status 422, which is meant.
