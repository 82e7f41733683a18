"""What the tests of mailings are told with: customers, a draft, and who lets it go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.db import session
from app.models import ContactPoint, Delivery, Mailing, MailingRecipient, Party
from app.services.bulk_sending import mailing_acts, mailings
from app.services.bulk_sending.mailings import BUILT_IN, Draft
from tests.app.services.story import actor
from tests.support.application import transaction_of

TEXTS = {
    "fa": {"subject": "خبر تازه", "body": "{{ customer.name }} گرامی، درود."},
    "en": {"subject": "News", "body": "Dear {{ customer.name }}, hello."},
}


def customer(name: str, email: str | None = None, phone: str | None = None, **facts: Any) -> Party:
    """A customer of the standard tier who reads Persian, unless said otherwise."""
    values = {"language": "fa", "tier": "standard", "kind": "person", **facts}
    party = Party(name=name, created_at=datetime.fromisoformat("2026-01-01T00:00+00:00"), **values)
    points = {"email": email, "phone": phone}
    party.contact_points = [ContactPoint(kind=k, value=v) for k, v in points.items() if v]
    session().add(party)
    session().flush()
    return party


def crowd(count: int) -> None:
    """So many customers with an e-mail address each, written with two statements."""
    session().execute(
        text("""
            WITH made AS (
                INSERT INTO party (kind, name, language, tier, created_at)
                SELECT 'person', 'Customer ' || n, CASE WHEN n % 2 = 0 THEN 'fa' ELSE 'en' END,
                       'standard', now()
                  FROM generate_series(1, :count) n
                RETURNING id)
            INSERT INTO contact_point (party_id, kind, value)
            SELECT id, 'email', 'c' || id || '@example.com' FROM made
        """),
        {"count": count},
    )


def drafted(now: datetime, by: str = "maryam", **changes: Any) -> Mailing:
    """A draft in both languages to all customers by the built-in way of mail."""
    facts: dict[str, Any] = {"title": "News", "way": BUILT_IN, "texts": TEXTS, **changes}
    return mailings.save(None, Draft(**facts), 0, actor(by), now)


def released(app: Flask, now: datetime, **changes: Any) -> int:
    """A mailing that is to begin at once; its number."""
    with transaction_of(app):
        mailing = drafted(now, **changes)
        mailing_acts.release(mailing.id, None, actor("maryam"), now)
        return mailing.id


def recipients(app: Flask, mailing_id: int) -> Mapping[str, tuple[str, str | None]]:
    """State and reason of each recipient, by name."""
    with transaction_of(app) as work:
        rows = work.query(MailingRecipient).filter_by(mailing_id=mailing_id)
        return {row.name: (row.state, row.reason) for row in rows}


def sent(app: Flask, mailing_id: int) -> Mapping[str, Delivery]:
    """The messages of a mailing by their address."""
    with transaction_of(app) as work:
        rows = work.query(Delivery).filter_by(mailing_id=mailing_id).all()
        work.expunge_all()
        return {row.recipient: row for row in rows}


def state(app: Flask, mailing_id: int) -> str:
    """How the mailing stands."""
    with transaction_of(app) as work:
        return work.get_one(Mailing, mailing_id, populate_existing=True).state


def draft_to_list(app: Flask, now: datetime) -> int:
    """A draft to the lines of a list; its number."""
    rows = "email,name,amount\nali@example.com,علی,12000\nsara@example.com,سارا,50\n"
    body = "{{ customer.name }} گرامی\n\n{{ row.amount|amount }} ریال"
    texts = {"fa": {"subject": "صورت‌حساب", "body": body}}
    with transaction_of(app):
        return drafted(
            now, texts=texts, fallback="fa", source="list", upload=rows.encode(), file="مشتریان.csv"
        ).id
