"""Calls of partners that no process waited for: listed, offered again, dropped with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.cli import main
from app.doctor.received import check_received
from app.models import Event, PartnerCall
from app.services.accounts import people
from app.services.intake import partner_calls, unheard_calls
from app.work import offer_call, tidy
from tests.app.services.story import actor
from tests.app.web.conftest import read, said
from tests.app.web.test_hooks import SAID, SECRET, channel, kept, start, tasks, tell
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

__all__ = ["channel", "start"]
Login = Callable[[str], FlaskClient]
Api = Callable[[str], FlaskClient]
Start = Callable[[str], int]
Terminal = Callable[..., tuple[int, str]]


@pytest.fixture
def call(app: Flask, channel: Any, clock: MovingClock) -> int:
    """A call that nothing waited for in a whole day."""
    tell(app.test_client())
    clock.move(hours=26)
    with transaction_of(app) as session:
        row = session.scalars(select(PartnerCall)).one()
        row.state = partner_calls.UNHEARD
        return row.id


def events(app: Flask) -> list[tuple[str, Any, dict[str, Any]]]:
    with transaction_of(app) as session:
        query = select(Event).where(Event.kind.like("partner_call%")).order_by(Event.id)
        return [(one.kind, one.actor_id, one.data) for one in session.scalars(query)]


def row_of(app: Flask) -> PartnerCall:
    with transaction_of(app) as session:
        row = session.scalars(select(PartnerCall)).one()
        session.expunge(row)
        return row


def id_of(app: Flask, login: str) -> int:
    with transaction_of(app):
        return people.by_login(login).id


RIGHT = {"key": "A-2", "values": '{"parcel": "P-8"}', "why": "a  mistyped key"}


def test_a_mistyped_key_is_put_right_and_offered(
    app: Flask, call: int, start: Start, login: Login
) -> None:
    run, client = start("A-2"), login("maryam")
    page = client.get(f"/partner-calls/{call}").text
    assert "P-7" in page and 'value="A-1"' in page
    client.post(f"/partner-calls/{call}/correct", data=RIGHT)
    row = row_of(app)
    assert (row.correlation, row.data, row.state) == ("A-2", {"parcel": "P-8"}, "unheard")
    [(kind, who, data)] = events(app)
    assert (kind, who, data["reason"]) == (
        "partner_call_corrected", id_of(app, "maryam"), "a mistyped key",
    )  # fmt: skip
    assert data["before"] == {"key": "A-1", "data": {"parcel": "P-7", "weight": 2.5}}
    assert data["after"] == {"key": "A-2", "data": {"parcel": "P-8"}}
    told = said(client.get(f"/partner-calls/{call}"))
    assert "the key was \u2068A-1\u2069" in told and "P-7" in told
    client.post(f"/partner-calls/{call}/correct", data=RIGHT)
    assert len(events(app)) == 1
    client.post(f"/partner-calls/{call}/offer")
    assert tasks(app, run) == ["look"]
    late = client.post(f"/partner-calls/{call}/correct", data=RIGHT, follow_redirects=True)
    assert "already" in late.text


def test_of_two_who_correct_the_same_the_second_is_told(
    app: Flask, call: int, login: Login
) -> None:
    maryam, admin, door = login("maryam"), login("admin"), f"/partner-calls/{call}/correct"
    opened = [bases_of(who.get(f"/partner-calls/{call}")) for who in (maryam, admin)]
    assert maryam.post(door, data={**RIGHT, "base": opened[0]}).status_code == 303
    mine = {"key": "A-3", "values": '{"parcel": "P-9"}', "why": "mine"}
    late = admin.post(door, data={**mine, "base": opened[1]}, headers={"Accept-Language": "en"})
    assert late.status_code == 409
    assert row_of(app).correlation == "A-2" and len(events(app)) == 1
    text = said(late)
    assert "Somebody else has corrected this call meanwhile" in text
    assert "A-2" in text and "P-8" in text, "how it stands now"
    assert "P-9" in late.text and 'value="A-3"' in late.text, "what was typed"
    assert admin.post(door, data={**mine, "base": bases_of(late)}).status_code == 303
    assert row_of(app).correlation == "A-3"


def test_who_says_the_same_as_the_other_is_not_late(app: Flask, call: int, login: Login) -> None:
    client, door = login("maryam"), f"/partner-calls/{call}/correct"
    base = bases_of(client.get(f"/partner-calls/{call}"))
    for _ in range(2):
        assert client.post(door, data={**RIGHT, "base": base}).status_code == 303
    assert len(events(app)) == 1


def bases_of(page: Any) -> str:
    [base] = read(page).xpath("//input[@name='base']/@value")
    return str(base)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("key", " "),
        ("key", "x" * 201),
        ("values", "[1]"),
        ("values", "{"),
        ("values", '{"a": NaN}'),
        ("values", '{"a": {"b": ["\\u0000"]}}'),
        ("values", '{"a": "\\ud800"}'),
        ("values", "[" * 200),
        ("why", ""),
    ],
)
def test_a_correction_is_checked_as_at_the_door(
    app: Flask, call: int, login: Login, field: str, typed: str
) -> None:
    client = login("maryam")
    answer = client.post(f"/partner-calls/{call}/correct", data={**RIGHT, field: typed})
    assert answer.status_code == 422
    [box] = read(answer).xpath(f"//*[@name='{field}']")
    assert box.get("aria-invalid") == "true"
    # The others stay as they were typed.
    assert all(value in answer.text for name, value in RIGHT.items() if name == "key" != field)
    if "u0000" in typed:
        assert "a.b[0]" in said(answer)
    assert row_of(app).correlation == "A-1" and events(app) == []


def test_in_persian_a_call_of_a_system_is_no_phone_call(
    app: Flask, call: int, login: Login
) -> None:
    client, persian = login("maryam"), {"Accept-Language": "fa"}
    for path in ("/partner-calls", "/partner-calls?state=dropped", f"/partner-calls/{call}"):
        page = read(client.get(path, headers=persian))
        [main] = page.xpath("//main")
        assert "تماس" not in main.text_content()
        assert "فراخوانی" in main.text_content()


def test_the_page_lists_them_with_age_and_partner(app: Flask, call: int, login: Login) -> None:
    page = said(login("maryam").get("/partner-calls"))
    assert "order.shipped" in page and "The shop" in page and "A-1" in page
    assert "P-7" not in page and SECRET not in page
    assert "1 d 2 h" in page
    assert "No call of a partner was dropped" in said(
        login("maryam").get("/partner-calls?state=dropped")
    )
    assert login("maryam").get("/partner-calls?state=heard").status_code == 404


def test_what_is_offered_again_reaches_the_process_that_waits_by_now(
    app: Flask, call: int, start: Start, login: Login
) -> None:
    run = start("A-1")
    client = login("maryam")
    answer = client.post(f"/partner-calls/{call}/offer", follow_redirects=True)
    assert "One process heard it" in answer.text
    assert tasks(app, run) == ["look"]
    assert (row_of(app).state, row_of(app).reached) == ("heard", 1)
    data = {"call": "msg-1", "message": "order.shipped", "channel": "shop", "heard": 1}
    offered = ("partner_call_offered", id_of(app, "maryam"), data)
    # One entry for the call's own page, one for the process that heard it.
    assert events(app) == [offered, offered]
    assert "offered it again; one process heard it" in said(client.get(f"/partner-calls/{call}"))
    told = said(client.get(f"/instances/{run}"))
    assert "gave it the call “order.shipped” of “shop”" in told
    again = client.post(f"/partner-calls/{call}/offer", follow_redirects=True)
    assert "already" in again.text
    assert len(events(app)) == 2


def test_what_still_nothing_waits_for_stays(app: Flask, call: int, login: Login) -> None:
    page = login("maryam").post(f"/partner-calls/{call}/offer", follow_redirects=True).text
    assert "Still nothing waits for it" in page and "order.shipped" in page
    assert row_of(app).state == "unheard"
    assert events(app)[0][2]["heard"] == 0


def test_dropping_takes_a_reason_and_ends_the_offers(
    app: Flask, channel: Any, start: Start, login: Login
) -> None:
    tell(app.test_client())
    call = row_of(app).id
    client = login("maryam")
    refused = client.post(f"/partner-calls/{call}/drop", data={"reason": "  "})
    assert refused.status_code == 422
    assert "Write why it is dropped." in said(refused)
    client.post(f"/partner-calls/{call}/drop", data={"reason": "a  mistyped key"})
    row = row_of(app)
    assert (row.state, row.why, row.decided_by) == (
        "dropped", "a mistyped key", id_of(app, "maryam"),
    )  # fmt: skip
    call_facts = {"call": "msg-1", "message": "order.shipped", "channel": "shop"}
    data = {**call_facts, "reason": "a mistyped key"}
    assert events(app) == [("partner_call_dropped", id_of(app, "maryam"), data)]
    page = said(client.get("/partner-calls?state=dropped"))
    assert "a mistyped key" in page
    assert "Maryam" in said(client.get(f"/partner-calls/{call}"))
    run = start("A-1")
    with app.app_context():
        offer_call(call)
    assert tasks(app, run) == []
    assert tell(app.test_client()) == (200, "known")


def test_what_was_decided_by_another_is_told(app: Flask, call: int, login: Login) -> None:
    client = login("maryam")
    client.post(f"/partner-calls/{call}/drop", data={"reason": "x"})
    for act in ("offer", "drop"):
        answer = client.post(f"/partner-calls/{call}/{act}", data={"reason": "y"})
        assert "already" in client.get(answer.location).text
    assert client.post("/partner-calls/999/offer").status_code == 404


def test_programs_and_the_terminal_do_the_same(
    app: Flask, call: int, start: Start, api: Api
) -> None:
    client = api("maryam")
    [one] = client.get("/api/v1/partner-calls").get_json()["items"]
    assert (one["id"], one["channel"], one["message"]) == (call, "shop", "order.shipped")
    assert (one["key"], one["state"], one["attempts"]) == ("A-1", "unheard", 1)
    assert client.get("/api/v1/partner-calls?state=dropped").get_json()["items"] == []
    assert client.get("/api/v1/partner-calls?state=heard").status_code == 422
    offered = client.post(f"/api/v1/partner-calls/{call}/offer", json={})
    assert (offered.status_code, offered.get_json()["heard"]) == (200, 0)
    assert client.post(f"/api/v1/partner-calls/{call}/drop", json={}).status_code == 422
    door = f"/api/v1/partner-calls/{call}/correct"
    right = client.post(door, json={"key": "A-9", "reason": "a typo"})
    assert (right.status_code, right.get_json()["key"]) == (200, "A-9")
    assert row_of(app).data == SAID["data"]
    assert client.post(door, json={"data": {"a": 1}}).status_code == 422
    for field, odd in (
        ("key", {"key": "x\u0000", "reason": "x"}),
        ("reason", {"reason": "\u0007"}),
    ):
        refused = client.post(door, json=odd)
        assert refused.status_code == 422 and field in refused.get_json()["errors"]
    assert client.post(door, json={"data": {"a": 1}, "reason": "x"}).status_code == 200
    assert row_of(app).data == {"a": 1}
    dropped = client.post(f"/api/v1/partner-calls/{call}/drop", json={"reason": "x"})
    assert dropped.get_json()["state"] == "dropped"
    assert client.post(f"/api/v1/partner-calls/{call}/offer", json={}).status_code == 409


def test_of_two_corrections_at_once_neither_takes_the_other_back(
    app: Flask, call: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = unheard_calls._undecided

    def lock_late(call_id: int) -> PartnerCall:
        with transaction_of(app) as session:
            session.get_one(PartnerCall, call_id).correlation = "A-2"
        return lock(call_id)

    monkeypatch.setattr(unheard_calls, "_undecided", lock_late)
    door = f"/api/v1/partner-calls/{call}/correct"
    answer = api("maryam").post(door, json={"data": {"parcel": "P-8"}, "reason": "a typo"})
    assert (answer.status_code, answer.get_json()["key"]) == (200, "A-2")
    row = row_of(app)
    assert (row.correlation, row.data) == ("A-2", {"parcel": "P-8"})
    assert set(events(app)[-1][2]["before"]) == {"data"}


@pytest.fixture
def terminal(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """``terminal("list")`` runs ``peygir partner-call list``; its exit code and what it says."""
    settings = app.extensions["peygir.settings"]
    monkeypatch.setenv("PEYGIR_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PEYGIR_DATA", str(settings.data))

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["partner-call", *words])
        return done.exit_code, done.output

    return run


def test_the_terminal_lists_offers_and_drops(app: Flask, call: int, terminal: Terminal) -> None:
    code, told = terminal("list")
    assert code == 0 and "shop" in told and "order.shipped" in told and "P-7" not in told
    assert terminal("offer", str(call)) == (
        0, "Still nothing waits for it.\n",
    )  # fmt: skip
    assert terminal("drop", str(call))[0] != 0
    put_right = ("correct", str(call), "--key", "A-3", "--values", '{"a": "P-9"}', "--reason")
    assert terminal(*put_right, "typo") == (0, "Corrected.\n")
    assert terminal(*put_right[:-3], "--values", "[]", "--reason", "x")[0] != 0
    shown = terminal("show", str(call))[1]
    assert "P-9" in shown and "A-3" in shown and "partner_call_corrected" in shown
    code, told = terminal("drop", str(call), "--reason", "old", "--as", "maryam")
    assert (code, told) == (0, "Dropped.\n")
    assert events(app)[-1][1] == id_of(app, "maryam")
    assert terminal("offer", str(call))[0] != 0


def test_they_are_forgotten_after_stated_times(
    app: Flask, call: int, clock: MovingClock, login: Login
) -> None:
    clock.move(days=unheard_calls.KEPT.days - 2)
    with app.app_context():
        tidy()
    assert kept(app)
    clock.move(days=2)
    with app.app_context():
        tidy()
    assert kept(app) == []
    [(kind, who, data)] = events(app)
    assert (kind, who, data["call"]) == ("partner_call_forgotten", None, "msg-1")
    page = said(login("maryam").get("/partner-calls?state=dropped"))
    assert "forgot \u2068order.shipped\u2069 (\u2068msg-1\u2069) of \u2068shop\u2069" in page


def test_a_dropped_one_is_forgotten_as_a_heard_one_is(
    app: Flask, call: int, clock: MovingClock
) -> None:
    with transaction_of(app):
        unheard_calls.drop(call, "x", actor("maryam"), clock())
    clock.move(days=partner_calls.KEPT.days)
    with app.app_context():
        tidy()
    assert kept(app) == []


def test_the_doctor_tells_of_old_ones(app: Flask, call: int, clock: MovingClock) -> None:
    def told() -> list[str]:
        with transaction_of(app):
            return [f"{one.state} {one.text}" for one in check_received(clock())]

    words = "channel shop: calls “order.shipped” of the partner that nothing waited for"
    assert told()[0] == f"note {words} (/partner-calls): 1"
    clock.move(days=7)
    assert told()[0] == f"problem {words} (/partner-calls): 1, 1 of them for more than a week"
    with transaction_of(app):
        unheard_calls.drop(call, "x", actor("maryam"), clock())
    assert not any("order.shipped" in one for one in told())


def test_a_call_that_is_heard_tells_the_partner_how_many_heard_it(
    app: Flask, channel: Any, start: Start
) -> None:
    start("A-1")
    start("A-1")
    client = app.test_client()

    def heard(number: str) -> Any:
        door = f"/hooks/shop/{SECRET}"
        answer = client.post(door, json=SAID, headers={"webhook-id": number})
        return answer.get_json()

    assert heard("msg-1") == {"status": "taken", "heard": 2}
    assert heard("msg-1") == {"status": "known", "heard": 2}
    assert heard("msg-2") == {"status": "taken", "heard": 0}
    assert heard("msg-2") == {"status": "known", "heard": 0}


def test_the_door_is_described_for_programs(app: Flask) -> None:
    described = app.test_client().get("/api/v1/openapi.json").get_json()
    told = described["paths"]["/hooks/{channel}/{secret}"]["post"]
    shape = told["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    answer = described["components"]["schemas"][shape.rpartition("/")[2]]
    assert {"status", "heard"} == set(answer["properties"])
    assert told["security"] == []
