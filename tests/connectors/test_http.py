"""Calls by the kind ``http``: what goes out, and what is never let out."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from connectors import lying_http as does
from connectors import registry
from connectors.errors import (
    BadHeader,
    BadInput,
    DeliveryFailed,
    LostReply,
    NotAnswered,
)
from connectors.http_answers import Refused
from connectors.http_parts import address
from connectors.lying_http import Act, Heard, LyingPartner
from connectors.transport import BadUrl, read_url
from tests.connectors.http_calls import HTTP, ORDER, options, partner, send

__all__ = ["partner"]


def test_the_kind_is_whole() -> None:
    assert registry.complaints(HTTP) == []
    assert registry.find("http") is not None


def test_a_call_with_json_gives_its_answer_as_the_result(partner: LyingPartner) -> None:
    partner.then(does.says('{"id": 7, "sum": 10.25}', content_type="application/json"))
    body = {"نام": "سارا", "amount": 12.5}
    answer = send(partner, {"body": body, "query": {"a": ["x y", 2], "b": None}})
    assert answer.result == {"status": 200, "body": {"id": 7, "sum": 10.25}, "headers": {}}
    [heard] = partner.heard
    assert (heard.method, heard.target) == ("POST", "/api/orders?a=x%20y&a=2")
    assert heard.json == body
    assert heard.headers["idempotency-key"] == "a1b2c3"
    assert heard.headers["content-type"] == heard.headers["accept"] == "application/json"


@pytest.mark.parametrize(
    ("content", "body", "data", "media_type"),
    [
        (
            "form",
            {"a": "x&y", "b": [1, 2]},
            b"a=x%26y&b=1&b=2",
            "application/x-www-form-urlencoded",
        ),
        ("xml", "<a>سلام</a>", "<a>سلام</a>".encode(), "application/xml; charset=utf-8"),
        ("text", "سلام", "سلام".encode(), "text/plain; charset=utf-8"),
        ("text", 12.5, b"12.5", "text/plain; charset=utf-8"),
        ("json", "text", b'"text"', "application/json"),
    ],
)
def test_bodies_of_other_forms(
    partner: LyingPartner, content: str, body: Any, data: bytes, media_type: str
) -> None:
    send(partner, {"content": content, "body": body})
    assert (partner.heard[0].body, partner.heard[0].headers["content-type"]) == (data, media_type)


@pytest.mark.parametrize(
    "inputs",
    [
        {"content": "form", "body": "text"},
        {"content": "form", "body": {"a": {"b": 1}}},
        {"content": "xml", "body": "<a>"},
        {"content": "xml", "body": "<a/><b/>"},
        {"content": "xml", "body": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'},
        {"content": "xml", "body": "<!DOCTYPE a><a/>"},
        {"content": "pdf"},
        {"method": "TRACE"},
        {"query": [1]},
        {"query": {"a": {"b": 1}}},
        {"accepts": "200"},
        {"accepts": "4xx"},
        {"accepts": "4" * 5000},
        {"accepts": "٤٠٤"},
        {"body": float("nan")},
        {"path": {"a": 1}},
    ],
)
def test_inputs_that_cannot_be_sent_are_refused_before_the_call(
    partner: LyingPartner, inputs: dict[str, Any]
) -> None:
    with pytest.raises(BadInput):
        send(partner, inputs)
    assert partner.connections == 0


@pytest.mark.parametrize(
    "path",
    ["../admin", "//evil.test/", "a?b=1", "a#b", "%2e%2e/x", "a\r\nX: 1", ["a", "../b"],
     ["a", ".."], ["", "a"], ["a/b"], ["a;b"], "http://evil.test/../x"],
)  # fmt: skip
def test_a_diagram_chooses_the_path_alone(partner: LyingPartner, path: Any) -> None:
    with pytest.raises(BadUrl):
        send(partner, {"path": path})
    assert partner.connections == 0


def test_a_list_gives_one_segment_for_each_member(partner: LyingPartner) -> None:
    send(partner, {"path": ["customers", 12, "a b@سارا"]})
    assert partner.heard[0].target == "/api/customers/12/a%20b%40%D8%B3%D8%A7%D8%B1%D8%A7"


@given(st.lists(st.text(max_size=8) | st.integers(), max_size=4), st.text(max_size=20))
def test_no_member_of_a_path_and_no_query_leaves_its_place(members: list[Any], query: str) -> None:
    base = read_url("https://partner.test/api/")
    try:
        url = address(base, members, {"q": query})
    except (BadUrl, BadInput):
        return
    path, _, rest = url.target.partition("?")
    assert url.host == "partner.test" and rest.count("&") == 0
    assert path.startswith("/api/") and path.count("/") <= 1 + max(len(members), 1)
    assert ".." not in path.split("/")


@pytest.mark.parametrize(
    "headers",
    [{"X": "a\r\nB: c"}, {"Authorization": "mine"}, {"cookie": "a=b"}, {"Host": "evil.test"},
     {"idempotency-key": "other"}, {"Content-Length": "5"}, {"Transfer-Encoding": "chunked"},
     {"X-KEY": "mine"}],
)  # fmt: skip
def test_a_diagram_sets_no_header_that_is_not_its_own(
    partner: LyingPartner, headers: dict[str, str]
) -> None:
    key = {"auth": "api_key", "api_key_name": "X-Key", "api_key": "our-key"}
    with pytest.raises(BadHeader):
        send(partner, {"headers": headers}, **key)
    assert partner.connections == 0


def test_headers_of_the_channel_and_of_the_task_travel(partner: LyingPartner) -> None:
    send(
        partner,
        {"headers": {"X-Trace": 5, "accept": "application/vnd.x+json"}},
        headers="X-Org: us",
    )
    heard = partner.heard[0].headers
    assert (heard["x-trace"], heard["x-org"]) == ("5", "us")
    assert heard["accept"] == "application/vnd.x+json"


@pytest.mark.parametrize(
    ("repeats", "repeated"),
    [
        ("never", set()),
        ("safe", {"GET"}),
        ("idempotent", {"GET", "PUT", "DELETE"}),
        ("always", {"GET", "PUT", "DELETE", "POST", "PATCH"}),
    ],
)
def test_the_channel_says_what_may_be_repeated(
    partner: LyingPartner, repeats: str, repeated: set[str]
) -> None:
    for method in ("GET", "PUT", "DELETE", "POST", "PATCH"):
        partner.then(does.leaves)
        with pytest.raises(NotAnswered if method in repeated else LostReply):
            send(partner, {"method": method}, repeats=repeats)
        order = replace(ORDER, inputs={"method": method.lower()})
        stated = HTTP.repeats_of(order, options(partner, repeats=repeats))
        assert stated == ("repeat" if method in repeated else "hold")


def test_all_attempts_carry_the_same_key(partner: LyingPartner) -> None:
    partner.then(does.throttles(1), does.leaves)
    for _ in range(3):
        try:
            send(partner)
        except DeliveryFailed:
            continue
    assert partner.effects == {"a1b2c3": 3}


ACCESS = [
    ({"auth": "basic", "user": "ali", "password": "p:ss"}, "authorization", "Basic YWxpOnA6c3M="),
    ({"auth": "bearer", "token": "t0ken"}, "authorization", "Bearer t0ken"),
    ({"auth": "api_key", "api_key_name": "X-Key", "api_key": "k3y=="}, "x-key", "k3y=="),
]


@pytest.mark.parametrize(("given", "name", "value"), ACCESS)
def test_we_say_who_we_are(partner: LyingPartner, given: Any, name: str, value: str) -> None:
    send(partner, **given)
    assert partner.heard[0].headers[name] == value


def test_a_key_may_travel_in_the_query(partner: LyingPartner) -> None:
    key = {"auth": "api_key", "api_key_in": "query", "api_key_name": "key", "api_key": "k&1=x"}
    send(partner, {"query": {"a": 1}}, **key)
    assert partner.heard[0].query == {"a": "1", "key": "k&1=x"}


def echo(heard: Heard) -> Act:
    """Repeats all that it was told, as careless partners do in their error pages."""
    told = {"target": heard.target, "headers": dict(heard.headers)}
    return does.says_json(told, 200 if heard.headers.get("x-fine") else 422)


@pytest.mark.parametrize("given", [one[0] for one in ACCESS] + [
    {"auth": "api_key", "api_key_in": "query", "api_key_name": "key", "api_key": "s3cr&t"}
])  # fmt: skip
def test_no_secret_comes_back_in_errors_and_results(partner: LyingPartner, given: Any) -> None:
    partner.answer = echo
    with pytest.raises(Refused) as refusal:
        send(partner, **given)
    result = send(partner, {"headers": {"X-Fine": "1"}}, **given).result
    told = repr(refusal.value) + str(refusal.value) + refusal.value.text("fa") + json.dumps(result)
    for secret in ("p:ss", "YWxpOnA6c3M", "t0ken", "k3y==", "s3cr&t", "s3cr%26t"):
        assert secret not in told
    assert "•••" in told


def test_an_id_that_no_table_stores_loses_no_answer(partner: LyingPartner) -> None:
    partner.then(does.says_json({}, headers={"X-Request-Id": "a\0b"}))
    assert send(partner).id == "a\ufffdb"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "https://u:p@x/"}, "base_url"),
        ({"base_url": "https://x/?a=1"}, "base_url"),
        ({"auth": "basic"}, "user"),
        ({"auth": "oauth2", "client_id": "a", "client_secret": "b"}, "token_url"),
        ({"auth": "api_key", "api_key_name": "Host", "api_key": "x"}, "api_key_name"),
        ({"auth": "bearer", "token": "a\r\nb"}, "token"),
        ({"headers": "X: a\nbad line"}, "headers"),
        ({"headers": "Authorization: mine"}, "headers"),
        ({"private_partners": ["everything"]}, "private_partners"),
        ({"trust": "nonsense"}, "trust"),
        ({"idempotency_header": "a b"}, "idempotency_header"),
        ({"other": 1}, "other"),
    ],
)
def test_options_that_cannot_work_are_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        HTTP.Options().load({"base_url": "https://partner.test/", **given})
    assert field in wrong.value.messages_dict
