"""What is agreed with customers, and how the promises of their open requests follow it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import work
from app.db import transaction
from app.errors import Invalid
from app.models import Branch, Party, ServiceRequest
from app.services.casework import agreed
from app.services.casework.agreed import BranchDraft, ContractDraft
from app.services.service_levels import promises, sla_settings, sla_writing
from tests.app.services.story import actor, submit
from tests.support.clock import MovingClock

HOUR = timedelta(hours=1)
NAMES = {"fa": "شمال", "en": "North"}
RULES = """
[[metrics.resolution.rules]]
tier = "gold"
target = "P2D"

[[metrics.resolution.rules]]
contract = "full"
target = "PT8H"

[[metrics.resolution.rules]]
branch = "north"
target = "P7D"

[metrics.resolution.names]"""


def with_rules(clock: MovingClock) -> None:
    source = sla_settings.versions("policy", "complaint")[0].source
    asked = source.replace("[metrics.resolution.names]", RULES.strip(), 1)
    sla_writing.save("policy", "complaint", asked, actor("admin"), clock())


def follow(app: Flask) -> None:
    """Do the jobs that bring open requests, as a worker does."""
    with app.app_context(), transaction() as session:
        waiting = session.execute(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = 'renew_terms' ORDER BY id")
        )
        orders: list[dict[str, Any]] = list(waiting.scalars())
        session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'renew_terms'"))
    with app.app_context():
        for order in orders:
            work.renew_terms(**order)


def contract(number: str = "C-1", **more: Any) -> ContractDraft:
    facts = {"names": {"fa": "قرارداد", "en": "Contract"}, "level": "full"}
    return ContractDraft(number, **{**facts, "starts_on": date(2020, 1, 1), **more})


def target_of(app: Flask, request_id: int) -> timedelta:
    with app.app_context(), transaction():
        return timedelta(seconds=promises.clocks_of(request_id)["resolution"].target_seconds)


def test_open_requests_follow_the_tier_the_contract_and_the_branch(
    app: Flask, clock: MovingClock
) -> None:
    with app.app_context(), transaction():
        with_rules(clock)
        request = submit(clock())
        mine, party_id = request.id, request.customer_id
    assert target_of(app, mine) == 80 * HOUR
    maryam = actor_in(app, "maryam")
    with app.app_context(), transaction() as session:
        party = session.get_one(Party, party_id)
        branch = BranchDraft("north", NAMES)
        agreed.keep_branch(branch, maryam, clock(), language="en")
        assert agreed.place(party, "gold", "", maryam, clock(), language="en")
        assert not agreed.place(party, "gold", "", maryam, clock(), language="en")
    follow(app)
    assert target_of(app, mine) == 16 * HOUR
    with app.app_context(), transaction() as session:
        agreed.sign(session.get_one(Party, party_id), contract(), maryam, clock(), language="en")
    follow(app)
    assert target_of(app, mine) == 8 * HOUR
    with app.app_context(), transaction() as session:
        party = session.get_one(Party, party_id)
        agreed.sign(party, contract(level="basic"), maryam, clock(), language="en")
        agreed.place(party, "standard", "north", maryam, clock(), language="en")
    follow(app)
    assert target_of(app, mine) == 56 * HOUR
    with app.app_context(), transaction() as session:
        later = submit(clock())
        assert (later.branch_key, later.terms["contract"]) == ("north", "basic")
        told = agreed.past_of(f"customer:{party_id}")
        assert [one.data.get("contract") or one.data.get("tier") for one in told] == [
            "standard", "C-1", "C-1", "gold",
        ]  # fmt: skip
        assert {one.actor_names["en"] for one in told} == {maryam.names["en"]}
        assert len(agreed.past_of("branch:north")) == 1
        assert session.get_one(ServiceRequest, mine).branch_key == "north"


def test_a_branch_with_other_hours_moves_what_it_serves(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction() as session:
        maryam = actor("maryam")
        agreed.keep_branch(BranchDraft("north", NAMES), maryam, clock(), language="en")
        party = session.get_one(Party, submit(clock()).customer_id)
        agreed.place(party, "standard", "north", maryam, clock(), language="en")
        mine = submit(clock()).id
    with app.app_context(), transaction() as session:
        before = promises.clocks_of(mine)["resolution"].due_at
        always = BranchDraft("north", NAMES, "always")
        agreed.keep_branch(always, actor("maryam"), clock(), language="en", is_new=False)
    follow(app)
    with app.app_context(), transaction() as session:
        assert {clock.calendar for clock in promises.clocks_of(mine).values()} == {"always@1"}
        due = promises.clocks_of(mine)["resolution"].due_at
        assert before is not None
        assert due is not None
        assert due < before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": "  "}, "number"),
        ({"number": "C" * 41}, "number"),
        ({"names": {"fa": "", "en": "x"}}, "names"),
        ({"level": "Not a word"}, "level"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": date(2019, 12, 31)}, "ends_on"),
        ({"services": ["nosuch"]}, "services"),
    ],
)
def test_a_contract_that_cannot_be_is_refused_with_its_field(
    session: Session, clock: MovingClock, wrong: dict[str, Any], field: str
) -> None:
    party = session.get_one(Party, submit(clock()).customer_id)
    for language in ("fa", "en"):
        with pytest.raises(Invalid) as told:
            agreed.sign(party, contract(**wrong), actor("maryam"), clock(), language=language)
        assert set(told.value.errors) == {field}
    assert agreed.past_of(f"customer:{party.id}") == []


def test_a_number_belongs_to_one_customer(session: Session, clock: MovingClock) -> None:
    party = session.get_one(Party, submit(clock()).customer_id)
    other = Party(name="Other", language="en", kind="person", tier="standard", created_at=clock())
    session.add(other)
    session.flush()
    maryam = actor("maryam")
    agreed.sign(party, contract(), maryam, clock(), language="en", is_new=True)
    with pytest.raises(Invalid):
        agreed.sign(party, contract(), maryam, clock(), language="en", is_new=True)
    with pytest.raises(Invalid) as told:
        agreed.sign(other, contract(), maryam, clock(), language="en")
    assert told.value.errors == {"number": ["This number or key is taken."]}


def test_tiers_and_branches_that_cannot_be_are_refused(
    session: Session, clock: MovingClock
) -> None:
    party, maryam = session.get_one(Party, submit(clock()).customer_id), actor("maryam")
    for tier, branch, field in (("Very Gold!", "", "tier"), ("gold", "nowhere", "branch")):
        with pytest.raises(Invalid) as told:
            agreed.place(party, tier, branch, maryam, clock(), language="en")
        assert set(told.value.errors) == {field}
    for draft, field in (
        (BranchDraft("Nörth", NAMES), "key"),
        (BranchDraft("north", {"fa": "ش"}), "names"),
        (BranchDraft("north", NAMES, "nosuch"), "calendar"),
    ):
        with pytest.raises(Invalid) as told:
            agreed.keep_branch(draft, maryam, clock(), language="fa")
        assert set(told.value.errors) == {field}
    agreed.keep_branch(BranchDraft("north", NAMES), maryam, clock(), language="fa", is_new=True)
    with pytest.raises(Invalid):
        agreed.keep_branch(BranchDraft("north", NAMES), maryam, clock(), language="fa", is_new=True)
    assert session.get_one(Branch, "north").names == NAMES


def test_the_tiers_and_levels_that_are_asked_for_are_offered(
    session: Session, clock: MovingClock
) -> None:
    assert agreed.known_tiers() == ["standard", "gold", "platinum"]
    with_rules(clock)
    assert agreed.known_levels() == ["full"]


def actor_in(app: Flask, login: str) -> Any:
    with app.app_context(), transaction():
        return actor(login)
