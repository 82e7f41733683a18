"""What stands between the decisions of a model is judged before it is deployed."""

from __future__ import annotations

import pytest

from bpmn.decision import decide, parse_decision, read_decision
from bpmn.model import Finding
from tests.bpmn.decision.models import literal, model

AMOUNT = (
    '<inputData id="amount" name="amount"><variable name="amount" typeRef="number"/></inputData>'
)
INVOKED = (
    '<decision id="d" name="d"><variable name="d"/>{needs}<invocation><literalExpression>'
    '<text>f</text></literalExpression><binding><parameter name="n"/><literalExpression>'
    '<text>1</text></literalExpression></binding><binding><parameter name="{other}"/>'
    "<literalExpression><text>2</text></literalExpression></binding></invocation></decision>"
)
CIRCLE = (
    '<itemDefinition name="a"><itemComponent name="x"><typeRef>b</typeRef></itemComponent>'
    '</itemDefinition><itemDefinition name="b"><itemComponent name="y"><typeRef>a</typeRef>'
    "</itemComponent></itemDefinition>"
)
CONTEXT = (
    '<decision id="d" name="d"><context><contextEntry><variable name="x"/><literalExpression>'
    '<text>1</text></literalExpression></contextEntry><contextEntry><variable name="{key}"/>'
    "<literalExpression><text>x + 1</text></literalExpression></contextEntry></context></decision>"
)


def needs(name: str, kind: str = "Knowledge") -> str:
    outer = "knowledge" if kind == "Knowledge" else "information"
    return f'<{outer}Requirement><required{kind} href="#{name}"/></{outer}Requirement>'


def function(name: str, *parameters: str, body: str = "1", more: str = "") -> str:
    formal = "".join(f'<formalParameter name="{one}"/>' for one in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}<literalExpression><text>{body}</text></literalExpression>"
        f"</encapsulatedLogic>{more}</businessKnowledgeModel>"
    )


def decision(text: str, *requires: str, name: str = "d", variable: str = "", kind: str = "") -> str:
    typed = f' typeRef="{kind}"' if kind else ""
    return (
        f'<decision id="{name}" name="{name}"><variable name="{variable or name}"{typed}/>'
        f"{''.join(requires)}<literalExpression><text>{text}</text></literalExpression></decision>"
    )


def service(name: str, *outputs: str, inputs: str = "") -> str:
    named = "".join(f'<outputDecision href="#{one}"/>' for one in outputs)
    taken = f'<inputData href="#{inputs}"/>' if inputs else ""
    return (
        f'<decisionService id="{name}" name="{name}"><variable name="{name}"/>{named}{taken}'
        "</decisionService>"
    )


def found(body: str) -> list[Finding]:
    return list(read_decision(model(body), "m.dmn")[1])


F = function("f", "n", "m")
NET = decision("1", name="net")
SERVED = AMOUNT + decision("amount", needs("amount", "Input"), name="net")
WRONG = [
    (F + decision("f(1, 2)"), "dmn.unrequired-function", "error"),
    (F + INVOKED.format(needs="", other="m"), "dmn.unrequired-function", "error"),
    (function("f", "n", body="f(n)") + decision("1"), "dmn.unrequired-function", "error"),
    (NET + service("s", "net") + decision("s()"), "dmn.unrequired-function", "error"),
    (NET + decision("net + 1"), "dmn.unrequired", "warning"),
    (F + decision("f(5)", needs("f")), "dmn.arguments", "warning"),
    (F + decision("f(n: 5, q: 3)", needs("f")), "dmn.arguments", "warning"),
    (F + INVOKED.format(needs=needs("f"), other="zz"), "dmn.arguments", "warning"),
    (SERVED + service("s", "net", inputs="amount") + decision("s()", needs("s")),
     "dmn.arguments", "warning"),
    (decision('"text"', kind="number"), "dmn.result-type", "warning"),
    (decision("1", name="net", variable="other"), "dmn.variable-name", "warning"),
    (CIRCLE + decision("x", kind="a"), "dmn.type-circle", "warning"),
    (service("s", "nowhere") + NET, "dmn.reference", "error"),
    (service("s") + NET, "dmn.service-output", "error"),
    (AMOUNT + decision("1", needs("amount", "Decision")), "dmn.kind", "warning"),
    (NET + decision("1", needs("net")), "dmn.kind", "warning"),
    (literal("a", "1") + literal("b", "2").replace('name="b"', 'name="a"'), "dmn.name", "warning"),
    (literal("a", "1") + literal("b", "2").replace('name="b"', 'name="a"')
     + decision("a", needs("a", "Decision"), needs("b", "Decision")),
     "dmn.name-together", "error"),
    (CONTEXT.format(key="x"), "dmn.context-key", "error"),
    (AMOUNT, "dmn.empty", "error"),
    (F, "dmn.no-decision", "warning"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "rule", "severity"), WRONG)
def test_what_goes_wrong_between_decisions_is_told(body: str, rule: str, severity: str) -> None:
    told = {one.rule: one for one in found(body)}
    assert rule in told, list(told)
    one = told[rule]
    assert (one.severity, one.file) == (severity, "m.dmn")
    assert one.line >= 2 - (rule in ("dmn.empty", "dmn.no-decision"))
    assert one.element
    assert all(text[key] for text in (one.message, one.remedy) for key in ("en", "fa"))


RIGHT = [
    F + decision("f(1, 2) + f(m: 1, n: 2)", needs("f")),
    F + INVOKED.format(needs=needs("f"), other="m"),
    function("f", "n", body="if n = 0 then 1 else f(n - 1)", more=needs("f"))
    + decision("f(5)", needs("f")),
    NET + decision("net + 1", needs("net", "Decision")),
    NET + decision("for net in [1] return net"),
    NET + decision("[{net: 1}][net = 1]"),
    NET + decision("{net: 2, more: net}"),
    decision("1", name="count") + decision("count([1])"),
    function("f", "net", body="net + 1") + NET + decision("f(1)", needs("f")),
    SERVED + service("s", "net", inputs="amount") + decision("s(3)", needs("s")),
    decision('"2026-03-21"', kind="string"),
    decision("null", kind="number"),
    CONTEXT.format(key="y"),
]


@pytest.mark.parametrize("body", RIGHT)
def test_what_is_right_is_not_suspected(body: str) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    ("namespace", "rules"),
    [
        ("https://www.omg.org/spec/DMN/20991231/MODEL/", ["dmn.namespace"]),
        ("urn:something", ["dmn.namespace"]),
        ("http://www.omg.org/spec/DMN/20151101/dmn.xsd", []),
        ("http://www.omg.org/spec/DMN/20180521/MODEL/", []),
        ("https://www.omg.org/spec/DMN/20230324/MODEL/", []),
        ("https://www.omg.org/spec/DMN/20240513/MODEL/", []),
    ],
)
def test_only_a_version_of_dmn_is_read(namespace: str, rules: list[str]) -> None:
    source = model(NET).replace(b"https://www.omg.org/spec/DMN/20191111/MODEL/", namespace.encode())
    assert [one.rule for one in read_decision(source)[1]] == rules


def chain(length: int) -> str:
    return decision("1", name="n0") + "".join(
        decision(f"n{at - 1} + 1", needs(f"n{at - 1}", "Decision"), name=f"n{at}")
        for at in range(1, length)
    )


def test_a_long_chain_of_decisions_is_evaluated() -> None:
    made = parse_decision(model(chain(2_000)))
    assert decide(made, "n1999", {}).value == 2_000
