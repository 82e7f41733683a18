"""Moving an instance to another version: everything keeps its key, or nothing is moved."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bpmn
from tests.bpmn import build
from tests.bpmn.blocks import Maker, with_called
from tests.bpmn.moving import move, plan, told
from tests.bpmn.story import NOON, Story
from tests.bpmn.test_properties import VARIABLES, Drawn, few, makers, next_command

PARTS = ("user_tasks", "timers", "messages", "jobs", "faults", "tokens", "variables", "signals")


def desk(*inner: str, work: str = "work", late: str = "PT1H", more: str = "") -> bytes:
    """A user task with a timer at its edge."""
    return build.process(
        build.start(), build.user(work), build.user("after"), build.end(),
        build.boundary("late", work, build.timer("duration", late)), *inner,
        build.flows(f"start > {work} > after > end", "late > after", *([more] if more else [])),
        before=build.declare("call", "=case"),
    )  # fmt: skip


def test_tasks_and_timers_keep_their_keys_and_instants() -> None:
    story = Story(desk(), {"case": "1"})
    before = story.outcome
    story.wait(minutes=30)
    after = move(story, desk(late="PT5H"))
    assert (after.user_tasks, after.timers) == (before.user_tasks, before.timers)
    assert [t.kind for t in after.trace] == ["migrated"]
    story.ring("late")
    assert story.tasks == ["after"]


def test_a_mapped_element_keeps_its_key() -> None:
    story = Story(desk())
    key = story.task("work").key
    assert [(m.element, m.to, m.verdict) for m in plan(story, desk(work="do"), work="do").tokens] \
        == [("work", "do", "changed")]  # fmt: skip
    move(story, desk(work="do"), work="do")
    assert (story.task("do").key, story.waiting) == (key, (["late"], []))
    story.complete("do")
    assert story.tasks == ["after"]


def test_a_new_boundary_event_is_armed_and_one_that_is_gone_is_not() -> None:
    story = Story(desk(), {"case": "1"})
    called = build.boundary("called", "work", build.message("call"), interrupting=False)
    source = build.process(
        build.start(), build.user("work"), build.user("after"), build.end(), called,
        build.flows("start > work > after > end", "called > end"),
        before=build.declare("call", "=case"),
    )  # fmt: skip
    moves = plan(story, source).listeners
    assert [(m.element, m.verdict) for m in moves] == [("late", "removed"), ("called", "armed")]
    move(story, source)
    assert story.waiting == ([], ["called"])
    story.deliver("called")
    assert story.tasks == ["work"]


def test_a_new_timer_counts_from_the_move_and_one_that_fired_stays_fired() -> None:
    once = desk().replace(b'cancelActivity="true"', b'cancelActivity="false"')
    story = Story(once)
    story.ring("late")
    move(story, once.replace(b"</bpmn:process>", b"<!-- 2 --></bpmn:process>"))
    assert story.waiting == ([], [])
    soon = build.boundary("soon", "work", build.timer("duration", "PT2H"))
    move(story, desk(soon, more="soon > end"))
    (timer,) = story.outcome.timers
    assert (timer.element, timer.due_at) == ("soon", story.now + timedelta(hours=2))


def test_a_message_that_is_called_otherwise_is_waited_for_under_its_new_name() -> None:
    def waiting(name: str) -> bytes:
        return build.process(
            build.start(), build.catch("wait", build.message(name)), build.end(),
            build.flows("start > wait > end"), before=build.declare(name, "=case"),
        )  # fmt: skip

    story = Story(waiting("paid"), {"case": "1"})
    key = story.outcome.messages[0].key
    move(story, waiting("settled"))
    assert [(m.key, m.message) for m in story.outcome.messages] == [(key, "settled")]


def test_what_a_new_event_needs_and_cannot_get_refuses_the_instance() -> None:
    story = Story(desk())
    late = build.boundary("soon", "work", build.timer("duration", "=when"))
    with pytest.raises(bpmn.CannotOperate, match="cannot be worked out"):
        move(story, desk(late, more="soon > end"))


def test_an_element_that_is_missing_of_another_kind_or_elsewhere_is_refused() -> None:
    story = Story(desk())
    assert "no element “work”" in told(desk(work="do"), story)
    other = build.process(
        build.start(), build.service("work"), build.end(), build.flows("start > work > end")
    )  # fmt: skip
    assert "another kind" in told(other, story)
    inside = build.process(
        build.start(),
        build.sub("sub", build.start("s"), build.user("work"), build.end("e"),
                  build.flows("s > work > e")),
        build.end(), build.flows("start > sub > end"),
    )  # fmt: skip
    assert "another subprocess" in told(inside, story)
    turns = build.process(
        build.start(), build.user("work", inner=build.multi("=[1]")), build.end(),
        build.flows("start > work > end"),
    )  # fmt: skip
    assert "another kind" in told(turns, story)


def test_a_mapping_that_names_nothing_and_another_process_are_refused() -> None:
    story = Story(desk())
    assert "does not have" in told(desk(), story, work="nothing")
    assert "does not have" in told(desk(), story, nothing="work")
    assert "another process" in told(desk().replace(b'id="p"', b'id="q"'), story)


def test_turns_subprocesses_and_faults_move_along() -> None:
    def version(extra: str) -> bytes:
        loop = build.multi("=items", output=("out", "=item"))
        return build.process(
            build.start(),
            build.sub("sub", build.start("s"), build.user("each", inner=loop),
                      build.script("bad", "=x + 1", "y"), build.end("e"),
                      build.flows("s > each > bad > e")),
            build.end(), build.flows("start > sub > end"), f"<!-- {extra} -->",
        )  # fmt: skip

    story = Story(version("1"), {"items": [1, 2], "x": "no"})
    keys = [task.key for task in story.outcome.user_tasks]
    move(story, version("2"))
    assert [task.key for task in story.outcome.user_tasks] == keys
    story.complete("each")
    story.complete("each")
    fault = story.outcome.faults
    move(story, version("3"))
    assert story.outcome.faults == fault
    story.retry("bad", x=1)
    assert story.is_over


def guarded(*starts: str) -> bytes:
    """A process whose event subprocesses are begun by these messages."""
    held = [
        build.sub(f"on_{name}", build.start(f"s_{name}", build.message(name)),
                  build.user(f"u_{name}"), build.end(f"e_{name}"),
                  build.flows(f"s_{name} > u_{name} > e_{name}"), triggeredByEvent="true")
        for name in starts
    ]  # fmt: skip
    return build.process(
        build.start(), build.user("work"), build.end(), *held, build.flows("start > work > end"),
        before="".join(build.declare(name, "=case") for name in starts),
    )  # fmt: skip


def test_event_subprocesses_are_kept_removed_and_armed() -> None:
    story = Story(guarded("one", "two"), {"case": "1"})
    kept = next(m.key for m in story.outcome.messages if m.element == "s_two")
    move(story, guarded("two", "three"))
    waiting = {m.element: m.key for m in story.outcome.messages}
    assert sorted(waiting) == ["s_three", "s_two"]
    assert waiting["s_two"] == kept
    story.deliver("s_two")
    assert story.tasks == ["u_two"]
    move(story, guarded("two", "four"))
    assert story.waiting == ([], [])


def raced(*names: str) -> bytes:
    events = [build.catch(name, build.message(name)) for name in names]
    chains = [f"gate > {name} > end" for name in names]
    return build.process(
        build.start(), build.gateway("eventBased", "gate"), *events, build.end(),
        build.flows("start > gate", *chains),
        before="".join(build.declare(name, "=case") for name in names),
    )  # fmt: skip


def test_the_events_behind_a_gateway_are_those_of_the_new_version() -> None:
    story = Story(raced("a", "b"), {"case": "1"})
    move(story, raced("b", "c"))
    assert story.waiting == ([], ["b", "c"])
    story.deliver("c")
    assert story.is_over


SAGA = build.process(
    build.start(), build.service("book"), build.user("decide"),
    build.node("boundaryEvent", "undo", "<bpmn:compensateEventDefinition/>", attachedToRef="book"),
    build.service("cancel", isForCompensation="true"),
    build.end("end", "<bpmn:compensateEventDefinition/>"),
    '<bpmn:association id="a" sourceRef="undo" targetRef="cancel"/>',
    build.flows("start > book > decide > end"),
)  # fmt: skip


def test_what_may_have_to_be_undone_is_remembered_under_its_new_name() -> None:
    story = Story(SAGA)
    story.done("book")
    renamed = SAGA.replace(b'"book"', b'"reserve"').replace(b"book_", b"reserve_").replace(
        b"_book", b"_reserve")  # fmt: skip
    assert "undone" in told(renamed, story)
    move(story, renamed, book="reserve")
    story.complete("decide")
    assert [job.element for job in story.outcome.jobs] == ["cancel"]
    assert "Compensation runs" in told(SAGA, story, reserve="book")
    story.done("cancel")
    assert story.is_over


def renamed(source: bytes) -> tuple[bytes, dict[str, str]]:
    """The same diagram with other ids for all elements and flows, and what each is called."""
    text = source.decode()
    body = text[text.index("<bpmn:process") :]
    ids = set(re.findall(r' id="([^"]+)"', body)) - {"p"}
    marks = r' (id|\w+Ref|default)="([^"]+)"'
    body = re.sub(marks, lambda m: f' {m[1]}="n_{m[2]}"' if m[2] in ids else m[0], body)
    return (text[: text.index("<bpmn:process")] + body).encode(), {i: f"n_{i}" for i in ids}


@few
@given(maker=makers, seed=st.integers(0, 10_000), again=st.booleans())
def test_moving_to_the_same_process_changes_nothing(maker: Maker, seed: int, again: bool) -> None:
    """At any moment, whether all ids stay or all of them change."""
    drawn, (source, _) = Drawn(maker), with_called(maker)
    there, names = renamed(source) if again else (source + b"<!-- 2 -->", {})
    old, new, known = drawn.definition, bpmn.parse(there), drawn.deployed
    mapping = {here: name for here, name in names.items() if here in {*old.elements, *old.flows}}
    back = {name: here for here, name in mapping.items()}
    chance, now = Random(seed), NOON
    outcome = bpmn.start(old, VARIABLES, now, deployed=known)
    for _ in range(12):
        if outcome.status != "active":
            break
        reasons = bpmn.plan_migration(old, new, outcome.state, mapping, deployed=known).reasons
        assert all("Compensation runs" in reason["en"] for reason in reasons)
        if not reasons:
            moved = bpmn.migrate(old, new, outcome.state, mapping, now, deployed=known)
            assert [t.kind for t in moved.trace] == ["migrated"]
            assert [w.key for w in moved.places] == [w.key for w in outcome.places]
            home = bpmn.migrate(new, old, moved.state, back, now, deployed=known)
            for part in PARTS:
                assert getattr(home, part) == getattr(outcome, part), part
            outcome = home
        now += timedelta(minutes=10)
        outcome = bpmn.step(old, outcome.state, next_command(outcome, chance), now, deployed=known)


def working(*handlers: str) -> bytes:
    """A job that may fail, beside a task that writes ``n``."""
    return build.process(
        build.start(), build.gateway("parallel", "g"), build.service("job"), build.user("write"),
        build.end(), build.end("e2"), build.flows("start > g > job > end", "g > write > e2"),
        *handlers, before=build.declare_error("no"),
    )  # fmt: skip


def handled(trigger: str) -> str:
    return build.handler("h", trigger, build.user("x"), build.end("he"),
                         build.flows("h_start > x > he"))  # fmt: skip


def test_an_event_subprocess_for_errors_listens_from_then_on() -> None:
    story = Story(working())
    move(story, working(handled(build.error("no"))))
    story.tell(bpmn.ThrowError(story.job("job").key, "no", ""))
    assert story.tasks == ["x"]


def test_a_condition_of_the_new_version_is_judged_at_once() -> None:
    story = Story(working(handled(build.conditional("=n > 9"))), {"n": 5})
    assert story.tasks == ["write"]
    move(story, working(handled(build.conditional("=n > 4"))))
    assert story.tasks == ["x"]
