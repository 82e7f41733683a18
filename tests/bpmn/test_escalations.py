"""Escalations and errors: who catches them, in which order, and what goes on."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    declare_error,
    declare_escalation,
    end,
    error,
    escalation,
    flows,
    gateway,
    handler,
    io,
    multi,
    node,
    process,
    properties,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.bpmn.story import Story

LATE = declare_escalation("late")
INNER = sub("s", start("s1"), throw("t", escalation("late")), user("a"), end("e"),
            flows("s1 > t > a > e"))  # fmt: skip


def edge(code: str | None = "late", *, interrupting: bool) -> bytes:
    """A subprocess that escalates, with one boundary event."""
    return process(
        start(), INNER, boundary("b", "s", escalation(code), interrupting=interrupting),
        user("boss"), end(), end("e2"), flows("start > s > end", "b > boss > e2"), before=LATE,
    )  # fmt: skip


@pytest.mark.parametrize("code", ["late", None])
def test_the_thrower_goes_on_when_the_catcher_does_not_interrupt(code: str | None) -> None:
    story = Story(edge(code, interrupting=False))
    assert story.tasks == ["a", "boss"]
    assert story.happened == [
        "started start", "entered start", "left start", "entered s", "entered s1", "left s1",
        "entered t", "thrown t", "escalation b", "entered b", "left t", "left b", "entered a",
        "entered boss",
    ]  # fmt: skip
    assert next(t.data for t in story.trace if t.kind == "escalation") == {"code": "late"}
    story.complete("a")
    story.complete("boss")
    assert story.is_over


def test_the_thrower_ends_when_the_catcher_interrupts() -> None:
    story = Story(edge(interrupting=True))
    assert story.tasks == ["boss"]
    assert story.happened[-5:] == [
        "cancelled t", "cancelled s", "entered b", "left b", "entered boss",
    ]  # fmt: skip


def test_uncaught_it_does_nothing_but_leave_a_trace() -> None:
    source = process(start(), INNER, end(), flows("start > s > end"), before=LATE)
    story = Story(source)
    assert story.tasks == ["a"]
    assert story.happened[7:10] == ["thrown t", "uncaught t", "left t"]
    assert not story.outcome.faults
    assert [w.rule for w in story.definition.warnings] == ["event.escalation-uncaught"]


def test_the_code_is_preferred_to_catching_all_and_the_near_to_the_far() -> None:
    near = boundary("all", "s", escalation(), interrupting=False)
    code = boundary("code", "s", escalation("late"), interrupting=False)
    outer = sub(
        "o", start("o1"), INNER, near, code, user("x"), user("y"), end("oe"), end("e3"),
        flows("o1 > s > oe", "all > x > e3", "code > y > e3"),
    )  # fmt: skip
    source = process(
        start(), outer, boundary("far", "o", escalation("late"), interrupting=False), user("z"),
        end(), end("e4"), flows("start > o > end", "far > z > e4"), before=LATE,
    )  # fmt: skip
    assert Story(source).tasks == ["a", "y"]


def test_only_the_nearest_catches_and_another_code_passes_by() -> None:
    outer = sub(
        "o", start("o1"), INNER, boundary("other", "s", escalation("other")), user("x"),
        end("oe"), end("e3"), flows("o1 > s > oe", "other > x > e3"),
    )  # fmt: skip
    source = process(
        start(), outer, boundary("far", "o", escalation("late"), interrupting=False), user("z"),
        end(), end("e4"), flows("start > o > end", "far > z > e4"),
        before=LATE + declare_escalation("other"),
    )  # fmt: skip
    assert Story(source).tasks == ["a", "z"]


def test_an_escalation_end_event_in_an_event_subprocess_of_the_scope() -> None:
    source = process(
        start(), gateway("parallel", "g"), user("a"), end(), user("w"),
        end("e", escalation("late")),
        flows("start > g > a > e", "g > w > end"),
        handler("h", escalation("late"), user("x"), end("he"), flows("h_start > x > he"),
                interrupting=False), before=LATE,
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert story.tasks == ["w", "x"]
    assert story.outcome.end_elements == ("e",)
    story.complete("w")
    assert story.outcome.status == "active"
    story.complete("x")
    assert story.is_over


def test_an_interrupting_handler_takes_the_end_away() -> None:
    source = process(
        start(), gateway("parallel", "g"), user("a"), end(), user("w"),
        end("e", escalation("late")),
        flows("start > g > a > e", "g > w > end"),
        handler("h", escalation(), user("x"), end("he"), flows("h_start > x > he")), before=LATE,
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert story.tasks == ["x"]
    assert not story.outcome.end_elements
    assert story.complete("x").end_elements == ("he",)


def test_a_handler_does_not_catch_what_it_throws_itself() -> None:
    inner = sub(
        "s", start("s1"), throw("t", escalation("late")), user("a"), end("e"),
        flows("s1 > t > a > e"),
        handler("h", escalation("late"), throw("again", escalation("late")), end("he"),
                flows("h_start > again > he"), interrupting=False),
    )  # fmt: skip
    source = process(
        start(), inner, boundary("b", "s", escalation("late"), interrupting=False), user("boss"),
        end(), end("e2"), flows("start > s > end", "b > boss > e2"), before=LATE,
    )  # fmt: skip
    story = Story(source)
    assert story.tasks == ["a", "boss"]
    assert [h for h in story.happened if h.startswith("escalation")] == [
        "escalation h_start", "escalation b",
    ]  # fmt: skip


def test_each_turn_escalates_to_the_border_of_the_whole() -> None:
    inner = INNER.replace("<bpmn:startEvent", multi("=[1, 2, 3]") + "<bpmn:startEvent", 1)
    source = process(
        start(), inner, boundary("b", "s", escalation("late"), interrupting=False), user("boss"),
        end(), end("e2"), flows("start > s > end", "b > boss > e2"), before=LATE,
    )  # fmt: skip
    assert Story(source).tasks == ["a", "a", "a", "boss", "boss", "boss"]


def test_code_and_values_travel_to_the_catcher() -> None:
    inner = sub(
        "s", start("s1"), throw("t", escalation("dyn"), io(inputs={"days": "=n + 1"})), user("a"),
        end("e"), flows("s1 > t > a > e"),
    )  # fmt: skip
    caught = node(
        "boundaryEvent", "b", escalation(), properties(escalationCodeVariable="level"),
        attachedToRef="s", cancelActivity="false",
    )  # fmt: skip
    source = process(
        start(), inner, caught, user("boss"), end(), end("e2"),
        flows("start > s > end", "b > boss > e2"),
        before=declare_escalation("dyn", '="level-" + string(n)'),
    )  # fmt: skip
    assert Story(source, {"n": 2}).outcome.variables == {"n": 2, "days": 3, "level": "level-2"}


def test_a_code_that_comes_to_nothing_is_a_fault() -> None:
    source = process(
        start(), throw("t", escalation("dyn")), end(), flows("start > t > end"),
        before=declare_escalation("dyn", "=level"),
    )  # fmt: skip
    story = Story(source)
    assert [(f.element, f.code) for f in story.outcome.faults] == [("t", "escalation")]
    story.retry("t", level="high")
    assert story.is_over


class TestErrorsInAScope:
    NO = declare_error("no") + declare_error("other")

    @staticmethod
    def inner(*handlers: str, bad: str | None = "no") -> str:
        """A subprocess whose job may fail, with a boundary-less scope of its own."""
        return sub(
            "s", start("s1"), gateway("parallel", "g"), user("a"), service("job"),
            end("bad", error(bad)), end("good"),
            flows("s1 > g > a > bad", "g > job > good"), *handlers,
        )  # fmt: skip

    def source(self, *handlers: str) -> bytes:
        return process(
            start(), self.inner(*handlers), boundary("b", "s", error("no")), user("outside"),
            end(), end("e2"), flows("start > s > end", "b > outside > e2"), before=self.NO,
        )  # fmt: skip

    def handler(self, code: str | None, key: str = "h") -> str:
        return handler(key, error(code), user(f"{key}_x"), end(f"{key}_e"),
                       flows(f"{key}_start > {key}_x > {key}_e"))  # fmt: skip

    def test_the_scope_comes_before_the_border(self) -> None:
        story = Story(self.source(self.handler("no")))
        story.complete("a")
        assert story.tasks == ["h_x"]
        assert not story.outcome.jobs
        assert story.happened == [
            "left a", "entered bad", "left bad", "error h_start", "cancelled job", "entered h",
            "entered h_start", "left h_start", "entered h_x",
        ]  # fmt: skip
        story.complete("h_x")
        assert story.is_over

    def test_another_code_passes_the_scope_by(self) -> None:
        story = Story(self.source(self.handler("other")))
        story.complete("a")
        assert story.tasks == ["outside"]

    def test_of_two_handlers_the_one_for_the_code(self) -> None:
        story = Story(self.source(self.handler(None, "any"), self.handler("no")))
        story.complete("a")
        assert story.tasks == ["h_x"]

    def test_the_error_of_a_job_reaches_it_with_its_values(self) -> None:
        kept = properties(errorCodeVariable="code", errorMessageVariable="words")
        begun = node("startEvent", "hs", error(), kept)
        caught = sub("h", begun, user("x"), end("he"), flows("hs > x > he"),
                     triggeredByEvent="true")  # fmt: skip
        story = Story(self.source(caught))
        story.tell(bpmn.ThrowError(story.job("job").key, "stock", "none left", {"left": 0}))
        assert story.tasks == ["x"]
        assert story.outcome.variables == {"left": 0, "code": "stock", "words": "none left"}

    def test_an_error_inside_the_handler_goes_further_out(self) -> None:
        again = handler("h", error("no"), end("worse", error("no")), flows("h_start > worse"))
        story = Story(self.source(again))
        story.complete("a")
        assert story.tasks == ["outside"]

    def test_uncaught_it_is_a_fault(self) -> None:
        source = process(start(), self.inner(self.handler("other")), end(),
                         flows("start > s > end"), before=self.NO)  # fmt: skip
        story = Story(source)
        story.complete("a")
        assert [(f.element, f.code) for f in story.outcome.faults] == [("bad", "no")]

    def test_it_waits_quietly_when_nothing_goes_wrong(self) -> None:
        source = process(start(), user("a"), end(), flows("start > a > end"),
                         self.handler("no"), before=self.NO)  # fmt: skip
        story = Story(source)
        assert story.outcome.tokens == ("a",)
        story.complete("a")
        assert story.is_over


REFUSED = {
    "an escalation without code": (
        process(start(), throw("x", escalation()), end(), flows("start > x > end")),
        ("event.escalation-missing", "x"),
    ),
    "a code worked out where it is caught": (
        process(start(), INNER, boundary("x", "s", escalation("dyn")), end(),
                flows("start > s > end", "x > end"),
                before=LATE + declare_escalation("dyn", "=level")),
        ("event.escalation-feel", "x"),
    ),
    "caught at a task that cannot escalate": (
        process(start(), user("a"), boundary("x", "a", escalation()), end(),
                flows("start > a > end", "x > end")),
        ("boundary.never", "x"),
    ),
    "twice the same": (
        process(start(), INNER, boundary("x", "s", escalation("late")),
                boundary("y", "s", escalation("late"), interrupting=False), end(),
                flows("start > s > end", "x > end", "y > end"), before=LATE),
        ("event.ambiguous", "y"),
    ),
    "an error that does not interrupt": (
        process(start(), user("a"), end(), flows("start > a > end"),
                handler("h", error("no"), end("he"), flows("h_start > he"), interrupting=False),
                before=declare_error("no")),
        ("event.error-not-interrupting", "h_start"),
    ),
    "a variable with no name": (
        process(start(), service("a"),
                node("boundaryEvent", "x", error(), properties(errorCodeVariable="my code"),
                     attachedToRef="a"), end(), flows("start > a > end", "x > end")),
        ("mapping.target", "x"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_run_wrongly_is_refused(name: str) -> None:
    source, wanted = REFUSED[name]
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    assert wanted in {(f.rule, f.element) for f in caught.value.findings}
