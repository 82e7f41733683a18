"""Calls by the kind ``http``: what goes out, what an answer means, and what is never let out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from connectors import json_values, registry
from connectors import lying_http as does
from connectors.contract import Answer, Order
from connectors.errors import (
    BadHeader,
    BadInput,
    BadReply,
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotAnswered,
    Permanent,
    Transient,
)
from connectors.http import Http
from connectors.http_answers import Moved, Refused
from connectors.http_parts import address
from connectors.lying_http import Act, Heard, LyingPartner
from connectors.oauth import TOKENS
from connectors.transport import BadUrl, read_url

ORDER = Order("a1b2c3", datetime(2026, 11, 22, tzinfo=UTC), {"path": "orders"})
HTTP = Http()


@pytest.fixture
def partner() -> Iterator[LyingPartner]:
    with LyingPartner() as running:
        yield running


def options(partner: LyingPartner, **more: Any) -> dict[str, Any]:
    given = {"base_url": partner.url + "/api", "private_partners": ["127.0.0.1"], "timeout": 2}
    loaded: dict[str, Any] = HTTP.Options().load({**given, **more})
    return loaded


def send(partner: LyingPartner, inputs: Any = None, **more: Any) -> Answer:
    order = replace(ORDER, inputs={"path": "orders", **(inputs or {})})
    return HTTP.send(order, options(partner, **more))


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
    ("text", "value"),
    [
        ("0.1", 0.1),
        ("12", 12),
        ("12.0", 12),
        ("1e2", 100),
        ("9007199254740993", "9007199254740993"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("-0.30000000000000004", -0.30000000000000004),
        ("1e999999", "1e999999"),
        ("true", True),
        ("null", None),
        ('"a\\u0000b\\ud800"', "a\ufffdb?"),
    ],
)
def test_no_digit_of_an_answer_is_lost(text: str, value: Any) -> None:
    assert json_values.read(text) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_what_it_is(number: Any) -> None:
    from decimal import Decimal

    read = json_values.read(f"{number}".replace("+", ""))
    assert Decimal(repr(read) if isinstance(read, float) else str(read)) == number


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "[Infinity]", "[" * 100_000, "[" * 150 + "]" * 150]
)
def test_what_is_no_json_is_told(text: str) -> None:
    with pytest.raises(json_values.BadJson):
        json_values.read(text)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 418, 422, 451, 499, 501, 505])
def test_refusals_are_for_good_and_named_by_their_status(
    partner: LyingPartner, status: int
) -> None:
    partner.then(does.says_json({"error": "شماره پیدا نشد"}, status))
    with pytest.raises(Refused, match="شماره پیدا نشد") as refusal:
        send(partner)
    assert refusal.value.code == f"http_{status}"
    assert isinstance(refusal.value, Permanent)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 507, 520])
def test_what_may_end_by_itself_is_tried_again(partner: LyingPartner, status: int) -> None:
    partner.then(does.throttles(17, status))
    with pytest.raises(Transient) as failure:
        send(partner)
    assert failure.value.code == f"http_{status}"
    assert failure.value.retry_after == timedelta(seconds=17)


def test_a_gateway_that_waited_in_vain_leaves_it_unknown(partner: LyingPartner) -> None:
    partner.then(does.says_html(504), does.says_html(504))
    with pytest.raises(LostReply):
        send(partner)
    with pytest.raises(Transient):
        send(partner, repeats="always")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_the_end(partner: LyingPartner, status: int) -> None:
    with LyingPartner() as inside:
        partner.then(does.redirects(inside.url + "/?token=x", status))
        with pytest.raises(Moved) as moved:
            send(partner)
        assert moved.value.code == f"http_{status}" and "token" not in str(moved.value)
        assert inside.connections == 0


@pytest.mark.parametrize(
    ("expects", "act"),
    [
        ("json", does.says_html()),
        ("json", does.says("{}", content_type="text/html")),
        ("json", does.says("{}", content_type="")),
        ("json", does.says("{", content_type="application/json")),
        ("xml", does.says_html()),
        ("xml", does.says("<a/>", content_type="application/xhtml+xml")),
        ("text", does.says_html()),
    ],
)
def test_a_page_in_place_of_an_answer_is_tried_again(
    partner: LyingPartner, expects: str, act: Act
) -> None:
    partner.then(act)
    with pytest.raises(BadReply):
        send(partner, {"expects": expects})


@pytest.mark.parametrize(
    ("expects", "act", "body"),
    [
        ("json", does.says(b"", 204), None),
        ("json", does.says("{}", content_type="application/problem+json"), {}),
        ("xml", does.says("<a/>", content_type="text/xml; charset=utf-8"), "<a/>"),
        (
            "text",
            does.says("سلام".encode("cp1256"), content_type="text/plain; charset=cp1256"),
            "سلام",
        ),
        ("any", does.says("[1]", content_type="application/json"), [1]),
        ("any", does.says(b"\xff\0", content_type="application/octet-stream"), "\ufffd\ufffd"),
        ("any", does.says(b"x", content_type="text/plain; charset=nonsense"), "x"),
        ("any", does.says('{"a": 1.50}', content_type="text/plain"), {"a": 1.5}),
        ("any", does.says("[not json", content_type="text/plain"), "[not json"),
        ("json", does.says("\ufeff[1]", content_type="application/json"), [1]),
        ("json", does.says(b"", 204, headers={"Content-Encoding": "gzip"}), None),
    ],
)
def test_answers_of_other_forms(partner: LyingPartner, expects: str, act: Act, body: Any) -> None:
    partner.then(act)
    assert send(partner, {"expects": expects}).result["body"] == body


def test_a_status_that_the_process_wants_to_see_is_an_answer(partner: LyingPartner) -> None:
    partner.then(does.says_json({"why": "none"}, 404), does.says_html(409))
    assert send(partner, {"accepts": "404, 409"}).result["body"] == {"why": "none"}
    assert send(partner, {"accepts": [404, 409]}).result["status"] == 409


def test_only_headers_of_interest_are_kept(partner: LyingPartner) -> None:
    told = {"Location": "/orders/7", "X-Request-Id": "r1", "Set-Cookie": "a=b", "Server": "x"}
    partner.then(does.says_json({}, 201, told))
    answer = send(partner, kept_headers="location x-request-id set-cookie")
    assert answer.result["headers"] == {"location": "/orders/7", "x-request-id": "r1"}
    assert answer.id == "r1"


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


class TokenPartner:
    """Gives tokens and takes calls that carry the newest one."""

    def __init__(self, partner: LyingPartner, seconds: Any = 3600) -> None:
        self.given, self.seconds, self.partner = 0, seconds, partner
        self.valid: set[str] = set()
        partner.answer = self

    def __call__(self, heard: Heard) -> Act:
        if heard.path == "/token":
            return self.partner.script.pop(0) if self.partner.script else self._give(heard)
        if heard.headers.get("authorization", "").removeprefix("Bearer ") in self.valid:
            return does.says_json({"ok": True})
        return does.says_json({"error": "invalid_token"}, 401)

    def _give(self, heard: Heard) -> Act:
        assert heard.form["grant_type"] == "client_credentials"
        self.given += 1
        self.valid = {f"token-{self.given}"}
        return does.says_json(
            {
                "access_token": f"token-{self.given}",
                "token_type": "Bearer",
                "expires_in": self.seconds,
            }
        )


OAUTH = {"auth": "oauth2", "client_id": "peygir", "client_secret": "s3cr:t", "scope": "a b"}


@pytest.fixture
def tokens(partner: LyingPartner) -> Iterator[TokenPartner]:
    yield TokenPartner(partner)
    TOKENS._known.clear()


def call(partner: LyingPartner, **more: Any) -> Answer:
    return send(partner, **{**OAUTH, "token_url": partner.url + "/token", **more})


def test_a_token_is_asked_for_once(partner: LyingPartner, tokens: TokenPartner) -> None:
    for _ in range(3):
        assert call(partner).result["status"] == 200
    assert tokens.given == 1
    asked = partner.heard[0]
    assert asked.headers["authorization"] == "Basic cGV5Z2lyOnMzY3IlM0F0"
    assert asked.form == {"grant_type": "client_credentials", "scope": "a b"}
    call(partner, scope="other")
    assert tokens.given == 2


def test_the_client_may_be_named_in_the_form(partner: LyingPartner, tokens: TokenPartner) -> None:
    call(partner, client_in="body", audience="x")
    form = partner.heard[0].form
    assert (form["client_id"], form["client_secret"], form["audience"]) == ("peygir", "s3cr:t", "x")
    assert "authorization" not in partner.heard[0].headers


@pytest.mark.parametrize("seconds", [1, 29])
def test_a_token_is_not_used_near_its_end(
    partner: LyingPartner, tokens: TokenPartner, seconds: int
) -> None:
    tokens.seconds = seconds
    call(partner)
    call(partner)
    assert tokens.given == 2


def test_a_token_that_was_withdrawn_is_replaced_once(
    partner: LyingPartner, tokens: TokenPartner
) -> None:
    call(partner)
    tokens.valid = set()
    assert call(partner).result["status"] == 200
    assert tokens.given == 2


def test_an_id_that_no_table_stores_loses_no_answer(partner: LyingPartner) -> None:
    partner.then(does.says_json({}, headers={"X-Request-Id": "a\0b"}))
    assert send(partner).id == "a\ufffdb"


def test_a_token_that_the_partner_repeats_is_told_to_nobody(
    partner: LyingPartner, tokens: TokenPartner
) -> None:
    def repeat(heard: Heard) -> Act:
        said = heard.headers.get("authorization", "")
        again = does.says_json({"got": said}, headers={"X-Request-Id": said})
        return tokens(heard) if heard.path == "/token" else again

    partner.answer = repeat
    answer = call(partner)
    assert tokens.given == 1
    assert answer.id == "Bearer •••"
    assert "token-1" not in repr(answer)


def test_a_second_refusal_is_the_answer(partner: LyingPartner, tokens: TokenPartner) -> None:
    def refuse(heard: Heard) -> Act:
        return tokens(heard) if heard.path == "/token" else does.says_json({}, 401)

    partner.answer = refuse
    with pytest.raises(Refused) as refusal:
        call(partner)
    assert refusal.value.code == "http_401" and tokens.given == 2


@pytest.mark.parametrize(
    ("act", "family"),
    [
        (does.says_json({"error": "invalid_client"}, 401), NotAdmitted),
        (does.says_json({"error": "s3cr:t"}, 400), NotAdmitted),
        (does.says_html(), BadReply),
        (does.says_json({"access_token": "a\r\nX: 1"}), BadReply),
        (does.says_json({"access_token": 5}), BadReply),
        (does.says_json({"access_token": "x", "token_type": "mac"}), BadReply),
        (does.says_json({}, 503, {"Retry-After": "9"}), Transient),
        (does.leaves, NotAnswered),
        (does.bomb(5_000_000), NotAdmitted),
        (does.redirects("http://127.0.0.1:1/"), NotAdmitted),
    ],
)
def test_without_a_token_nothing_was_done(
    partner: LyingPartner, tokens: TokenPartner, act: Act, family: type[DeliveryFailed]
) -> None:
    partner.then(act)
    with pytest.raises(family) as failure:
        call(partner)
    assert isinstance(failure.value, Transient) and "s3cr" not in str(failure.value)
    assert [one.path for one in partner.heard] == ["/token"]
    assert call(partner).result["status"] == 200


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


def test_the_test_button_reaches_the_partner_without_effect(
    partner: LyingPartner, tokens: TokenPartner
) -> None:
    partner.answer = None
    partner.then(does.says(b"", 404), does.says(b"", 401), does.says(b"", 500))
    assert HTTP.probe(options(partner)) == "HTTP 404"
    with pytest.raises(NotAdmitted):
        HTTP.probe(options(partner))
    with pytest.raises(Transient):
        HTTP.probe(options(partner))
    assert {one.method for one in partner.heard} == {"HEAD"}
