"""Whatever JSON comes in is stored and comes back equal, or is refused at the door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.api import reading
from tests.app.api import diagrams
from tests.app.api.test_processes import deploy

Api = Callable[[str], FlaskClient]
KEYS = (
    "typename", "__proto__", "constructor", "__class__", "py/object", "$ref", "", " ", ".", "a.b",
    "null", "?", "item", "id", "state", "version", "request", "نام", "\U0001f600", "x" * 300,
)  # fmt: skip
TEXTS = (
    "", "\ufeff", "\u200c", "\u202e", "\ufffe\uffff", "e\u0301", "\U0010ffff", "\x7f\x01\x1f",
    "=1/0", "{{7*7}}", "';--", "\\u0000", "2026-03-21", "NaN", "\r\n", "\u064a", "۱۲",
)  # fmt: skip
NUMBERS = (0, -0.0, 1.0, 5e-324, 9e15, 2**53 - 1, 1 - 2**53, 0.1, 1e15, 123456.789)
GOOD = st.recursive(
    st.none() | st.booleans() | st.sampled_from(TEXTS) | st.sampled_from(NUMBERS)
    | st.integers(1 - 2**53, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"],
                                                                exclude_characters="\x00"))
    | st.floats(-9e15, 9e15),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@pytest.fixture
def client(api: Api) -> FlaskClient:
    deploy(api("admin"), diagrams.one_step(), "one.bpmn")
    return api("admin")


def start(client: FlaskClient, body: str) -> TestResponse:
    path = "/api/v1/processes/one-step/instances"
    return client.post(path, data=body.encode(), content_type="application/json")


def kept(client: FlaskClient, value: Any) -> Any:
    answer = start(client, json.dumps({"variables": {"v": value}}))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made = answer.get_json()["id"]
    return client.get(f"/api/v1/instances/{made}").get_json()["variables"]["v"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=GOOD)
def test_what_is_accepted_comes_back_equal(client: FlaskClient, value: Any) -> None:
    back = kept(client, value)
    assert back == value
    assert _types(back) == _types(value)


def _types(value: Any) -> Any:
    """Which of its parts are booleans, so that true does not pass for 1."""
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    return [_types(item) for item in value] if isinstance(value, list) else isinstance(value, bool)


def test_every_odd_key_and_text_comes_back(client: FlaskClient) -> None:
    for value in ({key: key for key in KEYS}, list(TEXTS)):
        assert kept(client, value) == value


REFUSED = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1e999", "1e300", "9007199254740992", "1" * 5_000,
    '"\\u0000"', '"a\\ud800"', '"\\udc00\\ud800"', '{"\\u0000": 1}', '{"\\ud83d": 1}',
    '{"a": 1, "a": 2}', "[" * 40 + "]" * 40, '{"a":' * 40 + "1" + "}" * 40, "[" * 50_000, "1.e5",
    "'a'", "undefined",
)  # fmt: skip


@pytest.mark.parametrize("written", REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_place(client: FlaskClient, written: str) -> None:
    answer = start(client, f'{{"variables": {{"v": {written}}}}}')
    assert answer.status_code in (400, 422)
    assert answer.content_type.startswith("application/problem+json")


def test_a_whole_character_of_two_halves_is_accepted(client: FlaskClient) -> None:
    answer = start(client, '{"variables": {"v": "\\ud83d\\ude00"}}')
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "number", ["0.1234567890123456789012345", "1e-400", "3.00000000000000000001"]
)
def test_a_number_that_would_be_rounded_is_refused(number: str) -> None:
    with pytest.raises(reading.NumberTooExact) as refused:
        reading.read_json(f'{{"a": {number}}}'.encode())
    assert number in refused.value.message("en")


@pytest.mark.parametrize(
    "number", ["0.1", "1.50", "1e-300", "5e-324", "0.30000000000000004", "-0.0"]
)
def test_a_number_that_stays_the_same_is_read(number: str) -> None:
    assert reading.read_json(f'{{"a": {number}}}'.encode()) == {"a": float(number)}
