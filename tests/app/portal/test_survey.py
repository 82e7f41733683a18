"""The customer is asked how it was, on a page of its own behind the tracking code."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.access import SYSTEM
from app.models import Event, ProcessInstance
from app.services.deployment import definitions
from tests.support.application import transaction_of

from .conftest import Customer

DIAGRAM = Path(__file__).parent / "small-survey.bpmn"


@pytest.fixture
def process(app: Flask) -> None:
    """A process that only asks how it was, in place of the small complaint."""
    with transaction_of(app):
        now = app.extensions["peygir.now"]()
        definitions.deploy(DIAGRAM.name, DIAGRAM.read_bytes(), SYSTEM, now)


@pytest.fixture
def path(sent: Customer) -> str:
    """The address of the page with the questions."""
    return f"/portal/track/{sent.code}/survey"


def test_the_tracking_page_leads_to_the_questions(sent: Customer, path: str) -> None:
    sent.open(f"/portal/track/{sent.code}")
    assert "How did we handle your request?" in sent.text
    assert sent.page.xpath("//a[contains(., 'Answer the questions')]/@href") == [path]
    assert sent.open(path).heading == "How was it?"


def test_the_answers_are_kept_and_asked_for_once(sent: Customer, path: str, app: Flask) -> None:
    sent.open(path).send("/survey", survey_score="2", survey_comment="It took long.")
    assert "Thank you. Your answers help us." in sent.text
    assert "How did we handle your request?" not in sent.text
    with transaction_of(app) as session:
        kept = session.scalars(select(Event).where(Event.kind == "survey_answered")).one()
        assert (kept.data["survey_score"], kept.actor_kind) == ("2", "customer")
        assert session.scalars(select(ProcessInstance)).one().status == "completed"
    assert "We ask nothing at this moment." in sent.open(path).text


def test_a_forgotten_score_is_asked_for_again(sent: Customer, path: str) -> None:
    sent.open(path).send("/survey", survey_comment="It took long.")
    assert sent.status == 422
    assert "Choose one" in sent.text
    assert "It took long." in sent.text
    linked = sent.page.xpath("//*[@role='alert']//a/@href")
    assert [bool(sent.page.xpath(f"//*[@id='{one[1:]}']")) for one in linked] == [True]


def test_answers_sent_twice_change_nothing(sent: Customer, path: str) -> None:
    sent.open(path)
    form, good = path, {"survey_score": "5"}
    sent.client.post(form, data=good)
    again = sent.client.post(form, data=good, follow_redirects=True)
    assert "We ask nothing at this moment." in again.get_data(as_text=True)


def test_a_wrong_code_opens_no_questions(sent: Customer) -> None:
    assert sent.open("/portal/track/WRNG-CODE-HERE/survey").status == 404
