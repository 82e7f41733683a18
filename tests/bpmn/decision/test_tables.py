"""Hit policies, defaults, listed values and the trace of a table."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import feel
from bpmn.decision import AnyViolated, DecisionError, UniqueViolated, ValueNotAllowed
from tests.bpmn.decision.models import decided, table

STEPS = (((">= 1",), ('"low"',)), ((">= 5",), ('"high"',)), ((">= 9",), ('"top"',)))
NUMBERS = ((("> 0",), ("10",)), (("> 1",), ("20",)), (("> 2",), ("5",)))


def value(body: str, **context: Any) -> Any:
    return feel.to_json(decided(body, **context).value)


def test_unique_gives_the_rule_that_matches() -> None:
    body = table([(("< 5",), ('"few"',)), ((">= 5",), ('"many"',))])
    assert value(body, x=3) == "few"
    assert value(body, x=7) == "many"
    assert value(body, x=None) is None


def test_unique_with_two_matches_is_an_error_that_names_the_rules() -> None:
    with pytest.raises(UniqueViolated) as caught:
        decided(table(STEPS), x=6)
    assert caught.value.rules == (1, 2)
    assert caught.value.decision == "d"
    assert "1, 2" in str(caught.value)
    assert isinstance(caught.value, DecisionError)
    assert "1، 2" in caught.value.messages["fa"]


def test_any_demands_equal_outputs() -> None:
    same = [(("> 1",), ('"a"',)), (("> 2",), ('"a"',))]
    assert value(table(same, policy="ANY"), x=3) == "a"
    with pytest.raises(AnyViolated):
        decided(table(STEPS, policy="ANY"), x=6)


@pytest.mark.parametrize(
    ("policy", "extra", "expected"),
    [
        ("FIRST", "", "low"),
        ("PRIORITY", "", "high"),
        ("RULE ORDER", "", ["low", "high"]),
        ("OUTPUT ORDER", "", ["high", "low"]),
        ("COLLECT", "", ["low", "high"]),
        ("COLLECT", 'aggregation="COUNT"', 2),
    ],
)
def test_policies_on_several_matches(policy: str, extra: str, expected: Any) -> None:
    body = table(STEPS, policy=policy, values='"top", "high", "low"', extra=extra)
    assert value(body, x=6) == expected


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("SUM", 30), ("MIN", 10), ("MAX", 20), ("COUNT", 2)]
)
def test_aggregations(aggregation: str, expected: int) -> None:
    body = table(NUMBERS, policy="COLLECT", extra=f'aggregation="{aggregation}"')
    assert value(body, x=2) == expected


@pytest.mark.parametrize(
    ("policy", "extra", "expected"),
    [
        ("UNIQUE", "", None),
        ("FIRST", "", None),
        ("COLLECT", "", []),
        ("COLLECT", 'aggregation="SUM"', None),
        ("COLLECT", 'aggregation="COUNT"', 0),
    ],
)
def test_no_match(policy: str, extra: str, expected: Any) -> None:
    assert value(table(NUMBERS, policy=policy, extra=extra), x=-1) == expected


def test_the_default_stands_where_no_rule_matches() -> None:
    body = table([(("1",), ('"one"',))]).replace(
        '<output id="o1" name="y">',
        '<output id="o1" name="y"><defaultOutputEntry><text>"other"</text></defaultOutputEntry>',
    )
    assert value(body, x=1) == "one"
    assert value(body, x=2) == "other"


def test_several_outputs_make_a_context() -> None:
    body = table(
        [(('"fa"', "-"), ('"سلام"', "1")), (('"en"', "> 3"), ('"hello"', "x + 1"))],
        inputs=("language", "x"),
        outputs=("greeting", "شماره"),
    )
    assert value(body, language="fa", x=0) == {"greeting": "سلام", "شماره": 1}
    assert value(body, language="en", x=4) == {"greeting": "hello", "شماره": 5}
    assert value(body, language="en", x=1) is None


def test_an_output_that_is_not_listed_is_an_error() -> None:
    body = table([(("-",), ("x",))], values='"a", "b"')
    assert value(body, x="a") == "a"
    with pytest.raises(ValueNotAllowed):
        decided(body, x="c")


def test_an_input_that_is_not_listed_is_an_error() -> None:
    body = table([(("-",), ("1",))]).replace(
        "</inputExpression>", '</inputExpression><inputValues><text>"a","b"</text></inputValues>'
    )
    assert value(body, x="a") == 1
    with pytest.raises(ValueNotAllowed):
        decided(body, x="c")


def test_the_trace_says_which_rules_matched_and_why() -> None:
    found = decided(table(STEPS, policy="COLLECT"), x=6)
    [match] = found.matches
    assert (match.decision, match.table, match.hit_policy) == ("d", "t", "COLLECT")
    assert match.rules == (1, 2)
    assert match.rule_ids == ("r1", "r2")
    assert match.annotations == (("note 1",), ("note 2",))
    assert match.inputs == (6,)


def test_no_match_is_traced_too() -> None:
    assert decided(table(STEPS), x=0).matches[0].rules == ()
