"""Drafts of mailings: who writes them, what is wrong told by its field, and their trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access import SYSTEM
from app.errors import Conflict, Forbidden, Invalid
from app.models import Delivery
from app.services.bulk_sending import (
    mailing_acts,
    mailing_audience,
    mailing_reports,
    mailing_sending,
    mailings,
)
from app.services.bulk_sending.mailings import BUILT_IN, Draft
from app.services.sending import no_contact
from tests.app.services import mailing_story as told
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements


def wrong_in(clock: MovingClock, **changes: Any) -> dict[str, list[str]]:
    draft = Draft(**{"title": "News", "way": BUILT_IN, "texts": told.TEXTS, **changes})
    with pytest.raises(Invalid) as refused:
        mailings.save(None, draft, 0, replace(actor("maryam"), language="en"), clock())
    return {name: list(texts) for name, texts in refused.value.errors.items()}


@pytest.mark.usefixtures("session")
def test_what_is_wrong_is_told_by_its_field(clock: MovingClock) -> None:
    body = {"subject": "{{ custmer.name }}", "body": "{% if row.debt %}x{% endif %}"}
    texts = {"en": body, "fa": {"subject": "خبر", "body": "{{ 1 + 1 }}"}}
    wrong = wrong_in(clock, texts=texts, title=" ", way="nothing", per_minute=0)
    assert set(wrong) == {
        "title", "way", "per_minute", "subject_en", "body_en", "body_fa",
    }  # fmt: skip
    assert "custmer" in wrong["subject_en"][0]
    assert "row.debt" in wrong["body_en"][0]
    assert set(wrong_in(clock, texts={"fa": told.TEXTS["fa"]})) == {"fallback"}
    assert set(wrong_in(clock, texts={})) == {"body_fa"}
    assert set(wrong_in(clock, source="list")) == {"list"}
    asked = {"service": "x", "since": "2026-05-02", "until": "2026-05-01"}
    assert set(wrong_in(clock, conditions={"asked": asked})) == {"until"}
    assert set(wrong_in(clock, conditions={"asked": {"since": "x"}})) == {"since"}


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("{{ customer.name.first }}", "customer.name.first"),
        ("{{ organisation.name }}", "organisation.name"),
        ("{% if customer.name == 'x' %}{{ row.amount.x }}{% endif %}", "row.amount.x"),
        ("{% if customer.name == 'x' %}{{ row['paid'] }}{% endif %}", "row.paid"),
        ("{{ request.number.x }}", "request"),
    ],
)
def test_a_member_that_a_value_does_not_have_is_named_beside_its_field(
    clock: MovingClock, said: str, named: str
) -> None:
    texts = {"fa": told.TEXTS["fa"], "en": {"subject": "News", "body": f"Hello\n{said}"}}
    rows = b"email,amount,day\na@example.com,5,2026-03-21\n"
    wrong = wrong_in(clock, texts=texts, source="list", upload=rows, file="a.csv")
    assert wrong == {"body_en": [f"Nothing is called \u2068{named}\u2069."]}
    texts["en"]["body"] = "{{ row.day|date }} {{ row.amount|amount }}"
    assert told.drafted(clock(), texts=texts, source="list", upload=rows, file="a.csv").id


@pytest.mark.usefixtures("session")
def test_one_language_serves_when_somebody_says_so(clock: MovingClock) -> None:
    told.customer("John", "john@example.com", language="en")
    mailing = told.drafted(clock(), texts={"fa": told.TEXTS["fa"]}, fallback="fa")
    question = mailing_sending.question_of(mailing, actor("maryam"), clock())
    assert [row.language for row in mailing_audience.reach(question).first] == ["fa"]


@pytest.mark.usefixtures("session")
def test_only_managers_write_and_nobody_overwrites(clock: MovingClock) -> None:
    with pytest.raises(Forbidden):
        told.drafted(clock(), by="sara")
    mailing = told.drafted(clock())
    draft = Draft("Other", BUILT_IN, told.TEXTS)
    mailings.save(mailing.id, draft, 1, actor("admin"), clock())
    with pytest.raises(Conflict):
        mailings.save(mailing.id, draft, 1, actor("maryam"), clock())
    with pytest.raises(Forbidden):
        mailing_acts.release(mailing.id, None, actor("sara"), clock())
    with pytest.raises(Invalid):
        mailing_acts.release(mailing.id, None, actor("maryam"), clock())


def test_a_long_list_is_read_only_where_it_is_needed(app: Flask, clock: MovingClock) -> None:
    number = told.draft_to_list(app, clock())
    with transaction_of(app), statements() as texts:
        mailing_reports.told(mailings.find(number))
        assert not [one for one in texts if "listed" in one]
        question = mailing_sending.question_of(mailings.find(number), actor("maryam"), clock())
        assert len(question.listed) == 2


def test_a_trial_goes_to_oneself_and_counts_nowhere(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    with transaction_of(app):
        number = told.drafted(clock()).id
        mailing_acts.send_trial(number, "me@example.com", "en", actor("maryam"), clock())
        no_contact.bar("email", "not@example.com", "asked", SYSTEM, clock())
        with pytest.raises(Invalid):
            mailing_acts.send_trial(number, "not@example.com", "en", actor("maryam"), clock())
    run_jobs()
    assert not told.sent(app, number)
    with transaction_of(app) as work:
        row = work.scalars(select(Delivery).where(Delivery.recipient == "me@example.com")).one()
        assert (row.state, row.subject) == ("accepted", "[Trial] News")
