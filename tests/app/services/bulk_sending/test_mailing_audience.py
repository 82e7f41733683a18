"""Whom a mailing reaches: conditions on customers and their requests, and uploaded lists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.access import SYSTEM, Actor
from app.db import session
from app.models import Branch, Contract, Party, ServiceRequest
from app.services.bulk_sending import (
    mailing_acts,
    mailing_audience,
    mailing_lists,
    mailing_sending,
)
from app.services.bulk_sending.mailing_audience import Question
from app.services.sending import no_contact
from tests.app.services import mailing_story as told
from tests.app.services import story
from tests.app.services.story import actor
from tests.support.clock import MovingClock

pytestmark = pytest.mark.usefixtures("session")


def reached(
    now: datetime, by: Actor | None = None, medium: str = "email", listed: Any = (), **wanted: Any
) -> list[str]:
    audience = {"source": "list" if listed else "conditions", **wanted}
    question = Question(
        medium, audience, listed, ("fa",), "fa", by or actor("maryam"), now,
        ZoneInfo("Asia/Tehran"),
    )  # fmt: skip
    found = mailing_audience.reach(question)
    assert found.count == len(found.first)
    return [row.name for row in found.first]


def test_each_condition_narrows_and_of_each_list_one_is_enough(clock: MovingClock) -> None:
    session().add(Branch(key="north", names={"en": "North"}))
    session().flush()
    gold = told.customer("gold", "1@example.com", tier="gold", branch_key="north")
    told.customer("plain", "2@example.com")
    told.customer("John", "3@example.com", language="en", branch_key="north")
    assert reached(clock()) == ["gold", "plain", "John"]
    assert reached(clock(), tiers=["gold", "silver"]) == ["gold"]
    assert reached(clock(), languages=["en"]) == ["John"]
    assert reached(clock(), branches=["north"]) == ["gold", "John"]
    assert reached(clock(), branches=["north"], languages=["fa"]) == ["gold"]
    ends = {"ends_on": date(2026, 5, 2)}
    session().add(contract(gold, "1", **ends))
    session().flush()
    assert reached(clock(), levels=["premium"]) == ["gold"]
    clock.move(days=1)
    assert reached(clock(), levels=["premium"]) == []


def test_at_sight_only_the_first_are_looked_at(clock: MovingClock) -> None:
    for n in range(4):
        told.customer(f"c{n}", None if n == 0 else f"{n % 2}@example.com")
    mailing = told.drafted(clock())

    def count(most: int | None) -> tuple[int, int | None]:
        question = mailing_sending.question_of(mailing, actor("maryam"), clock(), most)
        found = mailing_audience.reach(question)
        return found.count, found.of_first

    assert [count(1), count(3), count(9), count(None)] == [(0, 1), (2, 3), (2, None), (2, None)]
    # Of a list no more lines are read than are looked at.
    rows = "email\n" + "".join(f"{n}@example.com\n" for n in range(5))
    mailing = told.drafted(clock(), source="list", upload=rows.encode(), file="x.csv")
    session().expire(mailing)
    question = mailing_sending.question_of(mailing, actor("maryam"), clock(), 2)
    assert [one["address"] for one in question.listed] == ["0@example.com", "1@example.com"]
    assert [count(2), count(5), count(6)] == [(2, 2), (5, 5), (5, None)]


def test_whoever_is_reached_may_come_after_all_that_are_looked_at_first(
    clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing_audience, "AT_SIGHT", 2)
    for n in range(3):
        told.customer(f"c{n}", "c@example.com" if n == 2 else None)
    mailing = told.drafted(clock())
    assert mailing_acts.release(mailing.id, None, actor("maryam"), clock()).state == "scheduled"


def contract(party: Party, number: str, **facts: Any) -> Contract:
    return Contract(
        party_id=party.id, number=number, names={"en": "x"}, level="premium", services=[],
        starts_on=date(2026, 1, 1), **facts,
    )  # fmt: skip


def test_what_they_asked_for_and_when(clock: MovingClock) -> None:
    told.customer("silent", "silent@example.com")
    request: ServiceRequest = story.submit(clock())
    name = request.customer.name
    assert reached(clock(), asked={"service": "complaint"}) == [name]
    assert reached(clock(), asked={"service": "incident"}) == []
    assert reached(clock(), asked={"service": "", "status": "open"}) == [name]
    assert reached(clock(), asked={"service": "", "status": "closed"}) == []
    assert reached(clock(), asked={"since": "2026-05-02", "until": "2026-05-02"}) == [name]
    assert reached(clock(), asked={"since": "2026-05-03"}) == []
    assert reached(clock(), asked={"until": "2026-05-01"}) == []


def test_nobody_learns_by_a_count_who_complains_in_confidence(clock: MovingClock) -> None:
    request = story.submit(clock())
    request.confidential = True
    session().flush()
    asked = {"service": "complaint"}
    assert reached(clock(), asked=asked) == [request.customer.name]
    assert reached(clock(), by=actor("admin"), asked=asked) == []
    assert reached(clock(), by=actor("admin")) == []


def test_text_messages_go_to_mobile_numbers(clock: MovingClock) -> None:
    party = told.customer("both", phone="+982188000000")
    told.customer("landline", phone="+982188000001")
    told.customer("abroad", phone="+442079460958")
    told.customer("mobile", phone="+989120000001")
    told.customer("barred", phone="+989120000002")
    no_contact.bar("phone", "+989120000002", "opted_out", SYSTEM, clock())
    party.contact_points.append(type(party.contact_points[0])(kind="phone", value="+989120000003"))
    session().flush()
    assert reached(clock(), medium="sms") == ["both", "abroad", "mobile"]


def read(text: str, medium: str = "email") -> mailing_lists.Listed:
    return mailing_lists.read(text.encode(), medium, actor("maryam"))


def test_a_list_names_customers_and_addresses(clock: MovingClock) -> None:
    ali = told.customer("Ali", "ali@example.com")
    told.customer("Sara", "sara@example.com", language="en")
    content = (
        "\ufeffCustomer;Email;Name;Language;Amount due\r\n"
        f"{ali.id};;;;۵\r\n"
        ";SARA@example.com;;;6\r\n"
        ";new@example.com;New One;fa;7\r\n"
        ";ali@example.com;Twice;;8\r\n"
    )
    found = read(content)
    assert not found.wrong
    assert found.columns == ["amount_due"]
    assert found.rows[0]["facts"] == {"amount_due": "۵"}
    assert reached(clock(), listed=found.rows) == ["Ali", "Sara", "New One"]


def test_each_line_tells_what_is_wrong_with_it() -> None:
    found = read(
        "customer,email,language\n"
        "abc,,\n"
        "999999,,\n"
        ",nobody,\n"
        ",,\n"
        ",a@example.com,xx\n"
        ",b@example.com\n"
        ",c@example.com,fa\n"
    )
    assert [(one.line, one.code) for one in found.wrong] == [
        (2, "customer"), (3, "no_customer"), (4, "email"), (6, "language"), (7, "count"),
    ]  # fmt: skip
    assert [row["address"] for row in found.rows] == ["c@example.com"]
    for one in found.wrong:
        assert mailing_lists.explain(one, "fa") != mailing_lists.explain(one, "en")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"email\n", "empty"),
        (b"name\nAli\n", "no_column"),
        (b"email,email\na@example.com,b\n", "column_twice"),
        (b"email,=1\na@example.com,b\n", "column"),
        ("email\nسلام".encode("cp1256"), "not_utf8"),
        (b"email\na\0b\n", "not_csv"),
        (b'email\n"a\n', "not_csv"),
        (b"x" * (mailing_lists.LARGEST + 1), "too_large"),
        (b"email\n" + b"a\n" * (mailing_lists.MOST_LINES + 1), "too_many"),
        (",".join(["email", *(f"c{n}" for n in range(20))]).encode() + b"\n", "columns"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(content: bytes, code: str) -> None:
    found = mailing_lists.read(content, "email", actor("maryam"))
    assert code in [one.code for one in found.wrong]
    assert not found.rows
