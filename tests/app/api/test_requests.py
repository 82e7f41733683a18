"""Requests over HTTP: submitted once, followed by those who may, written about."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.models import Interaction, ProcessInstance
from app.services.execution import operations
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

Api = Callable[[str], FlaskClient]

COMPLAINT: dict[str, Any] = {
    "service": "complaint",
    "subject": "The washing machine leaks",
    "description": "Since the repair water runs out at the bottom.",
    "customer": {"name": "Parisa Moradi", "phone": "0912 345 6789"},
    "data": {"about": "product"},
}


def submit(client: FlaskClient, key: str | None = None, **changes: Any) -> TestResponse:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/v1/requests", json=COMPLAINT | changes, headers=headers)


@pytest.fixture
def number(api: Api) -> str:
    """A complaint that the partner submitted."""
    made: str = submit(api("partner")).get_json()["number"]
    return made


def test_a_partner_submits_a_complaint(api: Api) -> None:
    answer = submit(api("partner"))
    made = answer.get_json()
    assert answer.status_code == 201
    assert made["status"] == "open"
    assert made["stage"] == "received"
    assert made["stage_names"] == {"fa": "دریافت شد", "en": "Received"}
    assert made["customer"]["phone"] == "+989123456789"
    assert made["channel"] == "api"
    assert answer.headers["Location"] == f"/api/v1/requests/{made['number']}"
    again = api("partner").get(answer.headers["Location"]).get_json()
    assert again == made


def test_the_tracking_code_opens_the_portal(api: Api, client: FlaskClient) -> None:
    code = submit(api("partner")).get_json()["tracking_code"]
    assert client.get(f"/portal/track/{code}").status_code == 200


def test_only_who_submitted_it_is_given_the_tracking_code(api: Api, number: str) -> None:
    path = f"/api/v1/requests/{number}"
    assert api("partner").get(path).get_json()["tracking_code"]
    for login in ("sara", "maryam", "admin"):
        assert api(login).get(path).get_json()["tracking_code"] is None


def test_every_wrong_field_is_named_at_once(api: Api) -> None:
    answer = submit(
        api("partner"), subject=" ", customer={"name": "", "phone": "12"}, data={"abuot": "x"}
    )
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {
        "subject", "customer.name", "customer.phone", "data.about", "data.abuot",
    }  # fmt: skip
    assert api("maryam").get("/api/v1/requests").get_json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"customer": {"name": "A", "phone": "09123456789", "fax": "1"}}, "customer.fax"),
        ({"customer": "Parisa"}, "customer"),
        ({"customer": None}, "customer"),
        ({"subject": 7}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "\u200b\u202e"}, "subject"),
        ({"description": "a\x07b"}, "description"),
        ({"data": [1]}, "data"),
        ({"service": "tea"}, "service"),
        ({"language": "de"}, "language"),
    ],
)
def test_a_wrong_shape_names_its_field(api: Api, changes: dict[str, Any], field: str) -> None:
    answer = submit(api("partner"), **changes)
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]


def test_the_same_key_submits_once(api: Api) -> None:
    first = submit(api("partner"), key="a-key")
    second = submit(api("partner"), key="a-key")
    assert first.status_code == second.status_code == 201
    assert first.get_json() == second.get_json()
    assert first.headers["Location"] == second.headers["Location"]
    assert len(api("partner").get("/api/v1/requests").get_json()["items"]) == 1


def test_a_key_is_refused_for_another_body(api: Api) -> None:
    submit(api("partner"), key="a-key")
    answer = submit(api("partner"), key="a-key", subject="Another")
    assert answer.status_code == 422
    assert answer.get_json()["type"].endswith("/problems/key-reused")


def test_a_key_is_free_again_after_a_refusal(api: Api) -> None:
    assert submit(api("partner"), key="a-key", subject="").status_code == 422
    assert submit(api("partner"), key="a-key").status_code == 201


def test_a_key_belongs_to_its_caller(api: Api) -> None:
    one = submit(api("partner"), key="a-key").get_json()["number"]
    two = submit(api("sara"), key="a-key").get_json()["number"]
    assert one != two


def test_a_key_sent_many_times_at_once_submits_once(api: Api) -> None:
    start, numbers = threading.Barrier(6), []

    def send(client: FlaskClient) -> None:
        start.wait()
        numbers.append(submit(client, key="a-key").get_json()["number"])

    threads = [threading.Thread(target=send, args=(api("partner"),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 6
    assert len(set(numbers)) == 1
    assert len(api("partner").get("/api/v1/requests").get_json()["items"]) == 1


@pytest.mark.parametrize("key", ["", " ", "k" * 201])
def test_an_unusable_key_is_named(api: Api, key: str) -> None:
    answer = api("partner").post(
        "/api/v1/requests", json=COMPLAINT, headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.get_json()["errors"]


def test_lists_come_in_pages(api: Api) -> None:
    numbers = [submit(api("partner")).get_json()["number"] for _ in range(3)]
    first = api("partner").get("/api/v1/requests?limit=2").get_json()
    rest = api("partner").get(f"/api/v1/requests?limit=2&cursor={first['next']}").get_json()
    assert [item["number"] for item in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None


def test_lists_are_narrowed(api: Api, number: str) -> None:
    def listed(query: str) -> list[str]:
        items = api("sara").get(f"/api/v1/requests?{query}").get_json()["items"]
        return [item["number"] for item in items]

    assert listed("status=open&service=complaint") == [number]
    assert listed("status=closed") == []
    assert listed("service=repair") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=eyJpZCI6ICJ4In0", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=eyJpZCI6IDFlOTk5fQ", "cursor"),  # An infinite id.
        ("cursor=" + "W1tb" * 3000, "cursor"),  # A list in a list in a list ...
        ("colour=red", "colour"),
        ("service=%00", "service"),
    ],
)
def test_a_wrong_query_names_its_field(api: Api, query: str, field: str) -> None:
    answer = api("sara").get(f"/api/v1/requests?{query}")
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]


def test_a_partner_sees_its_own_requests_alone(api: Api) -> None:
    theirs = submit(api("sara")).get_json()["number"]
    assert api("partner").get("/api/v1/requests").get_json()["items"] == []
    assert api("partner").get(f"/api/v1/requests/{theirs}").status_code == 404
    assert api("partner").get(f"/api/v1/requests/{theirs}/history").status_code == 404
    said = {"body": "Hello"}
    assert api("partner").post(f"/api/v1/requests/{theirs}/messages", json=said).status_code == 404


def test_the_history_tells_who_did_what(api: Api, number: str) -> None:
    page = api("sara").get(f"/api/v1/requests/{number}/history").get_json()
    assert page["items"][0]["kind"] == "request_submitted"
    assert page["items"][0]["actor"]["names"]["en"] == "Partner system"
    first = api("sara").get(f"/api/v1/requests/{number}/history?limit=1").get_json()
    rest = api("sara").get(f"/api/v1/requests/{number}/history?cursor={first['next']}").get_json()
    assert first["items"] + rest["items"] == page["items"]


def test_a_message_of_the_customer_is_kept(api: Api, number: str) -> None:
    answer = api("partner").post(
        f"/api/v1/requests/{number}/messages", json={"body": "Any news? ۱۲۳"}
    )
    assert answer.status_code == 201
    assert answer.get_json()["direction"] == "inbound"
    listed = api("sara").get(f"/api/v1/requests/{number}/messages").get_json()["items"]
    assert [message["body"] for message in listed] == ["Any news? ۱۲۳"]


def test_notes_stay_among_staff(api: Api, number: str) -> None:
    note = {"body": "Call her before noon.", "direction": "internal"}
    assert api("sara").post(f"/api/v1/requests/{number}/messages", json=note).status_code == 201
    assert api("partner").post(f"/api/v1/requests/{number}/messages", json=note).status_code == 403
    path = f"/api/v1/requests/{number}/messages"
    assert len(api("sara").get(path).get_json()["items"]) == 1
    assert api("partner").get(path).get_json()["items"] == []


def test_a_reply_goes_to_the_customer(api: Api, number: str) -> None:
    reply = {"body": "We come tomorrow.", "direction": "outbound"}
    answer = api("sara").post(f"/api/v1/requests/{number}/messages", json=reply)
    assert answer.status_code == 201
    assert answer.get_json()["author"]["en"] == "Sara"


def test_a_message_comes_back_equal(api: Api, number: str) -> None:
    body = "می‌شود\u00a0۱۲ \u200f(a\u200e) 👩‍🔧\n\tpeace"
    path = f"/api/v1/requests/{number}/messages"
    assert api("partner").post(path, json={"body": body}).get_json()["body"] == body


@pytest.mark.parametrize("body", ["", "  \n ", "\u200b", "a\x07", "x" * 10_001])
def test_a_message_says_something_and_not_too_much(api: Api, number: str, body: str) -> None:
    answer = api("partner").post(f"/api/v1/requests/{number}/messages", json={"body": body})
    assert answer.status_code == 422
    assert "body" in answer.get_json()["errors"]


def test_nothing_is_asked_of_the_customer_yet(api: Api, number: str) -> None:
    answer = api("partner").post(f"/api/v1/requests/{number}/answer", json={"answer": "accept"})
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("/problems/not-awaited")


@pytest.mark.parametrize("act", ["answer", "withdraw"])
def test_nobody_decides_in_the_customer_s_place(api: Api, number: str, act: str) -> None:
    body = {"answer": "object", "reason": "No."} if act == "answer" else {}
    for login in ("narges", "maryam", "admin"):
        answer = api(login).post(f"/api/v1/requests/{number}/{act}", json=body)
        assert answer.status_code == 403
    events = api("maryam").get(f"/api/v1/requests/{number}/history").get_json()["items"]
    assert not {event["kind"] for event in events} & {"customer_answered", "customer_withdrew"}


def test_the_memory_says_who_wrote_and_by_which_way(
    app: Flask, api: Api, number: str, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    api("partner").post(f"/api/v1/requests/{number}/messages", json={"body": "Any news?"})
    with transaction_of(app) as session:
        said = session.scalars(select(Interaction).where(Interaction.direction == "inbound")).one()
    assert (said.author_kind, said.channel) == ("user", "api")
    api("partner").post(f"/api/v1/requests/{number}/withdraw", json={"reason": "It works."})
    events = api("maryam").get(f"/api/v1/requests/{number}/history").get_json()["items"]
    (gone,) = [event for event in events if event["kind"] == "customer_withdrew"]
    assert gone["actor"]["kind"] == "user"
    assert gone["data"]["channel"] == "api"


def test_a_withdrawn_request_is_closed(api: Api, number: str, run_jobs: Callable[[], int]) -> None:
    run_jobs()
    path = f"/api/v1/requests/{number}/withdraw"
    answer = api("partner").post(path, json={"reason": "It works again."})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    run_jobs()
    assert api("partner").get(f"/api/v1/requests/{number}").get_json()["status"] == "closed"
    assert api("partner").post(path, json={}).status_code == 409


def test_files_are_added_and_fetched(api: Api, number: str) -> None:
    path = f"/api/v1/requests/{number}/attachments"
    sent = {"file": (io.BytesIO("سلام".encode()), "نامه.txt")}
    answer = api("partner").post(path, data=sent)
    assert answer.status_code == 201
    (made,) = answer.get_json()["items"]
    assert made["name"] == "نامه.txt"
    assert api("sara").get(path).get_json()["items"] == [made]
    file = api("sara").get(f"{path}/{made['id']}", headers={"Accept": "text/plain"})
    assert file.get_data(as_text=True) == "سلام"
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_files_are_judged_by_their_bytes(api: Api, number: str) -> None:
    path = f"/api/v1/requests/{number}/attachments"
    program = {"file": (io.BytesIO(b"MZ\x90\x00\x03"), "photo.jpg")}
    assert api("partner").post(path, data=program).status_code == 415
    assert api("partner").post(path, json={}).status_code == 415
    assert api("partner").post(path, data={"other": (io.BytesIO(b"x"), "x")}).status_code == 422
    assert api("sara").get(path).get_json()["items"] == []
    assert api("sara").get(f"{path}/1").status_code == 404


def test_requests_and_tasks_tell_their_promises(api: Api, clock: MovingClock) -> None:
    partner = api("partner")
    number = submit(partner).get_json()["number"]
    clock.move(hours=1)
    found = partner.get(f"/api/v1/requests/{number}").get_json()["promises"]
    assert (found[0]["metric"], found[0]["state"]) == ("acknowledgement", "on_track")
    assert found[0]["remaining_seconds"] == 3 * 3600
    assert found[0]["target_seconds"] == 4 * 3600
    assert found[0]["waits_for"] == []
    [listed] = partner.get("/api/v1/requests").get_json()["items"]
    assert listed["promises"] == found
    for task in api("narges").get("/api/v1/tasks").get_json()["items"]:
        assert task["promises"] == found
        assert api("narges").get(f"/api/v1/tasks/{task['id']}").get_json()["promises"] == found


def test_a_list_of_requests_reads_all_promises_with_one_question(api: Api) -> None:
    partner = api("partner")
    submit(partner)
    partner.get("/api/v1/requests")
    with statements() as few:
        partner.get("/api/v1/requests")
    for _ in range(3):
        submit(partner)
    with statements() as many:
        partner.get("/api/v1/requests")
    assert len(many) == len(few)


def test_the_story_of_promises_is_told(api: Api, clock: MovingClock) -> None:
    partner = api("partner")
    number = submit(partner).get_json()["number"]
    clock.move(hours=1)
    first, *_ = partner.get(f"/api/v1/requests/{number}/promises").get_json()["items"]
    assert (first["metric"], first["state"], first["counted"]) == (
        "acknowledgement", "on_track", 3600,
    )  # fmt: skip
    assert first["stands"].startswith("on track, 3 h of working time left")
    assert first["why"] == "any request"
    assert first["rule"] == {"when": {}, "over": [], "own_calendar": False}
    assert [one["kind"] for one in first["entries"]] == ["started"]
    assert first["entries"][0]["words"].startswith("Started with 4 h of working time")
    assert first["steps_coming"][0]["plans"] == [{"kind": "notify", "to": ["assignee", "group"]}]
    assert api("sara").get("/api/v1/requests/R-999999/promises").status_code == 404


def test_what_an_operator_wrote_into_the_process_is_told_to_people_of_the_house_alone(
    app: Flask, api: Api, clock: MovingClock
) -> None:
    """A program may not look at variables at all."""
    number = submit(api("partner")).get_json()["number"]
    with transaction_of(app) as session:
        query = select(ProcessInstance).order_by(ProcessInstance.id.desc()).limit(1)
        instance = session.scalars(query).one()
        operations.change_variables(
            instance.id, {"inner": "between us"}, None, "", actor("admin"), clock()
        )
    door = f"/api/v1/requests/{number}/history"
    assert "between us" in api("sara").get(door).text
    told = api("partner").get(door)
    assert "variables_changed" in told.text and "inner" in told.text
    assert "between us" not in told.text
