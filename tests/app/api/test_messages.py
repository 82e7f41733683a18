"""``/api/v1/messages`` and ``/conditions``: who may tell which process what, and once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.models import ProcessInstance, ServiceRequest
from tests.app.api.test_requests import submit
from tests.bpmn import build
from tests.support.application import transaction_of

Api = Callable[[str], FlaskClient]

BEGUN = build.process(
    build.start("s", build.message("placed")), build.user("a", groups="intake"),
    build.end(), build.flows("s > a > end"), key="ordered",
    before=build.declare("placed", "=number"),
)  # fmt: skip
JUDGED = build.process(
    build.start("s", build.conditional("=level > 3")), build.user("a", groups="intake"),
    build.end(), build.flows("s > a > end"), key="judged",
)  # fmt: skip


def complain(api: Api, *, confidential: bool) -> str:
    data = {"about": "staff", "confidential": confidential}
    return str(submit(api("sara"), data=data).get_json()["number"])


def instance_of(app: Flask, number: str) -> int:
    with transaction_of(app) as session:
        joined = select(ProcessInstance.id).join(ProcessInstance.request)
        return session.scalars(joined.where(ServiceRequest.number == number)).one()


def status_of(app: Flask, number: str) -> str:
    with transaction_of(app) as session:
        query = select(ServiceRequest.status).where(ServiceRequest.number == number)
        return session.scalars(query).one()


@pytest.mark.parametrize("name", ["customer_withdraws", "customer_message"])
@pytest.mark.parametrize("confidential", [True, False])
def test_nobody_speaks_for_a_customer_by_a_message(
    app: Flask, api: Api, name: str, confidential: bool
) -> None:
    number = complain(api, confidential=confidential)
    before = status_of(app, number)
    told: dict[str, Any] = {"name": name, "correlation": number, "variables": {"reason": "x"}}
    answer = api("admin").post("/api/v1/messages", json=told)
    assert (answer.status_code, status_of(app, number)) == (409, before)
    straight = f"/api/v1/instances/{instance_of(app, number)}/messages"
    assert api("admin").post(straight, json=told).status_code == (404 if confidential else 403)
    assert status_of(app, number) == before


@pytest.mark.parametrize(
    ("source", "path", "told"),
    [
        (BEGUN, "/api/v1/messages", {"name": "placed"}),
        (JUDGED, "/api/v1/conditions", {"variables": {"level": 5}}),
    ],
)
def test_a_repeated_call_under_one_key_begins_one_process(
    app: Flask, api: Api, source: bytes, path: str, told: dict[str, Any]
) -> None:
    admin = api("admin")
    admin.post("/api/v1/processes", data=source, content_type="application/xml")
    headers = {"Idempotency-Key": "one"}
    answers = [admin.post(path, json=told, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(answers[0].get_json()["started"]) == 1
    with transaction_of(app) as session:
        assert len(session.scalars(select(ProcessInstance.id)).all()) == 1


@pytest.mark.parametrize(("language", "said"), [("fa", "نه درست است نه نادرست"), ("en", "neither")])
def test_a_condition_that_fails_is_told_in_the_language_of_the_call(
    api: Api, language: str, said: str
) -> None:
    admin, headers = api("admin"), {"Accept-Language": language}
    source = JUDGED.replace(b"=level &gt; 3", b"=level").replace(b"=level > 3", b"=level")
    assert source != JUDGED
    admin.post("/api/v1/processes", data=source, content_type="application/xml")
    answer = admin.post("/api/v1/conditions", json={"variables": {"level": 5}}, headers=headers)
    assert said in str(answer.get_json()["failed"])


def test_a_message_that_nobody_awaits_is_told_as_what_it_is(app: Flask, api: Api) -> None:
    told = {"name": "ghost", "correlation": "none", "variables": {}}
    instance = f"/api/v1/instances/{instance_of(app, complain(api, confidential=False))}/messages"
    for address in ("/api/v1/messages", instance):
        answer = api("admin").post(address, json=told, headers={"Accept-Language": "en"})
        assert answer.status_code == 409
        assert answer.get_json()["detail"] == (
            "Nothing waits for the message “ghost” with this correlation key; it was not kept."
        )
