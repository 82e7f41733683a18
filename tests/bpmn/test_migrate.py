"""Moving an instance to another version: everything keeps its key, or nothing is moved."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bpmn
from bpmn.instance import Context
from bpmn.migrate import own_scopes
from bpmn.migrate_joins import starved_in
from bpmn.state import load
from tests.bpmn import build
from tests.bpmn.blocks import Maker, with_called
from tests.bpmn.story import NOON, Story
from tests.bpmn.test_properties import VARIABLES, Drawn, few, makers, next_command

PARTS = ("user_tasks", "timers", "messages", "jobs", "faults", "tokens", "variables", "signals")


def move(story: Story, source: bytes, **mapping: str) -> bpmn.Outcome:
    """Move the story's instance to a version and go on there."""
    new = bpmn.parse(source, "new.bpmn")
    outcome = bpmn.migrate(story.definition, new, story.outcome.state, mapping, story.now)
    story.definition = new
    story.outcome, story.last = outcome, outcome.trace
    return outcome


def plan(story: Story, source: bytes, **mapping: str) -> bpmn.MigrationPlan:
    return bpmn.plan_migration(
        story.definition, bpmn.parse(source), story.outcome.state, mapping
    )  # fmt: skip


def told(source: bytes, story: Story, **mapping: str) -> str:
    """Why the instance is refused; the plan and the attempt say the same."""
    reasons = plan(story, source, **mapping).reasons
    with pytest.raises(bpmn.CannotOperate) as error:
        bpmn.migrate(
            story.definition, bpmn.parse(source), story.outcome.state, mapping, story.now
        )  # fmt: skip
    assert error.value.texts == reasons[0]
    assert all(reason[language] for reason in reasons for language in ("en", "fa"))
    return reasons[0]["en"]


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


def joined(*names: str) -> bytes:
    chains = [f"split > {name} > join" for name in names]
    return build.process(
        build.start(), build.gateway("parallel", "split"), *(build.user(n) for n in names),
        build.gateway("parallel", "join"), build.user("after"), build.end(),
        build.flows("start > split", *chains, "join > after > end"),
    )  # fmt: skip


def test_a_join_goes_on_that_waits_for_a_flow_less() -> None:
    story = Story(joined("a", "b", "c"))
    for name in ("a", "b"):
        story.complete(name)
    story.tell(bpmn.MoveToken("c", "after"))
    move(story, joined("a", "b"))
    assert story.tasks == ["after", "after"]


def test_a_token_at_a_join_needs_the_flow_it_came_by() -> None:
    story = Story(joined("a", "b"))
    story.complete("a")
    assert "map that flow" in told(joined("x", "b"), story)
    move(story, joined("x", "b"), a_join="x_join")
    story.complete("b")
    assert story.tasks == ["after"]


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


def test_a_token_at_a_join_is_known_by_where_it_came_from() -> None:
    """A flow whose id was given to another one does not fill the wrong side of a join."""
    source = joined("a", "b")
    story = Story(source)
    story.complete("a")
    swapped = source.replace(b'"a_join"', b'"x"').replace(b'"b_join"', b'"a_join"')
    move(story, swapped.replace(b'"x"', b'"b_join"'))
    assert not story.outcome.faults
    story.complete("b")
    assert story.tasks == ["after"]


def test_a_branch_behind_a_split_that_is_passed_is_refused() -> None:
    """No token would ever come by it, so that the join would wait for ever."""
    story = Story(joined("a", "b"))
    assert "“join”" in told(joined("a", "b", "c"), story)
    story.complete("a")
    why = told(joined("a", "b", "c"), story)
    assert "“c_join”" in why
    assert "“join”" in why


def test_a_branch_is_added_where_the_split_is_still_to_come() -> None:
    early = build.process(
        build.start(), build.user("first"), build.gateway("parallel", "split"), build.user("a"),
        build.user("b"), build.gateway("parallel", "join"), build.end(),
        build.flows("start > first > split > a > join > end", "split > b > join"),
    )  # fmt: skip
    late = early.replace(
        b"</bpmn:process>",
        (build.user("c") + build.flows("split > c > join")).encode() + b"</bpmn:process>",
    )
    story = Story(early)
    move(story, late)
    story.complete("first")
    assert story.tasks == ["a", "b", "c"]


def test_one_token_in_one_of_two_branches_is_refused() -> None:
    plain = build.process(
        build.start(), build.user("a"), build.user("after"), build.end(),
        build.flows("start > a > after > end"),
    )  # fmt: skip
    assert "“b_join”" in told(joined("a", "b"), Story(plain))


def test_a_token_that_may_go_round_the_join_is_not_suspected() -> None:
    plain = build.process(
        build.start(), build.user("a"), build.end(), build.flows("start > a > end"),
    )  # fmt: skip
    free = build.process(
        build.start(), build.gateway("parallel", "split"), build.user("a"), build.user("b"),
        build.gateway("exclusive", "choice"), build.gateway("parallel", "join"), build.end(),
        build.end("out"),
        build.flows("start > split > a > choice", "choice >! join > end", "choice >[=x] out",
                    "split > b > join"),
    )  # fmt: skip
    assert not plan(Story(plain), free).reasons


def test_branches_exchanged_before_the_join_are_refused_once_one_is_passed() -> None:
    def crossed(left: str, right: str) -> bytes:
        return build.process(
            build.start(), build.gateway("parallel", "split"), build.user("a"), build.user("b"),
            build.node("manualTask", "ma"), build.node("manualTask", "mb"),
            build.gateway("parallel", "join"), build.end(),
            build.flows("start > split > a", "split > b", f"a > {left} > join > end",
                        f"b > {right} > join"),
        )  # fmt: skip

    story = Story(crossed("ma", "mb"))
    assert not plan(story, crossed("mb", "ma")).reasons
    story.complete("a")
    assert "“mb_join”" in told(crossed("mb", "ma"), story)
    move(story, crossed("mb", "ma"), ma_join="mb_join")
    story.complete("b")
    assert story.is_over


def test_a_join_in_a_subprocess_is_judged_by_its_own_tokens() -> None:
    def nested(*names: str) -> bytes:
        chains = [f"split > {name} > join" for name in names]
        inner = build.sub(
            "sub", build.start("s"), build.gateway("parallel", "split"),
            *(build.user(n) for n in names), build.gateway("parallel", "join"), build.end("e"),
            build.flows("s > split", *chains, "join > e"),
        )  # fmt: skip
        return build.process(build.start(), inner, build.end(), build.flows("start > sub > end"))

    assert "“c_join”" in told(nested("a", "b", "c"), Story(nested("a", "b")))


def test_what_waits_for_ever_in_the_old_version_too_may_be_moved() -> None:
    doomed = joined("a", "b")
    story = Story(doomed)
    story.tell(bpmn.MoveToken("b", "after"))
    story.complete("a")
    assert [fault.code for fault in story.outcome.faults] == ["deadlock"]
    move(story, doomed + b"<!-- 2 -->")
    assert [fault.code for fault in story.outcome.faults] == ["deadlock"]


@few
@given(maker=makers, seed=st.integers(0, 10_000))
def test_no_join_of_a_sound_diagram_is_suspected_at_any_moment(maker: Maker, seed: int) -> None:
    drawn, chance, now = Drawn(maker), Random(seed), NOON
    definition, known = drawn.definition, drawn.deployed
    outcome = bpmn.start(definition, VARIABLES, now, deployed=known)
    for _ in range(12):
        instance = load(definition.process, outcome.state, Context(now, deployed=known))
        scopes = list(own_scopes(instance))
        assert not [one for scope in scopes for one in starved_in(instance, scope)]
        if outcome.status != "active":
            break
        now += timedelta(minutes=10)
        command = next_command(outcome, chance)
        outcome = bpmn.step(definition, outcome.state, command, now, deployed=known)
