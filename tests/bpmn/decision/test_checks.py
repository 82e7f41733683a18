"""Decision tables are judged before they run: each finding names its cell and its line."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import decision
from bpmn.decision import load_decision, parse_decision, read_decision
from bpmn.decision.checks.cover import Budget
from bpmn.errors import Refused
from bpmn.model import Finding
from tests.bpmn.decision.models import decided, model, table

Rules = list[tuple[tuple[str, ...], tuple[str, ...]]]


def found(body: str) -> list[tuple[str, str, str]]:
    """The rule, the element and what stands in both languages of each finding."""
    told = read_decision(model(body), "t.dmn")[1]
    assert all(one.message["fa"] and one.message["en"] and one.line for one in told)
    return [(one.rule, one.element, one.message["en"]) for one in told]


def rules_of(body: str) -> list[str]:
    return [rule for rule, _, _ in found(body)]


def one_column(*cells: str, **words: Any) -> str:
    return table([((cell,), (str(place),)) for place, cell in enumerate(cells)], **words)


# -- cells and outputs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("number", '"high"'), ("string", "5"), ("boolean", '"yes"'), ("number", "[1, true]"),
        ("number", '> "a"'), ("date", "5"), ("number", 'not("a")'), ("string", "[1..5]"),
        ("number", '@"2026-03-21"'), ("days and time duration", '@"P1M"'),
    ],
)  # fmt: skip
def test_a_cell_of_another_type_is_refused(kind: str, cell: str) -> None:
    said = found(one_column(cell, "-", policy="FIRST", types=[kind]))
    assert [one[:2] for one in said] == [("dmn.cell-type", "r1i1")]
    assert "Rule 1, column “x”" in said[0][2]


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("number", "5, [7..9)"), ("string", '"a", "b"'), ("boolean", "true"), ("number", "null"),
        ("date", 'date("2026-03-21")'), ("date and time", '> date("2026-03-21")'),
        ("number", "limit"), ("number", "> limit"), ("string", "upper case(name)"),
        ("number", "? > 5"), ("time", '>= @"10:00:00"'), ("", '5, "a"'), ("number", "2 * 3"),
        ("tSome", '"x"'), ("context", "{a: 1}"),
    ],
)  # fmt: skip
def test_a_cell_that_may_match_is_left_alone(kind: str, cell: str) -> None:
    said = rules_of(one_column(cell, "-", policy="FIRST", types=[kind]))
    assert [rule for rule in said if rule != "dmn.type"] == []


def test_a_constant_without_a_value_is_refused_with_the_reason() -> None:
    [said] = found(one_column('date("2026-02-30")', "-", policy="FIRST", types=["date"]))
    assert said[:2] == ("dmn.cell-constant", "r1i1")
    assert "no such day" in said[2]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("[5..1]", {"types": ["number"]}),
        ('"c"', {"types": ["string"], "allowed": ['"a", "b"']}),
        ("> 9", {"types": ["number"], "allowed": ["[0..9]"]}),
        ("(5..5)", {}),
    ],
)
def test_a_cell_that_nothing_can_match_is_told(cell: str, words: dict[str, Any]) -> None:
    said = found(one_column(cell, "-", policy="FIRST", **words))
    assert [one[:2] for one in said] == [("dmn.cell-never", "r1i1")]


@pytest.mark.parametrize(
    ("result", "words", "rule"),
    [
        ('"a"', {"result": "number"}, "dmn.output-type"),
        ("true", {"result": "string"}, "dmn.output-type"),
        ('"c"', {"values": '"a", "b"'}, "dmn.output-value"),
        ('time("25:00:00")', {"result": "time"}, "dmn.output-constant"),
    ],
)
def test_an_output_that_is_not_allowed_is_refused(
    result: str, words: dict[str, Any], rule: str
) -> None:
    said = found(table([(("-",), (result,))], **words))
    assert [one[:2] for one in said] == [(rule, "r1o1")]


@pytest.mark.parametrize("result", ["null", "", "-", "a + b", '["a"]', "x"])
def test_an_output_that_may_be_right_is_left_alone(result: str) -> None:
    assert found(table([(("-",), (result,))], result="string")) == []


def test_the_values_of_a_type_are_known() -> None:
    kind = (
        '<itemDefinition name="tTier"><typeRef>string</typeRef><allowedValues><text>"gold",'
        '"silver"</text></allowedValues></itemDefinition>'
    )
    whole = one_column('"gold"', '"silver"', types=["tTier"])
    assert found(kind + whole) == []
    assert rules_of(kind + one_column('"gold"', types=["tTier"])) == ["dmn.gap"]
    assert rules_of(kind + one_column('"bronze"', "-", policy="FIRST", types=["tTier"])) == [
        "dmn.cell-never"
    ]
    assert rules_of(kind + table([(("-",), ('"bronze"',))], result="tTier")) == ["dmn.output-value"]


# -- rules together ---------------------------------------------------------------------------


def test_rules_that_overlap_are_refused_with_the_place_where_they_do() -> None:
    body = table(
        [
            (("< 10", '"a", "b"'), ("1",)),
            (("[5..20]", '"b", "c"'), ("2",)),
            ((">= 10", "-"), ("3",)),
        ],
        inputs=["age", "kind"],
        types=["number", "string"],
    )
    said = [one for one in found(body) if one[0] == "dmn.overlap"]
    assert [one[1] for one in said] == ["r2", "r3"]
    assert 'age: [5..10); kind: "b"' in said[0][2]
    with pytest.raises(Refused) as caught:
        parse_decision(model(body), "urgency.dmn")
    told = next(one for one in caught.value.findings if one.rule == "dmn.overlap")
    assert (told.file, told.line) == ("urgency.dmn", 4)
    assert "قاعده‌های ۱ و ۲" in told.message["fa"]


@pytest.mark.parametrize(
    "cells",
    [
        ("< 5", "[5..10]", "> 10"),
        ("1", "2", "not(1, 2)"),
        ("< limit", "5"),
        ('"a"', "5", 'date("2026-03-21")'),
        ("true", "false"),
        ('<= @"2026-01-31"', '>= @"2026-02-01"'),
        ('@"10:00:00"', '@"10:00:00Z"'),
    ],
)
def test_rules_that_do_not_overlap(cells: tuple[str, ...]) -> None:
    assert not [rule for rule in rules_of(one_column(*cells)) if "overlap" in rule]


def test_rules_that_meet_only_where_a_value_is_missing_are_doubtful() -> None:
    said = found(one_column("not(< 5)", "not(>= 5)", types=["number"]))
    assert [one[0] for one in said] == ["dmn.overlap-maybe"]


def test_any_wants_equal_outputs() -> None:
    unequal = table([(("< 9",), ("1",)), (("> 1",), ("2",))], policy="ANY")
    assert [one[:2] for one in found(unequal)] == [("dmn.overlap-any", "r2")]
    assert rules_of(table([(("< 9",), ("1",)), (("> 1",), ("1",))], policy="ANY")) == []
    assert rules_of(table([(("< 9",), ("1",)), (("> 1",), ("x",))], policy="ANY")) == []


def test_columns_that_depend_on_one_another_are_not_judged_together() -> None:
    rows: Rules = [(("< 5", "-"), ("1",)), (("-", ">= 5"), ("2",))]
    assert rules_of(table(rows, inputs=["x", "y"])) == ["dmn.gap", "dmn.overlap"]
    assert rules_of(table(rows, inputs=["x", "x"])) == []
    assert rules_of(table(rows, inputs=["x", "x + 1"])) == []
    assert rules_of(table(rows, inputs=["x.a", "x"])) == []


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        (("< 5", "> 5"), "x: 5"),
        (("< 5", ">= 6"), "x: [5..6)"),
        (('"a"', '"b"'), 'x: not("a", "b")'),
        (("true",), "x: false"),
        (('< @"2026-03-21"', '> @"2026-03-22"'), "x: 2026-03-21, 2026-03-22"),
        (('[@"P1D"..@"P2D"]', '> @"P2D"'), "x: < P1D"),
    ],
)
def test_what_no_rule_matches_is_told(cells: tuple[str, ...], where: str) -> None:
    [said] = found(one_column(*cells))
    assert said[:2] == ("dmn.gap", "t")
    assert f"when {where}." in said[2]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("< 5", ">= 5"), {}),
        (('"a"', 'not("a")'), {}),
        (("true", "false"), {}),
        (("< 5", "> limit"), {}),
        (("< 5",), {"policy": "COLLECT"}),
        (("< 5",), {"policy": "RULE ORDER"}),
        (('"a"', '"b"'), {"allowed": ['"a", "b"']}),
        (('upper case(?) = "A"',), {}),
    ],
)
def test_where_every_value_has_a_rule(cells: tuple[str, ...], words: dict[str, Any]) -> None:
    assert rules_of(one_column(*cells, **words)) == []


def test_a_default_output_leaves_no_gap() -> None:
    body = one_column('"a"', types=["string"]).replace(
        '<output id="o1" name="y">',
        '<output id="o1" name="y"><defaultOutputEntry><text>7</text></defaultOutputEntry>',
    )
    assert found(body) == []


def test_a_rule_that_is_never_reached_is_told() -> None:
    said = found(one_column("< 5", "[1..3]", "-", "> 7", policy="FIRST", types=["number"]))
    assert [one[:2] for one in said] == [("dmn.unreachable", "r2"), ("dmn.unreachable", "r4")]
    assert "by rule 1." in said[0][2]


def test_a_rule_may_be_hidden_by_several_together() -> None:
    rows: Rules = [
        (("< 5", "true"), ("1",)), ((">= 5", "true"), ("2",)), (("-", "false"), ("3",)),
        (("[1..9]", "true, false"), ("4",)), (("-", "-"), ("5",)),
    ]  # fmt: skip
    body = table(rows, policy="FIRST", inputs=["a", "b"], types=["number", "boolean"])
    assert [one[:2] for one in found(body)] == [("dmn.unreachable", "r4")]


def test_the_last_rule_is_reached_when_a_value_is_missing() -> None:
    assert rules_of(one_column("< 5", ">= 5", "-", policy="FIRST", types=["number"])) == []


def test_a_rule_that_says_the_same_again_is_told() -> None:
    body = table([(("1, 2",), ("1",)), (("3",), ("1",)), (("2, 1",), ("1",))], policy="COLLECT")
    assert [one[:2] for one in found(body)] == [("dmn.duplicate", "r3")]


def test_many_findings_of_one_kind_are_counted() -> None:
    said = [one for one in found(one_column(*["-"] * 30)) if one[0] == "dmn.overlap"]
    assert len(said) == 11
    assert said[-1][2].startswith("… and 425 more")


# -- the whole --------------------------------------------------------------------------------


def test_a_table_that_was_deployed_before_still_runs() -> None:
    source = model(one_column("< 5", "< 9"))
    with pytest.raises(Refused):
        parse_decision(source)
    assert load_decision(source).decisions.keys() == {"d"}


def test_shipped_tables_are_without_blame() -> None:
    folder = Path(decision.__file__).parents[1] / "diagrams"
    told: list[Finding] = []
    for path in folder.glob("*.dmn"):
        told += read_decision(path.read_bytes(), path.name)[1]
    assert told == []


NUMBERS = ("-", "1", "< 2", "> 1", "[1..2]", "(1..3)", "2, 3", "not(2)", "not([1..2])", ">= 3")
STRINGS = ("-", '"a"', '"b"', '"a", "b"', 'not("a")', "null", 'not("a", "b")')
BOOLEANS = ("-", "true", "false", "not(true)")
POINTS = (
    (None, 0, 1, 1.5, 2, 2.5, 3, 4),
    (None, "a", "b", "other"),
    (None, True, False),
)
ROWS = st.lists(
    st.tuples(st.sampled_from(NUMBERS), st.sampled_from(STRINGS), st.sampled_from(BOOLEANS)),
    min_size=1,
    max_size=5,
)


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_what_is_said_is_what_happens(rows: list[tuple[str, str, str]]) -> None:
    """Every point of a small world, asked of the table itself."""
    numbered: Rules = [(row, (str(place),)) for place, row in enumerate(rows, 1)]
    words: dict[str, Any] = {"inputs": ["n", "s", "b"], "types": ["number", "string", "boolean"]}
    asked = table(numbered, policy="RULE ORDER", **words)
    read = load_decision(model(asked))
    matches = {
        point: [
            int(hit)
            for hit in decision.decide(read, "d", dict(zip("nsb", point, strict=True))).value
        ]
        for point in product(*POINTS)
    }
    whole = {point: hits for point, hits in matches.items() if None not in point}
    unique = rules_of(table(numbered, **words))
    assert ("dmn.overlap" in unique) == any(len(hits) > 1 for hits in whole.values())
    assert any("overlap" in one for one in unique) == any(len(h) > 1 for h in matches.values())
    assert ("dmn.gap" in unique) == (not all(whole.values()))
    first = found(table(numbered, policy="FIRST", **words))
    hidden = {int(element[1:]) for rule, element, _ in first if rule == "dmn.unreachable"}
    hits = {found_first[0] for found_first in matches.values() if found_first}
    assert hidden == set(range(1, len(rows) + 1)) - hits


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every part of a table's space that the judge looks at."""
    looks: list[int] = []
    spend = Budget.spend

    def count(budget: Budget) -> None:
        looks.append(budget.left)
        spend(budget)

    monkeypatch.setattr(Budget, "spend", count)
    return looks


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST"])
def test_a_large_table_is_judged_in_few_looks(policy: str, looked_at: list[int]) -> None:
    cells = [
        tuple(f"[{(rule * 7 + column * 13) % 90}..{(rule * 7 + column * 13) % 90 + 9})"
              if (rule + column) % 3 else "-" for column in range(8))
        for rule in range(200)
    ]  # fmt: skip
    names = [f"x{column}" for column in range(8)]
    rows = [(row, ("1",)) for row in cells]
    read_decision(model(table(rows, policy=policy, inputs=names, types=["number"] * 8)))
    assert 0 < len(looked_at) <= 50_000


def test_the_judge_gives_up_rather_than_take_long(looked_at: list[int]) -> None:
    rows: Rules = [
        (tuple("-" if column != place % 12 else f"not({place})" for column in range(12)), ("1",))
        for place in range(400)
    ]
    read_decision(model(table(rows, policy="FIRST", inputs=[f"x{column}" for column in range(12)])))
    assert len(looked_at) <= 90_000


def test_decided_tables_are_not_judged() -> None:
    assert decided(one_column("< 5", "< 9"), x=7).value == 1


def test_a_text_without_quotation_marks_is_suspected() -> None:
    rows: Rules = [(("low",), ("yes",)), (('"high"',), ('"no"',)), (("-",), ("x",))]
    told = [one for one in found(table(rows, policy="FIRST")) if one[0] == "dmn.unquoted"]
    assert [text.partition(" stands")[0] for _, _, text in told] == [
        "Rule 1, column “x”: low", "Rule 1, column “y”: yes",
    ]  # fmt: skip


def test_a_name_in_a_column_of_numbers_is_a_variable() -> None:
    assert "dmn.unquoted" not in rules_of(table([(("limit",), ("1",))], types=["number"]))


def test_a_table_without_rules_is_told() -> None:
    assert "dmn.no-rules" in rules_of(table([]))


@pytest.mark.parametrize(("result", "wrong"), [("string", True), ("number", False), ("", False)])
def test_texts_are_not_added_up(result: str, wrong: bool) -> None:
    body = table([(("> 1",), ("1",))], policy="COLLECT", result=result)
    body = body.replace('hitPolicy="COLLECT"', 'hitPolicy="COLLECT" aggregation="SUM"')
    assert ("dmn.aggregation-type" in rules_of(body)) is wrong
