"""The pages of what is agreed with a customer, and of branches."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.models import Branch, Contract, Party
from tests.app.web.conftest import Case, read, said
from tests.support.application import transaction_of

Login = Callable[..., FlaskClient]

NORTH = {"key": "north", "name_fa": "شمال", "name_en": "North branch", "calendar": "england"}
SIGNED = {
    "number": "C-7", "name_fa": "پشتیبانی", "name_en": "Support", "level": "full",
    "starts_on": "۱۴۰۵/۰۱/۰۱", "ends_on": "2027-03-20", "services": ["complaint", "laptop"],
}  # fmt: skip


def test_a_branch_is_made_and_changed(app: Flask, login: Login) -> None:
    maryam = login("maryam")
    assert "No branches yet" in maryam.get("/branches").get_data(as_text=True)
    assert maryam.post("/branches", data=NORTH).status_code == 303
    page = read(maryam.get("/branches?branch=north"))
    assert page.xpath("//input[@name='was']/@value") == ["north"]
    assert page.xpath("//select[@id='calendar']/option[@selected]/@value") == ["england"]
    changed = {"was": "north", "name_fa": "شمال", "name_en": "Northern branch", "calendar": ""}
    assert maryam.post("/branches", data=changed).status_code == 303
    again = maryam.post("/branches", data=NORTH)
    assert again.status_code == 422
    assert "This number or key is taken." in again.get_data(as_text=True)
    assert "Northern branch" in maryam.get("/branches").get_data(as_text=True)
    with transaction_of(app) as session:
        assert session.get_one(Branch, "north").calendar is None


def test_a_customer_gets_a_tier_a_branch_and_a_contract(
    app: Flask, login: Login, case: Case
) -> None:
    maryam = login("maryam")
    maryam.post("/branches", data=NORTH)
    with transaction_of(app) as session:
        [party] = session.query(Party).all()
        place = f"/customers/{party.id}"
    assert f"{place}/terms" in maryam.get(place).get_data(as_text=True)
    assert f"{place}/terms" not in login("sara").get(place).get_data(as_text=True)
    wanted = {"tier": "gold", "branch": "north"}
    assert maryam.post(f"{place}/terms", data=wanted).status_code == 303
    assert maryam.post(f"{place}/contracts", data=SIGNED).status_code == 303
    told = maryam.get(f"{place}/terms").get_data(as_text=True)
    assert "C-7" in told
    assert "tier gold (before: Standard), branch: north" in told
    assert "contract C-7, level full, Sat 21 Mar 2026 to Sat 20 Mar 2027" in told
    shown = login("sara").get(place).get_data(as_text=True)
    assert "North branch" in shown
    assert "Support" in shown
    form = read(maryam.get(f"{place}/terms?contract=C-7"))
    assert form.xpath("//input[@name='was']/@value") == ["C-7"]
    assert form.xpath("//input[@name='starts_on']/@value") == ["2026-03-21"]
    assert set(form.xpath("//input[@name='services'][@checked]/@value")) == {"complaint", "laptop"}
    changed = {**SIGNED, "was": "C-7", "level": "basic", "ends_on": ""}
    assert maryam.post(f"{place}/contracts", data=changed).status_code == 303
    with transaction_of(app) as session:
        [contract] = session.query(Contract).all()
        assert (contract.level, contract.ends_on) == ("basic", None)
        assert session.query(Party).one().tier == "gold"


def test_what_cannot_be_is_told_with_its_field(app: Flask, login: Login, case: Case) -> None:
    maryam = login("maryam")
    with transaction_of(app) as session:
        place = f"/customers/{session.query(Party).one().id}"
    for typed, field in (
        ({**SIGNED, "ends_on": "soon"}, "ends_on"),
        ({**SIGNED, "starts_on": ""}, "starts_on"),
        ({**SIGNED, "level": "very full"}, "level"),
        ({**SIGNED, "was": "C-9"}, "number"),
    ):
        answer = maryam.post(f"{place}/contracts", data=typed)
        assert answer.status_code == 422
        assert field in answer.get_data(as_text=True)
        kept = read(answer).xpath("//input[@name='name_en']/@value")
        assert kept == ["Support"]
    answer = maryam.post(f"{place}/terms", data={"tier": "??", "branch": ""})
    assert answer.status_code == 422
    assert read(answer).xpath("//input[@name='tier']/@value") == ["??"]


def test_a_tier_is_said_by_the_name_that_a_policy_gives_it(
    app: Flask, case: Case, login: Callable[..., FlaskClient]
) -> None:
    with transaction_of(app) as session:
        party = session.query(Party).one()
        party.tier = "platinum"
        place = f"/customers/{party.id}"
    persian, maryam = {"Accept-Language": "fa"}, login("maryam")
    assert "پلاتین" in said(maryam.get(place, headers=persian))
    offered = read(maryam.get("/mailings/new", headers=persian)).xpath("//label/bdi/text()")
    assert {"پلاتین", "عادی"} <= {one.strip() for one in offered}
