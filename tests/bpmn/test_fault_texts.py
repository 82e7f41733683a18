"""What a fault says to people is all Persian in Persian, and says what is the matter."""

from __future__ import annotations

import re

import pytest

from tests.bpmn.build import (
    boundary,
    catch,
    end,
    flows,
    gateway,
    io,
    multi,
    node,
    process,
    script,
    start,
    timer,
    user,
)
from tests.bpmn.story import Story

ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


def held(part: str, *more: str) -> bytes:
    return process(start(), part, end(), flows("start > x > end"), *more)


CYCLE = boundary("b", "x", timer("cycle", "=c"), interrupting=False)
DECISION = '<zeebe:calledDecision decisionId="d" resultVariable="r"/>'


@pytest.mark.parametrize(
    ("source", "variables", "english", "persian"),
    [
        (process(start(), gateway("exclusive", "x"), user("u"), end(),
                 flows("start > x >[=amount > 5] u > end", "x >! end")), {},
         "no variable 'amount' (at character 1)", "متغیری با نام «amount» نیست (نویسهٔ ۱)"),
        (held(catch("x", timer("date", "=d"))), {"d": "soon"}, "write it like", "بنویسید"),
        (held(catch("x", timer("date", "=d"))), {"d": "2026-03-21T10:00:00"}, "offset is missing",
         "اختلاف ساعت ندارد"),
        (held(catch("x", timer("date", "=date(d)"))), {"d": "x"}, "Not a date: 'x'",
         "این تاریخ نیست: 'x'"),
        (held(user("x"), CYCLE, end("e"), flows("b > e")), {"c": 3}, "it is no text", "متن نیست"),
        (held(user("x"), CYCLE, end("e"), flows("b > e")), {"c": "R0/P1D"}, "never happens",
         "هرگز رخ نمی‌دهد"),
        (held(user("x", io(inputs={"a": "=for i in 1..1000000000 return i"}))), {},
         "250000 items at most", "عضو ندارد"),
        (held(user("x", io(inputs={"a.b": "=1", "a": "=[1]", "a.c": "=1"}))), {},
         "leads into a list", "به درون یک فهرست می‌رود"),
        (held(script("x", "=1 + n", "r")), {"n": "a"}, "number and string", "عدد و متن"),
        (held(script("x", '="a\\u0000"', "r")), {}, "NUL", "NUL"),
        (held(user("x", inner=multi("=3"))), {}, "not a list", "فهرست نیست"),
        (held(user("x", '<zeebe:priorityDefinition priority="=101"/>')), {}, "between 0 and 100",
         "میان 0 و 100 نیست"),
        (held(node("businessRuleTask", "x", "", DECISION)), {}, "no decision “d”",
         "تصمیم «d» نیست"),
    ],
)  # fmt: skip
def test_a_fault_speaks_both_languages(
    source: bytes, variables: dict[str, object], english: str, persian: str
) -> None:
    (found,) = Story(source, variables).outcome.faults
    assert english in found.texts["en"]
    assert persian in found.texts["fa"]
    assert not ENGLISH.search(re.sub("«[^»]*»", "", found.texts["fa"])), found.texts["fa"]
