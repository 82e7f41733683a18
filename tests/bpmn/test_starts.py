"""Where a process begins: by which event, by what creates it, or where nothing flows in."""

from __future__ import annotations

from typing import Any

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    catch,
    declare,
    end,
    flows,
    gateway,
    io,
    message,
    node,
    process,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import Story

BOTH = declare("mail") + declare("call")
SEVERAL = process(
    start("plain"), start("mailed", message("mail")), start("called", message("call")),
    start("daily", timer("cycle", "R/P1D")), user("a"), end(),
    flows("plain > a", "mailed > a", "called > a", "daily > a > end"),
    before=BOTH,
)  # fmt: skip


def test_the_plain_start_is_taken_when_nothing_is_said() -> None:
    assert Story(SEVERAL).happened[0] == "started plain"


@pytest.mark.parametrize(
    ("begin", "entered"),
    [
        ({"message": "mail"}, "mailed"),
        ({"message": "call"}, "called"),
        ({"at": "daily"}, "daily"),
        ({"at": "called"}, "called"),
    ],
)
def test_each_start_event_begins_for_itself(begin: dict[str, Any], entered: str) -> None:
    story = Story(SEVERAL, **begin)
    assert story.happened == [
        f"started {entered}", f"entered {entered}", f"left {entered}", "entered a",
    ]  # fmt: skip


@pytest.mark.parametrize("begin", [{"message": "x"}, {"at": "a"}, {"at": "x"}, {"signal": "mail"}])
def test_what_is_no_start_starts_nothing(begin: dict[str, Any]) -> None:
    with pytest.raises(bpmn.NoSuchStart):
        bpmn.start(bpmn.parse(SEVERAL), {}, Story(SEVERAL).now, **begin)


def test_the_definition_tells_its_starts() -> None:
    told = [(s.element, s.kind, s.name, s.timer, s.expression) for s in bpmn.parse(SEVERAL).starts]
    assert told == [
        ("plain", "none", None, None, None),
        ("mailed", "message", "mail", None, None),
        ("called", "message", "call", None, None),
        ("daily", "timer", None, "cycle", "R/P1D"),
    ]


def test_what_a_message_brings_is_mapped() -> None:
    shown = node("startEvent", "s", message("mail"), io(outputs={"subject": "=head.subject"}))
    source = process(shown, user("a"), flows("s > a"), end(), flows("a > end"),
                     before=declare("mail"))  # fmt: skip
    story = Story(source, {"head": {"subject": "Hello"}}, message="mail")
    assert story.outcome.variables == {"subject": "Hello"}


CREATED = process(
    gateway("eventBased", "g", instantiate="true"), catch("mailed", message("mail")),
    catch("called", message("call")), user("a"), user("b"), end(),
    flows("g > mailed > a > end", "g > called > b > end"), before=BOTH,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "event", "task"), [("mail", "mailed", "a"), ("call", "called", "b")]
)
def test_a_gateway_creates_the_instance(name: str, event: str, task: str) -> None:
    story = Story(CREATED, {"x": 1}, message=name)
    assert story.happened == [
        f"started {event}", "entered g", "left g", f"entered {event}", f"left {event}",
        f"entered {task}",
    ]  # fmt: skip
    assert story.path == [f"g_{event}", f"{event}_{task}"]
    assert (story.tasks, story.waiting) == ([task], ([], []))
    assert story.outcome.variables == {"x": 1}


def test_such_a_process_is_not_begun_plainly() -> None:
    with pytest.raises(bpmn.NoSuchStart):
        Story(CREATED)


def test_a_receive_task_creates_the_instance() -> None:
    source = process(
        node("receiveTask", "come", messageRef="m_mail", instantiate="true"), user("a"), end(),
        flows("come > a > end"), before=declare("mail"),
    )  # fmt: skip
    assert Story(source, message="mail").happened[:3] == [
        "started come",
        "entered come",
        "left come",
    ]


def test_without_a_start_event_all_begin_that_nothing_leads_to() -> None:
    source = process(
        user("a"), user("b"), user("c"), gateway("parallel", "join"), end(), end("e2"), user("d"),
        boundary("late", "a", timer("duration", "P1D")),
        flows("a > join > c > end", "b > join", "late > d > e2"),
    )  # fmt: skip
    story = Story(source)
    assert story.happened == ["started a", "entered a", "entered b"]
    assert story.tasks == ["a", "b"]
    story.complete("a")
    story.complete("b")
    story.complete("c")
    assert story.is_over


def test_a_subprocess_without_a_start_event_begins_likewise() -> None:
    source = process(
        start(), sub("s", user("a"), user("b")), end(), flows("start > s > end"),
    )  # fmt: skip
    story = Story(source)
    assert story.tasks == ["a", "b"]
    story.complete("b")
    story.complete("a")
    assert story.is_over


def test_event_subprocesses_are_armed_however_it_begins() -> None:
    side = sub(
        "side", start("s", message("mail")), end("e"), flows("s > e"), triggeredByEvent="true"
    )
    source = process(user("a"), side, before=declare("mail", "=1"))
    story = Story(source)
    assert story.waiting == ([], ["s"])


WRONG = {
    "twice the same message": (
        process(start("x", message("m")), start("y", message("m")), user("a"), end(),
                flows("x > a > end", "y > a"), before=declare("m")),
        ("process.several-starts", "x"),
    ),
    "twice the same message by a gateway": (
        process(start("x", message("mail")), gateway("eventBased", "g", instantiate="true"),
                catch("b", message("mail")), catch("c", message("call")), user("a"), end(),
                flows("x > a > end", "g > b > a", "g > c > a"), before=BOTH),
        ("process.several-starts", "x"),
    ),
    "a creator within": (
        process(start(), gateway("eventBased", "x", instantiate="true"),
                catch("b", message("mail")), catch("c", message("call")), end(),
                flows("start > x > b > end", "x > c > end"), before=BOTH),
        ("start.creator", "x"),
    ),
    "created by a timer": (
        process(gateway("eventBased", "g", instantiate="true"), catch("b", message("mail")),
                catch("x", timer("duration", "PT1H")), end(), flows("g > b > end", "g > x > end"),
                before=declare("mail")),
        ("start.creator-message", "x"),
    ),
    "all events": (
        process(start(), gateway("eventBased", "x", eventGatewayType="Parallel"),
                catch("b", message("mail")), catch("c", message("call")), end(),
                flows("start > x > b > end", "x > c > end"), before=BOTH),
        ("gateway.event-parallel", "x"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_beginning_that_would_run_wrongly_is_refused(name: str) -> None:
    source, expected = WRONG[name]
    with pytest.raises(bpmn.Refused) as refused:
        bpmn.parse(source)
    assert expected in {(one.rule, one.element) for one in refused.value.findings}
