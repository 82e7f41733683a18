"""The house's keeping: letters, users and groups, one's own account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access import TERMINAL
from app.models import Delivery, ServiceRequest, User
from app.services import history
from app.services.accounts import entrance, people
from app.services.bulk_sending import mailing_sending
from app.services.execution import faults
from connectors.errors import LostReply
from tests.app.services import mailing_story
from tests.app.services.calling import RunJobs, World, bare
from tests.app.services.story import actor
from tests.app.web.conftest import Case, read, said
from tests.support.application import transaction_of
from tests.support.cast import PASSWORD
from tests.support.clock import MovingClock
from tests.support.kinds import Partner

Login = Callable[..., FlaskClient]

CLOSED = ["/outbox", "/outbox/abc", "/users", "/users/sara", "/deliveries"]


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("name", ["sara", "maryam"])
def test_only_administrators_keep_the_house(login: Login, path: str, name: str) -> None:
    assert login(name).get(path).status_code == 403


def test_faults_are_for_managers(login: Login) -> None:
    assert login("sara").get("/faults").status_code == 403
    assert login("maryam").get("/faults").status_code == 200


def test_nobody_s_menu_offers_what_they_may_not(login: Login) -> None:
    for name, offered in (("sara", 0), ("admin", 1)):
        page = read(login(name).get("/account"))
        assert len(page.xpath("//nav//a[@href='/users'] | //details//a[@href='/users']")) == offered


def test_a_letter_is_shown_as_text_and_its_html_as_source(login: Login, data: Path) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = "peygir@localhost", "maryam@example.com"
    letter["Subject"] = "شکایت شما رسید"
    letter["Date"] = datetime(2026, 5, 2, tzinfo=UTC)
    letter.set_content("سلام")
    letter.add_alternative("<b onclick=x()>سلام</b><script>alert(1)</script>", subtype="html")
    (data / "outbox").mkdir(exist_ok=True)
    (data / "outbox" / "abc123.eml").write_bytes(bytes(letter))
    admin = login("admin")
    assert "شکایت شما رسید" in said(admin.get("/outbox"))
    shown = admin.get("/outbox/abc123")
    assert shown.status_code == 200
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert" in shown.text


@pytest.mark.parametrize("name", ["missing", "..", "..%2f..%2fsecret", "a" * 400])
def test_a_letter_that_is_not_there_is_a_404(login: Login, name: str) -> None:
    assert login("admin").get(f"/outbox/{name}").status_code == 404


def test_what_was_sent_is_listed(login: Login, case: Case) -> None:
    assert "maryam@example.com" in said(login("admin").get("/deliveries"))


LETTER = "R-000001"


def test_mailings_stand_apart_from_what_was_written_to_one_customer(
    app: Flask, login: Login, case: Case, clock: MovingClock
) -> None:
    with transaction_of(app):
        mailing_story.crowd(2)
    number = mailing_story.released(app, clock(), title="Spring")
    mailing_story.released(app, clock(), title="Autumn")
    with transaction_of(app):
        mailing_sending.advance(number, clock())
    admin = login("admin")

    def shown(of: str) -> tuple[bool, int]:
        page = admin.get(f"/deliveries?of={of}")
        return LETTER in said(page), said(page).count("Mailing: Spring")

    assert shown("") == (True, 1)
    assert shown("mailings") == (False, 4)
    assert shown("all") == (True, 4)
    assert shown(str(number)) == (False, 4)
    assert shown(str(number + 1)) == (False, 1)
    assert "Nothing of this kind was sent yet" in said(admin.get(f"/deliveries?of={number + 1}"))
    page = read(admin.get("/deliveries?of=999"))
    assert page.xpath("//option[@selected]/text()") == ["Mailing 999"]
    assert shown("nonsense") == (True, 1)
    where = f"/deliveries?of={number}"
    assert where in admin.get(f"/mailings/{number}").text
    assert where not in login("maryam").get(f"/mailings/{number}").text


def test_calls_of_partners_are_listed_with_their_state_and_cost(
    app: Flask, login: Login, case: Case
) -> None:
    facts = {
        "reference": "d-1", "channel": "http", "recipient": "crm", "recipient_name": "",
        "language": "en", "subject": "", "body": "", "state": "unknown",
        "cost": Decimal("12.5"), "currency": "IRR", "created_at": datetime(2026, 5, 2, tzinfo=UTC),
    }  # fmt: skip
    with transaction_of(app) as session:
        session.add(Delivery(**facts))
    page = said(login("admin").get("/deliveries"))
    assert "nobody knows whether it arrived" in page
    assert "Cost: 12.5 IRR" in page


def test_what_a_service_task_sent_leads_to_its_channel_run_and_fault(
    app: Flask, login: Login, clock: MovingClock, run_jobs: RunJobs, partner: Partner
) -> None:
    partner.script = [LostReply("reset")]
    world = World(app, clock, run_jobs)
    world.channel("held-parrot")
    world.go(bare("held-parrot"))
    admin, run = login("admin"), f"/instances/{world.instance_id}"
    with transaction_of(app):
        [fault] = faults.of_instance(world.instance_id)
        at = f"{run}#fault-{fault.id}"
    page = read(admin.get("/deliveries"))
    assert "Birds" in page.xpath("string(//tbody//th)")
    assert at in page.xpath("//tbody//th//a/@href")
    one = read(admin.get(f"/deliveries/{world.row.id}"))
    assert at in one.xpath("//main//a/@href")
    with transaction_of(app):
        faults.skip(fault.id, {}, actor("admin"), clock())
    page = read(admin.get("/deliveries"))
    assert run in page.xpath("//tbody//th//a/@href")
    assert "closed without an answer" in page.xpath("string(//tbody)")
    assert "nobody knows" not in page.xpath("string(//tbody)")


def test_messages_are_found_by_address_and_state(login: Login, case: Case) -> None:
    admin = login("admin")

    def count(asked: str) -> int:
        return len(read(admin.get(f"/deliveries?{asked}")).xpath("//tbody/tr"))

    everything = count("")
    assert 0 < count("to=Maryam@example.com") <= everything
    assert count("to=nobody@example.com") == count("state=dead") == 0
    assert "Nothing of this kind" in said(admin.get("/deliveries?state=dead"))
    assert count("state=accepted") + count("state=queued") == everything
    found = read(admin.get("/deliveries?to=a@b.c&state=queued"))
    assert found.xpath("//input[@name='to']/@value") == ["a@b.c"]
    assert found.xpath("//select[@name='state']/option[@selected]/@value") == ["queued"]


def test_letters_of_a_confidential_request_are_not_for_the_house(
    app: Flask, login: Login, case: Case, data: Path
) -> None:
    with transaction_of(app) as session:
        session.get_one(ServiceRequest, case.request_id).confidential = True
        query = select(Delivery.reference).where(Delivery.request_id == case.request_id)
        reference = session.scalars(query).first()
    (data / "outbox").mkdir(exist_ok=True)
    (data / "outbox" / f"{reference}.eml").write_bytes(
        b"Date: Sat, 2 May 2026 08:00:00 +0000\nSubject: secret\n\nsecret"
    )
    admin = login("admin")
    assert "maryam@example.com" not in said(admin.get("/deliveries"))
    assert "secret" not in said(admin.get("/outbox"))
    assert admin.get(f"/outbox/{reference}").status_code == 404


def test_a_user_is_added_with_a_first_password(app: Flask, login: Login) -> None:
    admin = login("admin")
    form = {
        "login": "Dana",
        "name_fa": "دانا",
        "name_en": "Dana",
        "roles": ["staff"],
        "groups": ["quality"],
    }
    answer = admin.post("/users", data=form)
    assert answer.status_code == 303
    told = said(admin.get("/users")) + read(admin.get("/users")).text_content()
    assert "dana" in told
    with transaction_of(app) as session:
        dana = session.scalars(select(User).where(User.login == "dana")).one()
        assert (dana.roles, [group.key for group in dana.groups]) == (["staff"], ["quality"])


def test_a_wrong_user_is_explained(login: Login) -> None:
    admin = login("admin")
    answer = admin.post("/users", data={"login": "a b", "name_fa": "", "name_en": ""})
    assert answer.status_code == 422
    links = read(answer).xpath("//div[@role='alert']//a/@href")
    assert set(links) == {"#login", "#name_fa", "#roles"}
    taken = {"login": "sara", "name_en": "Sara", "roles": ["staff"]}
    assert admin.post("/users", data=taken).status_code == 422


def test_who_is_shut_out_is_out_at_once(login: Login) -> None:
    sara, admin = login("sara"), login("admin")
    admin.post("/users/sara", data={"act": "deactivate"})
    assert sara.get("/").status_code == 302
    refused = sara.post("/login", data={"login": "sara", "password": PASSWORD})
    assert refused.status_code == 422
    admin.post("/users/sara", data={"act": "activate"})
    assert login("sara").get("/").status_code == 200


def test_administrators_do_not_shut_themselves_out(login: Login) -> None:
    admin = login("admin")
    assert admin.post("/users/admin", data={"act": "deactivate"}).status_code == 409
    assert admin.post("/users/admin", data={"act": "place", "roles": ["staff"]}).status_code == 409
    assert admin.get("/users").status_code == 200


def test_a_role_that_does_not_exist_is_not_given(app: Flask, login: Login) -> None:
    form = {"act": "place", "roles": ["staff", "emperor"], "groups": ["intake"]}
    login("admin").post("/users/sara", data=form)
    with transaction_of(app) as session:
        sara = session.scalars(select(User).where(User.login == "sara")).one()
        assert (sara.roles, [group.key for group in sara.groups]) == (["staff"], ["intake"])


def test_one_s_own_settings_are_kept(login: Login) -> None:
    sara = login("sara")
    sara.post("/account", data={"language": "fa", "theme": "dark"})
    page = read(sara.get("/"))
    assert page.get("lang") == "fa"
    assert page.get("data-bs-theme") == "dark"
    assert page.xpath("//body/@data-keys") == ["off"]
    sara.post("/account", data={"language": "en", "theme": "", "keys": "on"})
    page = read(sara.get("/"))
    assert page.get("data-bs-theme") is None
    assert not page.xpath("//body/@data-keys")


def test_the_theme_of_this_device_counts_first(login: Login) -> None:
    sara = login("sara")
    sara.set_cookie("theme", "dark")
    assert read(sara.get("/")).get("data-bs-theme") == "dark"
    sara.set_cookie("theme", '"><script>')
    assert read(sara.get("/")).get("data-bs-theme") is None


def test_changing_the_password_needs_the_old_one_and_ends_every_session(login: Login) -> None:
    sara, elsewhere = login("sara"), login("sara")
    wrong = sara.post("/account/password", data={"old": "x", "new": "a-new-long-password"})
    assert wrong.status_code == 422
    short = sara.post("/account/password", data={"old": PASSWORD, "new": "short"})
    assert short.status_code == 422
    done = sara.post("/account/password", data={"old": PASSWORD, "new": "a-new-long-password"})
    assert done.location == "/login"
    assert elsewhere.get("/").status_code == 302
    assert login("sara", "a-new-long-password").get("/").status_code == 200


def test_an_administrator_says_where_somebodys_letters_go(login: Login, app: Flask) -> None:
    admin = login("admin")
    typed = {"email": "sara@example.org", "phone": "۰۹۱۲ ۱۱۱ ۲۲۳۳", "reason": "she asked"}
    assert admin.post("/users/sara/reach", data=typed).status_code == 303
    with transaction_of(app) as session:
        sara = session.scalars(select(User).where(User.login == "sara")).one()
        assert (sara.email, sara.phone) == ("sara@example.org", "+989121112233")
    wrong = admin.post("/users/sara/reach", data={"email": "sara", "phone": "12"})
    assert wrong.status_code == 422
    page = read(wrong)
    for field, value in (("email", "sara"), ("phone", "12")):
        [box] = page.xpath(f"//input[@name='{field}']")
        assert (box.get("value"), box.get("aria-invalid")) == (value, "true")
        assert page.xpath(f"//*[@id='{field}-error']")
    admin.post("/users/sara/reach", data={"reason": "on leave"})
    with transaction_of(app) as session:
        sara = session.scalars(select(User).where(User.login == "sara")).one()
        assert (sara.email, sara.phone) == (None, None)


def test_where_letters_go_is_changed_for_a_reason_that_stays(login: Login, app: Flask) -> None:
    admin, path, english = login("admin"), "/users/sara/reach", {"Accept-Language": "en"}
    typed = {"email": "other@example.org"}
    refused = admin.post(path, data=typed, headers=english)
    assert refused.status_code == 422
    assert "Write why it is changed." in said(refused)
    with transaction_of(app) as session:
        sara = session.scalars(select(User).where(User.login == "sara")).one()
        before = {"email": sara.email, "phone": sara.phone}
        assert sara.email != "other@example.org"
    admin.post(path, data={**typed, "reason": " she moved\n"})
    with transaction_of(app):
        [told] = history.deeds_of("user:sara")
        assert told.actor_id == people.by_login("admin").id
        after = {"email": "other@example.org", "phone": None}
        assert told.data == {"before": before, "after": after, "reason": "she moved"}
    page = said(admin.get("/users/sara", headers=english))
    assert "letters go to \u2068other@example.org\u2069" in page
    assert "she moved" in page
    # What changes nothing is no change.
    admin.post(path, data={**typed, "reason": "again"})
    with transaction_of(app):
        assert len(history.deeds_of("user:sara")) == 1


def test_an_account_shows_its_past_to_administrators(
    login: Login, app: Flask, clock: MovingClock
) -> None:
    admin, english = login("admin"), {"Accept-Language": "en"}
    admin.post("/users/sara", data={"act": "place", "roles": "manager", "groups": "complaints"})
    admin.post("/users/sara", data={"act": "password"})
    with transaction_of(app):
        for _ in range(2):
            assert entrance.enter("sara", "wrong", "10.0.0.1", clock()) is None
    page = said(admin.get("/users/sara", headers=english))
    assert "gave roles: Manager · took roles away: Staff" in page
    assert "set a new password" in page
    assert "2 sign-ins failed in the last two days" in page
    assert "must wait until" not in page
    fa = said(admin.get("/users/sara", headers={"Accept-Language": "fa"}))
    assert "گذرواژهٔ تازه گذاشت" in fa and "این نقش‌ها را گرفت: کارمند" in fa


def test_groups_added_by_hand_are_told_where_groups_stand(login: Login, app: Flask) -> None:
    with transaction_of(app):
        people.add_group(
            "legal", {"fa": "حقوقی", "en": "Legal"}, TERMINAL, datetime(2026, 5, 2, tzinfo=UTC)
        )
        people.add_group(
            "legal", {"fa": "حقوقی", "en": "Legal"}, TERMINAL, datetime(2026, 5, 2, tzinfo=UTC)
        )
    page = said(login("admin").get("/users", headers={"Accept-Language": "en"}))
    assert page.count("added the group Legal") == 1
