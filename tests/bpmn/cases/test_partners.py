"""What a case says of fake partners: read with places, and compared call by call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import bpmn
from bpmn import cases
from bpmn.cases.model import Case, Post, Sent
from tests.bpmn import build

ENDS = {"status": "completed"}


def read(**more: Any) -> cases.CaseFile:
    said = {"partners": ["http"], "cases": [{"name": "n", "expect": ENDS, **more}]}
    return cases.read_cases(json.dumps(said).encode(), "f")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"replies": {"a": [{}, {"stat": 1}]}}, "replies.a[2].stat: Unknown field."),
        ({"replies": {"a": {"json": 1, "text": ""}}}, "replies.a: One of json, xml and text."),
        (
            {"replies": {"a": {"fails": "break", "status": 500}}},
            "replies.a: A call that fails has no answer.",
        ),
        ({"replies": {"a": []}}, "replies.a: Give at least one."),
        ({"replies": {"a": 200}}, "replies.a: Not an object, nor a list of objects."),
        ({"replies": [{}]}, "replies: Not an object."),
        ({"replies": {"a": {"headers": {"X": "a\n"}}}}, "Only plain Latin letters"),
        ({"replies": {"a": {"headers": {"X Y": "a"}}}}, "Not the name of a header."),
        ({"expect": {"sent": {"a": [{"methode": "GET"}]}}}, "expect.sent.a[1].methode: Unknown"),
        ({"steps": [{"webhook": "paid"}]}, "steps[1].webhook: Not a valid mapping type."),
    ],
)
def test_what_is_wrong_is_told_with_its_place(more: Mapping[str, Any], why: str) -> None:
    (bad,) = read(**more).bad
    assert any(why in one for one in bad.why), bad.why


def test_replies_that_nobody_would_give_are_refused() -> None:
    said = {"cases": [{"name": "n", "expect": ENDS, "replies": {"a": {}}}]}
    with pytest.raises(cases.BadCases, match="partners names none of http, webhook"):
        cases.read_cases(json.dumps(said).encode(), "f")


def test_the_reply_of_a_type_that_is_no_partner_is_refused() -> None:
    with pytest.raises(cases.BadCases, match=r"replies\.webhook: partners does not name webhook"):
        read(replies={"webhook": {}})


def heard(*calls: Mapping[str, Any]) -> cases.World:
    def no_post(post: Post) -> tuple[str, Mapping[str, Any], str]:
        raise ValueError("no signature fits")

    return cases.World(sent=lambda: [Sent("end", one) for one in calls], receive=no_post)


def why(case: Case, world: cases.World) -> Sequence[str]:
    definition = bpmn.parse(
        build.process(build.start(), build.end(), build.flows("start > end")), "p.bpmn"
    )
    (result,) = cases.run_cases(definition, cases.CaseFile("f", (case,)), world).cases
    return result.problem.why if result.problem else ()


def expecting(*calls: Mapping[str, Any]) -> Case:
    return Case("n", cases.Expect(sent={"end": calls}))


CALL = {"method": "GET", "query": {"q": "1"}, "headers": {"x-a": "1", "x-b": "2"}, "body": [1]}


def test_only_what_is_named_of_a_call_counts() -> None:
    assert why(expecting({"method": "GET", "headers": {"X-A": "1"}}), heard(CALL)) == ()
    assert why(expecting(), heard()) == ()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"body": [2]}, "sent: end: call 1: body: expected [2], was [1]."),
        ({"query": {"q": "2"}}, 'sent: end: call 1: query.q: expected "2", was "1".'),
        ({"headers": {"X-C": "1"}}, 'sent: end: call 1: headers.X-C: expected "1", was null.'),
        ({"type": "x"}, 'sent: end: call 1: expected type = "x", but this call has no type.'),
    ],
)
def test_each_difference_is_told_with_the_number_of_its_call(
    call: Mapping[str, Any], told: str
) -> None:
    assert why(expecting(call), heard(CALL)) == (told,)


def test_another_number_of_calls_is_told() -> None:
    assert why(expecting({}, {}), heard())[0] == "sent: end: expected 2 calls, was 0: []."


def test_a_refused_webhook_fails_the_case_unless_it_must_be_refused() -> None:
    ends = cases.Expect(status="completed")
    refused = Case("n", ends, steps=(Post({}, refused=True),))
    assert why(refused, heard()) == ()
    let_in = Case("n", ends, steps=(Post({}),))
    assert why(let_in, heard()) == ("The webhook is not let in: no signature fits.",)


def test_a_webhook_needs_its_partner_and_replies_an_element() -> None:
    ends = cases.Expect(status="completed")
    (told,) = why(Case("n", ends, steps=(Post({}),)), cases.World())
    assert "name “webhook” among the partners" in told
    unknown = Case("n", ends, replies={"nowhere": cases.model.Reply()})
    assert why(unknown, cases.World()) == ("the diagram has no element “nowhere”.",)


@pytest.mark.parametrize(
    ("kind", "why_not"),
    [
        ("sms", "“ask” is of the type sms; replies and sent are for http and webhook."),
        ("webhook", "“ask” is of the type webhook, which is not among the partners."),
    ],
)
def test_what_is_said_of_a_task_without_such_a_partner_is_told(kind: str, why_not: str) -> None:
    parts = build.start(), build.service("ask", kind=kind), build.end()
    source = build.process(*parts, build.flows("start > ask > end"))
    definition = bpmn.parse(source, "p.bpmn")
    replied = Case("r", cases.Expect(status="active"), replies={"ask": cases.model.Reply()})
    sent = Case("s", cases.Expect(sent={"ask": ()}))
    file = cases.CaseFile("f", (replied, sent), partners=("http",))
    for result in cases.run_cases(definition, file, cases.World()).cases:
        assert result.problem is not None
        assert result.problem.why == (why_not,)
