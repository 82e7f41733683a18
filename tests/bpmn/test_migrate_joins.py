"""Moving an instance whose tokens a join waits for: it goes on, or is not moved."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import bpmn
from bpmn.instance import Context
from bpmn.migrate import own_scopes
from bpmn.migrate_joins import starved_in
from bpmn.state import load
from tests.bpmn import build
from tests.bpmn.blocks import Maker
from tests.bpmn.moving import joined, move, plan, told
from tests.bpmn.story import NOON, Story
from tests.bpmn.test_properties import VARIABLES, Drawn, few, makers, next_command


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
