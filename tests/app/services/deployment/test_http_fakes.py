"""The fakes of ``http`` and ``webhook``: the connectors themselves call them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import bpmn
from app.services.deployment.case_partners import Partners
from app.services.sending.call_inputs import MOST
from bpmn import cases
from bpmn.cases.model import Post, Reply


@pytest.fixture(scope="module")
def opened() -> Iterator[Partners]:
    with Partners(("http", "webhook")) as found:
        yield found


@pytest.fixture
def partners(opened: Partners) -> Partners:
    opened.begin(case())
    return opened


def case(**replies: Reply | tuple[Reply, ...]) -> cases.Case:
    return cases.Case("one", cases.Expect(status="completed"), replies=replies)


def job(kind: str, **inputs: Any) -> bpmn.WaitingJob:
    return bpmn.WaitingJob("k1", "ask", kind, {}, inputs, 3)


def the_sent(partners: Partners) -> Any:
    (one,) = partners.sent()
    return one.values


def test_without_a_reply_the_answer_is_ok(partners: Partners) -> None:
    told = partners.carry_out(job("http", path="/a", body={"x": 1}))
    assert isinstance(told, bpmn.CompleteJob)
    assert (told.variables["status"], told.variables["body"]) == (200, {"ok": True})
    sent = the_sent(partners)
    assert (sent["method"], sent["path"], sent["body"]) == ("POST", "/a", {"x": 1})


@pytest.mark.parametrize(
    ("content", "body", "heard"),
    [
        ("form", {"a": "1 2"}, {"a": "1 2"}),
        ("xml", "<a>سلام</a>", "<a>سلام</a>"),
        ("text", "plain", "plain"),
    ],
)
def test_a_body_is_kept_as_it_was_sent(
    partners: Partners, content: str, body: Any, heard: Any
) -> None:
    partners.carry_out(job("http", content=content, body=body))
    assert the_sent(partners)["body"] == heard


def test_query_and_headers_are_kept(partners: Partners) -> None:
    said = {"method": "GET", "query": {"q": "a b"}, "headers": {"X-Unit": "7"}}
    partners.carry_out(job("http", **said))
    sent = the_sent(partners)
    assert (sent["query"], sent["headers"]["x-unit"]) == ({"q": "a b"}, "7")
    assert "body" not in sent


@pytest.mark.parametrize(
    ("reply", "expects", "body"),
    [
        (Reply(json={"n": "۱"}, has_json=True), "json", {"n": "۱"}),
        (Reply(xml="<n>1</n>"), "xml", "<n>1</n>"),
        (Reply(text="well"), "text", "well"),
        (Reply(headers={"Content-Type": "application/problem+json"}, text="[1]"), "json", [1]),
    ],
)
def test_the_answer_is_what_the_case_says(
    partners: Partners, reply: Reply, expects: str, body: Any
) -> None:
    partners.begin(case(http=reply))
    told = partners.carry_out(job("http", expects=expects))
    assert isinstance(told, bpmn.CompleteJob)
    assert told.variables["body"] == body


def test_headers_of_the_answer_arrive_as_by_a_channel(partners: Partners) -> None:
    partners.begin(case(ask=Reply(201, headers={"Location": "/7", "X-Other": "no"})))
    told = partners.carry_out(job("http"))
    assert isinstance(told, bpmn.CompleteJob)
    assert told.variables["headers"] == {"location": "/7"}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(404), "http_404"),
        (Reply(429, after=5), "http_429"),
        (Reply(503), "http_503"),
        (Reply(302, headers={"Location": "/x"}), "http_302"),
        (Reply(text="a page"), "bad_reply"),
        (Reply(fails="unreachable"), "not_connected"),
    ],
)
def test_a_refusal_or_what_is_given_up_is_an_error(
    partners: Partners, reply: Reply, code: str
) -> None:
    partners.begin(case(ask=reply))
    told = partners.carry_out(job("http"))
    assert isinstance(told, bpmn.ThrowError)
    assert (told.code, told.family) == (code, ("not_delivered",))


@pytest.mark.parametrize("how", ["break", "timeout"])
def test_what_nobody_knows_is_for_a_person(partners: Partners, how: str) -> None:
    partners.begin(case(ask=Reply(fails=how)))
    told = partners.carry_out(job("http"))
    assert isinstance(told, bpmn.FailJob)
    assert told.code == "unknown_outcome"
    assert the_sent(partners)["method"] == "POST"


def test_what_is_tried_again_meets_the_next_reply(partners: Partners) -> None:
    partners.begin(case(ask=(Reply(503), Reply(fails="unreachable"), Reply(text="2"), Reply(404))))
    told = partners.carry_out(job("http", expects="text"))
    assert isinstance(told, bpmn.CompleteJob)
    assert told.variables["body"] == "2"
    assert len(partners.sent()) == 2


@pytest.mark.parametrize(
    ("busy", "calls"),
    [((Reply(503),) * 12, 10), ((Reply(503, after=80_000),) * 3, 2)],
)
def test_what_a_channel_gives_up_is_not_tried_for_ever(
    partners: Partners, busy: tuple[Reply, ...], calls: int
) -> None:
    partners.begin(case(ask=(*busy, Reply(json=1, has_json=True))))
    told = partners.carry_out(job("http", method="GET"))
    assert isinstance(told, bpmn.ThrowError)
    assert len(partners.sent()) == calls


def test_an_answer_that_no_process_may_hold_is_an_error(partners: Partners) -> None:
    partners.begin(case(ask=Reply(text="x" * (MOST + 1))))
    told = partners.carry_out(job("http", method="GET", expects="text"))
    assert isinstance(told, bpmn.ThrowError)
    assert told.code == "reply_too_large"


def test_what_cannot_be_sent_reaches_nobody_and_leaves_the_next_call_alone(
    partners: Partners,
) -> None:
    partners.begin(case(ask=(Reply(404), Reply(text="next"))))
    bad = partners.carry_out(job("http", content="xml", body="<a"))
    assert isinstance(bad, bpmn.ThrowError)
    assert (bad.code, list(partners.sent())) == ("bad_input", [])
    told = partners.carry_out(job("http", expects="text"))
    assert isinstance(told, bpmn.CompleteJob)


def test_a_webhook_is_posted_with_a_right_signature(partners: Partners) -> None:
    told = partners.carry_out(job("webhook", type="done", data={"x": 1}))
    assert isinstance(told, bpmn.CompleteJob)
    sent = the_sent(partners)
    assert (sent["type"], sent["data"], sent["signed"]) == ("done", {"x": 1}, True)
    assert "webhook-signature" not in sent["headers"]


def test_a_webhook_whose_end_is_unknown_is_posted_again(partners: Partners) -> None:
    partners.begin(case(webhook=(Reply(fails="break"), Reply(204))))
    told = partners.carry_out(job("webhook", type="done"))
    assert isinstance(told, bpmn.CompleteJob)
    first, second = partners.sent()
    assert first.values["headers"]["webhook-id"] == second.values["headers"]["webhook-id"]


def test_a_partner_s_webhook_is_read_by_the_connector(partners: Partners) -> None:
    body = {"type": "paid", "order": {"id": 7}, "data": {"x": 1}}
    assert partners.receive(Post(body, key_field="order.id")) == ("paid", {"x": 1}, "7")


@pytest.mark.parametrize(
    ("post", "why"),
    [
        (Post({"type": "paid", "key": "7"}, signed=False), "signature"),
        (Post({"type": "paid"}), "no correlation key at key"),
        (Post({"key": "7"}), "type: not a message"),
        (Post({"type": "paid", "key": "7", "data": 3}), "data: not a JSON object"),
        (Post({"type": "paid", "key": "7"}, key_field="a b"), "Write a name"),
    ],
)
def test_a_webhook_that_is_not_let_in_says_why(partners: Partners, post: Post, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        partners.receive(post)
