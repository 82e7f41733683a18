"""An administrator gives a channel its WSDL in a real browser; no faults of accessibility."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import FilePayload

from app import clock_now
from app.access import SYSTEM
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from tests.app.web.test_in_browser import faults_of
from tests.connectors.wsdls import PARTNER, with_in_schema
from tests.support.application import transaction_of
from tests.support.browsing import Browsing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BAD = with_in_schema('<xs:import namespace="u" schemaLocation="file:///etc/passwd"/>')


@pytest.mark.parametrize(("language", "size"), [("fa", "narrow"), ("en", "wide")])
def test_a_wsdl_is_given_refused_and_shown(
    app: Flask, browser: Browsing, language: str, size: str
) -> None:
    with transaction_of(app):
        names = {"fa": "ثبت احوال", "en": "Registry"}
        channel_settings.save(Draft("registry", "soap", names), SYSTEM, clock_now())
    browser.expected.append("422")
    page = browser.sign_in("admin", "/channels/registry", size=size, language=language)
    assert not faults_of(page)
    file: FilePayload = {"name": "c.wsdl", "mimeType": "text/xml", "buffer": BAD}
    page.set_input_files("#wsdl", files=[file])
    page.click("form[action$='/wsdl'] button")
    page.wait_for_selector("#wsdl-error")
    assert "file:///etc/passwd" in page.inner_text("#wsdl-error")
    assert not faults_of(page)
    page.set_input_files("#wsdl", PARTNER)
    page.click("form[action$='/wsdl'] button")
    page.click("summary:has-text('RegisterComplaint')")
    assert "birthDate" in page.inner_text("details[open]")
    assert not faults_of(page)
