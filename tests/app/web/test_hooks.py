"""The door for partners' systems: who gets in, what is kept, and which process hears it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.config import new_secret_key
from app.db import db
from app.errors import Invalid
from app.models import Event, PartnerCall, ProcessInstance, UserTask
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.intake import partner_calls
from app.services.intake.partner_calls import PAUSES
from app.services.sending import channel_settings, channels
from app.services.sending.channel_settings import Draft
from app.work import offer_call, tidy
from connectors import signing
from connectors.contract import Hook
from tests.app.services.story import actor
from tests.app.web.conftest import said
from tests.bpmn import build
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

SECRET = "a-long-secret-in-the-address"
KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"x" * 32).decode()
DOOR = f"/hooks/shop/{SECRET}"
WAITING = build.process(
    build.start(),
    build.catch("wait", build.message("order.shipped"), name="Shipped"),
    build.user("look", groups="intake"),
    build.end(),
    build.flows("start > wait > look > end"),
    key="orders",
    before=build.declare("order.shipped", "=order"),
)
SAID: Mapping[str, Any] = {
    "type": "order.shipped", "key": "A-1", "data": {"parcel": "P-7", "weight": 2.5}
}  # fmt: skip
Start = Callable[[str], int]


@pytest.fixture
def channel(app: Flask, clock: MovingClock) -> Callable[..., None]:
    """Makes or changes the channel of the shop; its options are given."""

    def make(enabled: bool = True, **options: Any) -> None:
        secrets = {"hook_secret": SECRET, **options.pop("secrets", {})}
        with transaction_of(app):
            draft = Draft(
                "shop", "webhook", {"en": "The shop", "fa": "فروشگاه"},
                {"messages": "order.shipped customer_answer", **options}, secrets, enabled=enabled,
            )  # fmt: skip
            channel_settings.save(draft, actor("admin"), clock())

    make()
    return make


@pytest.fixture
def start(app: Flask, clock: MovingClock) -> Start:
    """Begins a process that waits for the parcel of this order."""

    def begin(order: str) -> int:
        with transaction_of(app):
            row = definitions.deploy("orders.bpmn", WAITING, actor("admin"), clock())
            return processes.start(row, {"order": order}, actor("admin"), clock()).id

    return begin


def tell(client: FlaskClient, said: Any = SAID, door: str = DOOR, **more: Any) -> tuple[int, str]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = {"webhook-id": "msg-1", **more.pop("headers", {})}
    answer = client.post(door, data=body, content_type="application/json", headers=headers, **more)
    return answer.status_code, answer.get_json()["status"]


def kept(app: Flask) -> list[tuple[str, str, int]]:
    with transaction_of(app) as session:
        rows = session.scalars(select(PartnerCall).order_by(PartnerCall.id))
        return [(row.external_id, row.state, row.attempts) for row in rows]


def tasks(app: Flask, run: int) -> list[str]:
    with transaction_of(app) as session:
        query = select(UserTask.element).where(UserTask.instance_id == run)
        return list(session.scalars(query))


def test_a_call_reaches_the_one_process_that_waits_for_it(
    app: Flask, channel: Any, start: Start, clock: MovingClock
) -> None:
    first, second = start("A-1"), start("A-2")
    assert tell(app.test_client()) == (200, "taken")
    assert (tasks(app, first), tasks(app, second)) == (["look"], [])
    assert kept(app) == [("msg-1", "heard", 1)]
    with transaction_of(app) as session:
        run = session.get_one(ProcessInstance, first)
        assert processes.inspect(run).variables["parcel"] == "P-7"
        events = session.scalars(select(Event).where(Event.instance_id == first)).all()
        assert {"en": "The shop", "fa": "فروشگاه"} in [event.actor_names for event in events]


def test_the_same_call_twice_is_one(app: Flask, channel: Any, start: Start) -> None:
    start("A-1")
    client = app.test_client()
    assert [tell(client) for _ in range(3)] == [(200, "taken"), (200, "known"), (200, "known")]
    assert kept(app) == [("msg-1", "heard", 1)]
    assert tell(client, headers={"webhook-id": "msg-2"}) == (200, "taken")
    assert kept(app)[1] == ("msg-2", "waiting", 1)


def test_what_was_heard_is_forgotten_after_a_quarter_and_what_was_not_stays(
    app: Flask, channel: Any, start: Start, clock: MovingClock
) -> None:
    start("A-1")
    for call_id in ("msg-1", "msg-2"):
        tell(app.test_client(), headers={"webhook-id": call_id})
    for days, left in ((89, ["msg-1", "msg-2"]), (2, ["msg-2"])):
        clock.move(days=days)
        with app.app_context():
            tidy()
        assert [one[0] for one in kept(app)] == left


def test_a_copy_holds_what_it_found_until_it_is_answered(
    app: Flask, channel: Any, clock: MovingClock
) -> None:
    tell(app.test_client())
    hook = Hook("POST", {}, {"webhook-id": "msg-1"}, json.dumps(SAID).encode())
    with transaction_of(app), db.engine.connect() as forgetting:
        assert partner_calls.take("shop", SECRET, "127.0.0.1", hook, clock()).new == 0
        free = forgetting.execute(select(PartnerCall.id).with_for_update(skip_locked=True))
        assert free.all() == []


def test_copies_that_come_at_once_are_one(app: Flask, channel: Any, start: Start) -> None:
    run = start("A-1")
    answers: list[tuple[int, str]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(tell(app.test_client()))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [*[(200, "known")] * 5, (200, "taken")]
    assert tasks(app, run) == ["look"]


def test_a_call_that_comes_before_its_process_waits_is_offered_again(
    app: Flask, channel: Any, start: Start, clock: MovingClock
) -> None:
    assert tell(app.test_client()) == (200, "taken")
    with transaction_of(app) as session:
        query = text(
            "SELECT args, scheduled_at FROM procrastinate_jobs WHERE task_name = 'offer_call'"
        )
        ((arguments, at),) = session.execute(query).all()
        assert at == clock() + PAUSES[0]
    run = start("A-1")
    clock.move(seconds=2)
    with app.app_context():
        offer_call(**arguments)
        offer_call(**arguments)
    assert tasks(app, run) == ["look"]
    assert kept(app) == [("msg-1", "heard", 2)]


def test_what_nothing_waits_for_is_offered_for_a_day(
    app: Flask, channel: Any, clock: MovingClock
) -> None:
    tell(app.test_client())
    with transaction_of(app) as session:
        call = session.scalars(select(PartnerCall.id)).one()
    for pause in PAUSES:
        clock.move(seconds=pause.total_seconds())
        with app.app_context():
            offer_call(call)
    assert kept(app) == [("msg-1", "unheard", 1 + len(PAUSES))]
    assert sum(pause.total_seconds() for pause in PAUSES) > 24 * 3600


@pytest.mark.parametrize(
    "door", ["/hooks/shop/wrong", "/hooks/other/" + SECRET, f"/hooks/shop/{SECRET}x",
             "/hooks/shop/%00", "/hooks/shop/سلام", "/hooks/post/" + SECRET,
             "/hooks/sh%01op/" + SECRET],
)  # fmt: skip
def test_who_does_not_know_the_door_learns_nothing(app: Flask, channel: Any, door: str) -> None:
    assert tell(app.test_client(), door=door) == (404, "not found")
    assert kept(app) == []


def test_the_door_of_gateways_is_no_door_of_this_channel(app: Flask, channel: Any) -> None:
    door = DOOR.replace("/hooks/", "/hooks/sms/")
    assert tell(app.test_client(), door=door) == (404, "not found")


def test_a_channel_without_a_door_is_closed(app: Flask, channel: Any) -> None:
    channel(enabled=False)
    assert tell(app.test_client())[0] == 404
    channel(secrets={"hook_secret": None})
    assert tell(app.test_client(), door="/hooks/shop/x")[0] == 404


@pytest.mark.parametrize("keys", ["", "no key", None])
@pytest.mark.parametrize("path", ["/hooks/shop/wrong", DOOR])
def test_nobody_outside_learns_that_the_keys_of_channels_are_lost(
    app: Flask,
    channel: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keys: str | None,
    path: str,
) -> None:
    file = tmp_path / "keys"
    file.write_text(new_secret_key() if keys is None else keys)
    settings = app.extensions["peygir.settings"]
    elsewhere = replace(settings, secret_key_file=file)
    monkeypatch.setitem(app.extensions, "peygir.settings", elsewhere)
    with app.app_context():
        channels.forget()
    assert tell(app.test_client(), door=path) == (404, "not found")


@pytest.mark.parametrize(
    ("sources", "source", "status"),
    [
        ("192.0.2.0/24, 10.1.2.3", "192.0.2.9", 200),
        ("192.0.2.0/24, 10.1.2.3", "::ffff:10.1.2.3", 200),
        ("192.0.2.0/24, 10.1.2.3", "10.1.2.4", 404),
        ("", "10.1.2.4", 200),
    ],
)
def test_calls_come_from_the_listed_networks_alone(
    app: Flask, channel: Any, sources: str, source: str, status: int
) -> None:
    channel(sources=sources)
    assert tell(app.test_client(), environ_base={"REMOTE_ADDR": source})[0] == status


def test_where_signing_is_agreed_nothing_unsigned_is_kept(
    app: Flask, channel: Any, start: Start
) -> None:
    channel(secrets={"hook_signing": KEY})
    run = start("A-1")
    body = json.dumps(SAID).encode()
    right = signing.headers("msg-1", body, signing.read_secrets(KEY), int(time.time()))
    wrong = signing.headers("msg-1", body, signing.read_secrets(OTHER), int(time.time()))
    old = signing.headers("msg-1", body, signing.read_secrets(KEY), int(time.time()) - 400)
    client = app.test_client()
    for headers in ({}, wrong, old, {**right, "webhook-id": "msg-2"}):
        assert tell(client, body, headers=headers) == (401, "refused")
    assert kept(app) == [] and tasks(app, run) == []
    assert tell(client, body, headers=right) == (200, "taken")
    assert tasks(app, run) == ["look"]


@pytest.mark.parametrize(
    "said",
    [b"", b"[]", b"{", b"\xff", {**SAID, "type": "other"}, {**SAID, "key": None},
     {**SAID, "type": "customer_answer"}],
)  # fmt: skip
def test_what_is_not_agreed_is_refused_with_the_reason(app: Flask, channel: Any, said: Any) -> None:
    assert tell(app.test_client(), said) == (400, "not understood")
    assert kept(app) == []


def test_the_type_of_content_does_not_matter_and_its_size_does(
    app: Flask, channel: Any, start: Start
) -> None:
    run = start("A-1")
    client = app.test_client()
    large = {**SAID, "data": {"x": "y" * 1_100_000}}
    assert client.post(DOOR, data=json.dumps(large).encode()).status_code == 413
    answer = client.post(
        DOOR, data=json.dumps({**SAID, "id": "e-1"}).encode(),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert answer.status_code == 200
    assert tasks(app, run) == ["look"]


def test_a_failure_before_the_end_keeps_nothing_so_the_partner_tries_again(
    app: Flask, channel: Any, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start("A-1")

    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine stops")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as patch:
        patch.setattr(processes, "advance", crash)
        assert app.test_client().post(DOOR, json={**SAID, "id": "e-1"}).status_code == 500
    app.config["PROPAGATE_EXCEPTIONS"] = None
    assert kept(app) == [] and tasks(app, run) == []
    assert tell(app.test_client()) == (200, "taken")
    assert tasks(app, run) == ["look"]


def test_the_page_of_the_channel_tells_what_became_of_calls(
    app: Flask, channel: Any, start: Start, login: Callable[..., FlaskClient]
) -> None:
    admin = login("admin")
    assert "None yet" in said(admin.get("/channels/shop"))
    start("A-1")
    tell(app.test_client())
    tell(app.test_client(), headers={"webhook-id": "msg-2"})
    page = said(admin.get("/channels/shop"))
    assert "A process heard it" in page and "it is offered again" in page
    assert "P-7" not in page and SECRET not in page


def test_a_browser_finds_no_page_there(app: Flask, channel: Any) -> None:
    assert app.test_client().get(DOOR).status_code in (404, 405)


def test_what_is_too_large_is_told_in_a_line(client: FlaskClient, channel: Any) -> None:
    answer = client.post(DOOR, data=b"0" * 2_000_000, content_type="application/json")
    assert (answer.status_code, answer.is_json) == (413, True)
    assert answer.get_json()["status"] == "refused"


@pytest.mark.parametrize(
    "given", ['["order.shipped","order.start"]', "order.shipped, order.start", '"order.shipped"']
)
def test_names_of_messages_are_names_alone(channel: Callable[..., None], given: str) -> None:
    with pytest.raises(Invalid) as wrong:
        channel(messages=given)
    assert list(wrong.value.errors) == ["options.messages"]
