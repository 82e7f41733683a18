"""Hostile calls: whatever comes in, the answer is a page or a problem, never a crash.

Every address is called with every hostile value in each of its parts and in its query, and
every form is sent with each of its fields replaced.
"""

from __future__ import annotations

import inspect
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BaseConverter, Rule, ValidationError

from tests.app.api import diagrams
from tests.app.api.test_requests import submit

Api = Callable[[str], FlaskClient]
Login = Callable[[str], FlaskClient]
Caller = Callable[[str], FlaskClient]
Call = tuple[str, str, dict[str, Any]]

BIG_CURSOR = "eyJpZCI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OX0"
"""``{"id": 99999999999999999999999999}``."""
ODD_CURSOR = (
    "eyJhdCI6IjAwMDEtMDEtMDFUMDA6MDA6MDAiLCJkdWUiOiI5OTk5LTEyLTMxIiwiYnVja2V0Ijo5OTk5OTk5OTk5"
    "OTk5OTk5OTk5OTk5OSwiaWQiOjF9"
)
"""A cursor of the inbox with a year 1 without a zone and a bucket beyond every number."""
VALUES = (
    "a\0b", "9" * 25, "9" * 5000, "-1", "", " ", "۹" * 30, "\u202e\ufffe\U0001f600", "\ud800",
    "%", "x" * 300, "{}", BIG_CURSOR, ODD_CURSOR,
)  # fmt: skip
UNREAD = ("a\0b", "9" * 5000, "\ud800")
"""What stands where no page looks: only what reads every query meets it."""
FIELDS = ("a\0b", "9" * 5000, "", "x" * 300, "\ud800", "{}")
"""What stands in each field of a form in turn."""
FILES = (b"", b"MZ\0", b"PK\x03\x04", b"\0" * 100, b"<a/>", b"%PDF-")
LONG = "x" * 1024 * 1024
QUERIES: Mapping[str, tuple[str, ...]] = {
    "web.inbox": ("after", "view", "group", "service", "priority", "words"),
    "web.requests": ("after", "q", "status", "service", "stage", "priority"),
    "web.customers": ("after", "q"),
    "web.new_request": ("customer", "service"),
    "web.request_diagram": ("run",),
    "web.diagram": ("lang",),
    "web.task": ("view",),
    "web.sign_in": ("next",),
    "portal.home": ("q",),
    "portal.find": ("code",),
    "requests.list_requests": ("cursor", "limit", "status", "service"),
    "requests.list_history": ("cursor", "limit"),
    "tasks.list_tasks": ("cursor", "limit", "state", "group", "assignee", "request", "instance"),
    "processes.show_process": ("kind",),
}
FORMS: Mapping[str, Mapping[str, str]] = {
    "web.enter": {"login": "sara", "password": "wrong", "next": "/"},
    "web.choose_language": {"language": "en", "next": "/"},
    "web.say": {"body": "Hello", "mode": "reply", "next": "/"},
    "web.submit_request": {
        "service": "complaint", "subject": "A", "description": "B", "name": "Ali", "email": "",
        "phone": "09121234567", "channel": "phone", "language": "en", "data.about": "repair",
        "data.happened_on": "2026-01-01",
    },
    "web.hidden_in_request": {"service": "complaint", "data.about": "repair"},
    "web.hidden_in_task": {"kind": "complaint", "severity": "low"},
    "web.save_draft": {"kind": "complaint", "severity": "low", "impact": "low"},
    "web.complete": {"kind": "complaint", "severity": "low", "impact": "low", "view": "group"},
    "web.assign": {"assignee": "omid", "view": "group"},
    "web.claim_many": {"task": "1", "next": "/"},
    "web.add_user": {
        "login": "new", "name_fa": "نو", "name_en": "New", "roles": "staff", "groups": "intake",
    },
    "web.change_user": {"act": "", "roles": "staff", "groups": "intake"},
    "web.save_account": {"language": "en", "theme": "", "keys": "on"},
    "web.change_password": {"old": "wrong", "new": "another-long-one"},
    "web.retry": {"next": "/", "variables": "{}"},
    "portal.submit": {
        "step": "4", "go": "on", "ticket": "0" * 32, "subject": "A", "description": "B",
        "data.about": "repair", "data.happened_on": "2026-01-01", "customer.name": "Ali",
        "customer.phone": "09121234567", "customer.email": "ali@example.com",
    },
    "portal.hidden": {"step": "1", "data.about": "repair"},
    "portal.send_message": {"body": "Hello"},
    "portal.answer": {"answer": "object", "reason": "No"},
    "portal.withdraw": {"reason": "No more"},
}  # fmt: skip
"""A right form of each page, each of whose fields is replaced in turn."""
HEADERS = (
    ("Accept-Language", "fa;q=nan"), ("Accept-Language", "en;q=9999999999999999"),
    ("Accept-Language", "\xff,,;;q=;q"), ("Accept-Language", "x" * 5000), ("Cookie", "lang=\xff"),
    ("Cookie", "peygir=abc.def.ghi; session=\xff"), ("Range", "bytes=abc"), ("Host", "a b"),
    ("If-None-Match", "\xff"), ("Content-Length", "abc"), ("Authorization", "Bearer \xff\xfe"),
    ("Idempotency-Key", "\xff"), ("X-Fragment", "\xff"), ("Content-Type", "multipart/form-data"),
)  # fmt: skip
BODIES = (
    (b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n", "multipart/form-data; boundary=x"),
    (b"--x\r\n" * 3000, "multipart/form-data; boundary=x"),
    (b"\xff\xfe", "multipart/form-data"),
    (b"a=%ff%fe&%00=%00", "application/x-www-form-urlencoded"),
    (b"&".join(b"a=%d" % n for n in range(5000)), "application/x-www-form-urlencoded"),
    (b"{\"a\": 1e999}", "application/json"), (b"[" * 5000, "application/json"),
    (b"{\"variables\": {\"\\u0000\": 1}}", "application/json"), (b"null", "application/json"),
    (b"<a/>", "application/xml"), (b"\0", "text/plain; charset=nonsense"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def crashes_are_answers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in service: a crash gives the page of a crash, not an exception in the test."""
    monkeypatch.setitem(app.config, "TESTING", value=False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", value=False)


@pytest.fixture
def world(api: Api, run_jobs: Callable[[], int]) -> dict[str, str]:
    """One of each record, by the names that addresses have for it."""
    admin = api("admin")
    for source in (diagrams.one_step(), diagrams.narrow_gate()):
        admin.post("/api/v1/processes", data=source, content_type="application/xml")
    made = submit(api("partner")).get_json()
    run_jobs()
    gate = admin.post("/api/v1/processes/narrow-gate/instances", json={}).get_json()
    task = admin.get("/api/v1/tasks").get_json()["items"][0]
    return {
        "number": made["number"], "code": made["tracking_code"], "task_id": str(task["id"]),
        "instance_id": str(gate["id"]), "fault_id": str(gate["faults"][0]["id"]),
        "key": "complaint", "login": "sara", "name": "conflict", "party_id": "1",
        "definition_id": "1", "file_id": "1", "attachment_id": "1", "delivery_id": "1",
        "elsewhere": "nowhere",
    }  # fmt: skip


@pytest.fixture
def caller(app: Flask, api: Api, login: Login) -> Caller:
    """Who calls an address: a program, a customer, or who may do all on the staff's pages."""
    program, staff, stranger = api("admin"), login("admin"), app.test_client()

    def of(path: str) -> FlaskClient:
        if path.startswith("/api/"):
            return program
        return stranger if path.startswith(("/portal", "/log", "/language")) else staff

    return of


def test_every_address_with_hostile_parts_and_queries(
    app: Flask, world: Mapping[str, str], caller: Caller
) -> None:
    seen: set[type] = set()
    paths = [path for rule in rules_of(app, "GET") for path in hostile(rule, world, seen)]
    paths += [path for rule in rules_of(app, "GET") for path in asked(rule, world)]
    assert crashes(caller, [("GET", path, {}) for path in paths]) == []


def test_every_form_with_hostile_fields(
    app: Flask, world: Mapping[str, str], caller: Caller
) -> None:
    seen: set[type] = set()
    calls: list[Call] = [
        ("POST", path, {"data": form})
        for number, rule in enumerate(rules_of(app, "POST"))
        if not rule.rule.startswith("/api/")
        for path, form in forms_of(rule, world, seen, files_for(app, rule, number))
    ]
    assert crashes(caller, calls) == []


def test_every_address_with_odd_headers_and_broken_bodies(
    app: Flask, world: Mapping[str, str], caller: Caller
) -> None:
    # Headers are read before any page is reached, and so are the bodies of forms: each of them
    # meets a third of the pages.
    calls: list[Call] = [
        ("GET", address(rule, world), {"headers": [header]})
        for number, rule in enumerate(rules_of(app, "GET"))
        for header in HEADERS[number % 3 :: 3]
    ]
    calls += [
        (method, address(rule, world), {"data": body, "content_type": kind})
        for method in ("POST", "PUT")
        for number, rule in enumerate(rules_of(app, method))
        for body, kind in (BODIES if rule.rule.startswith("/api/") else BODIES[number % 3 :: 3])
    ]
    assert crashes(caller, calls) == []


def test_every_body_of_the_interface_with_wrong_types(
    app: Flask, world: Mapping[str, str], caller: Caller
) -> None:
    calls = [
        (method, address(rule, world), {"json": body})
        for method in ("POST", "PUT")
        for rule in rules_of(app, method)
        if rule.rule.startswith("/api/")
        for body in json_bodies()
    ]
    assert crashes(caller, calls) == []


def crashes(caller: Caller, calls: Iterable[Call]) -> list[str]:
    """The calls that were answered with a status of 500 or more, in short."""
    found = []
    for method, path, how in calls:
        answer = caller(path).open(path, method=method, **how)
        if answer.status_code >= 500:
            found.append(f"{answer.status_code} {method} {path[:90]} {str(how)[:200]}")
        answer.close()
    return found


def rules_of(app: Flask, method: str) -> list[Rule]:
    """The addresses that take the method, signing out last since nobody would be left."""
    found = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return sorted(found, key=lambda rule: rule.endpoint == "web.sign_out")


def address(rule: Rule, values: Mapping[str, str]) -> str:
    """The address of a rule with these values in its parts."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values.get(part[1], "x"), rule.rule)


def hostile(rule: Rule, world: Mapping[str, str], seen: set[type]) -> Iterator[str]:
    """The rule's address with each part replaced by each value. What is refused by the kind of a
    part never reaches a page: that is tried with the first rule that has such a part."""
    yield address(rule, world)
    for name in rule.arguments:
        kind = rule._converters[name]
        is_first = type(kind) not in seen
        seen.add(type(kind))
        for value in (one for one in VALUES if is_first or is_taken(kind, one)):
            part = quote(value.encode("utf-8", "surrogatepass"), safe="")
            yield address(rule, {**world, name: part})


def is_taken(kind: BaseConverter, value: str) -> bool:
    """Whether a part of this kind may be so; what is not even text may be anything."""
    if not value.isprintable():
        return True
    try:
        kind.to_python(value)
    except ValidationError:
        return False
    return re.fullmatch(kind.regex, value) is not None


def files_for(app: Flask, rule: Rule, number: int) -> Sequence[bytes]:
    """All the files for a page that may read some; for others one of them in turn, since what is
    sent is taken apart before any page is reached."""
    module = sys.modules[app.view_functions[rule.endpoint].__module__]
    if ".files" in inspect.getsource(module) or "upload" in inspect.getsource(module):
        return FILES
    return FILES[number % len(FILES) :][:1]


def asked(rule: Rule, world: Mapping[str, str]) -> Iterator[str]:
    """The rule's address with each value in each field of its query."""
    known = QUERIES.get(rule.endpoint, ())
    for name, values in (*((name, VALUES) for name in known), ("unknown", UNREAD)):
        for value in values:
            text = value.encode("utf-8", "surrogatepass")
            yield f"{address(rule, world)}?{urlencode({name: text})}"


def forms_of(
    rule: Rule, world: Mapping[str, str], seen: set[type], contents: Sequence[bytes]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The page's right form with each field replaced, and each part of its address."""
    right = FORMS.get(rule.endpoint, {})
    for path in hostile(rule, world, seen):
        yield path, dict(right)
    yield address(rule, world), dict.fromkeys(right, LONG)
    for name, values in (*((name, FIELDS) for name in right), ("unknown", UNREAD)):
        for value in values:
            sent = value.encode("utf-8", "surrogatepass")
            yield address(rule, world), {**right, name: sent}
    for content in contents:
        files = {name: (io.BytesIO(content), "a\0b.bpmn") for name in ("file", "files")}
        yield address(rule, world), {**right, **files}


def json_bodies() -> Iterator[Any]:
    """Bodies whose known fields hold values of every wrong type."""
    names = (
        "service", "subject", "description", "customer", "data", "language", "body", "direction",
        "answer", "reason", "assignee", "variables", "name", "correlation",
    )  # fmt: skip
    values: list[Any] = [None, True, 0, -1, 10**30, 1.5, "", "\0", "x" * 5000]
    values += [[], [[]], {}, {"": {}}]
    fewer: list[Any] = [10**30, "\0", [[]]]
    for value in values:
        yield value
        yield dict.fromkeys(names, value)
    for name in names:
        yield from ({name: value} for value in fewer)
