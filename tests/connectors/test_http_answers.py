"""What an answer to a call by the kind ``http`` means: a result, a refusal, or try again."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import json_values
from connectors import lying_http as does
from connectors.errors import (
    BadReply,
    LostReply,
    Permanent,
    Transient,
)
from connectors.http_answers import Moved, Refused
from connectors.lying_http import Act, LyingPartner
from tests.connectors.http_calls import partner, send

__all__ = ["partner"]


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
