"""Small diagrams for tests: each is one sentence of BPMN."""

from __future__ import annotations

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' id="d" targetNamespace="https://peygir.example/tests">\n'
)
_TAIL = "</bpmn:definitions>\n"


def process(key: str, inside: str, before: str = "") -> bytes:
    """A file with one executable process around these elements."""
    body = f'<bpmn:process id="{key}" name="{key}" isExecutable="true">\n{inside}</bpmn:process>\n'
    return (_HEAD + before + body + _TAIL).encode()


def flow(number: int, source: str, target: str, condition: str = "") -> str:
    """A sequence flow, with a FEEL condition if given."""
    inside = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={condition}'
        "</bpmn:conditionExpression>"
        if condition
        else ""
    )
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="f{number}" {ends}>{inside}</bpmn:sequenceFlow>\n'


def user_task(name: str, group: str) -> str:
    """A user task for one group, without a form."""
    return (
        f'<bpmn:userTask id="{name}" name="{name}"><bpmn:extensionElements><zeebe:userTask />'
        f'<zeebe:assignmentDefinition candidateGroups="{group}" />'
        "</bpmn:extensionElements></bpmn:userTask>\n"
    )


def one_step(key: str = "one-step", group: str = "intake") -> bytes:
    """Start, one user task, end."""
    return process(
        key,
        '<bpmn:startEvent id="s" />\n'
        + user_task("do", group)
        + '<bpmn:endEvent id="e" />\n'
        + flow(1, "s", "do")
        + flow(2, "do", "e"),
    )


def narrow_gate(key: str = "narrow-gate") -> bytes:
    """A gateway without a default flow: small amounts get a fault, large ones pass."""
    return process(
        key,
        '<bpmn:startEvent id="s" />\n<bpmn:exclusiveGateway id="gate" />\n'
        '<bpmn:endEvent id="e" />\n<bpmn:endEvent id="e2" />\n'
        + flow(1, "s", "gate")
        + flow(2, "gate", "e", "amount &gt; 10")
        + flow(3, "gate", "e2", "amount &gt; 100"),
    )


def waits_for_payment(key: str = "payment") -> bytes:
    """Waits for the message `paid` that names its order."""
    before = (
        '<bpmn:message id="m" name="paid"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message>\n'
    )
    return process(
        key,
        '<bpmn:startEvent id="s" />\n<bpmn:intermediateCatchEvent id="wait">'
        '<bpmn:messageEventDefinition messageRef="m" /></bpmn:intermediateCatchEvent>\n'
        '<bpmn:endEvent id="e" />\n' + flow(1, "s", "wait") + flow(2, "wait", "e"),
        before,
    )


def broken() -> bytes:
    """Two things wrong: a task that leads nowhere, for a group that does not exist."""
    return process(
        "broken",
        '<bpmn:startEvent id="s" />\n' + user_task("do", "nobodys") + flow(1, "s", "do"),
    )
