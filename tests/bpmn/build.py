"""Small diagrams for tests, written as Python calls: ``process(start(), user("a"), ...)``.

Flows are written as chains, ``flows("start > a > end")``; a condition stands in brackets, a
default flow ends in ``!``: ``"gate >[=x = 1] a"``, ``"gate >! b"``.
"""

from __future__ import annotations

import re
from html import escape

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions"'
    ' targetNamespace="peygir">\n'
)


def process(
    *parts: str, key: str = "p", attrs: str = "", before: str = "", properties: str = ""
) -> bytes:
    """A whole file with one executable process; ``before`` declares messages and errors."""
    held = f"<bpmn:extensionElements>{properties}</bpmn:extensionElements>" if properties else ""
    text = (
        f'{HEAD}{before}\n<bpmn:process id="{key}" isExecutable="true" {attrs}>{held}\n'
        + "\n".join(_with_defaults(parts))
        + "\n</bpmn:process>\n</bpmn:definitions>"
    )
    return text.encode()


def _with_defaults(parts: tuple[str, ...]) -> list[str]:
    """Move the defaults that flows name onto the gateways that they leave."""
    text = "\n".join(parts)
    for source, flow in re.findall(r"<!--default (\S+) (\S+)-->", text):
        text = text.replace(f' id="{source}"', f' id="{source}" default="{flow}"', 1)
    return [re.sub(r"<!--default \S+ \S+-->", "", text)]


def node(kind: str, key: str, inner: str = "", extension: str = "", **attrs: str) -> str:
    """Any flow node; what should have a name is named by its id, so that style is no matter."""
    if kind.lower().endswith(("task", "subprocess", "activity", "transaction", "gateway")):
        attrs.setdefault("name", key)
    said = "".join(f' {name}="{escape(value)}"' for name, value in attrs.items())
    held = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>" if extension else ""
    return f'<bpmn:{kind} id="{key}"{said}>{held}{inner}</bpmn:{kind}>'


def start(key: str = "start", inner: str = "", **attrs: str) -> str:
    """A start event."""
    return node("startEvent", key, inner, **attrs)


def end(key: str = "end", inner: str = "", **attrs: str) -> str:
    """An end event."""
    return node("endEvent", key, inner, **attrs)


def user(key: str, extension: str = "", *, groups: str = "desk", inner: str = "", **attrs: str
         ) -> str:  # fmt: skip
    """A user task for a group."""
    said = f'<zeebe:assignmentDefinition candidateGroups="{escape(groups)}"/>' if groups else ""
    return node("userTask", key, inner, said + extension, **attrs)


def service(key: str, extension: str = "", *, kind: str = "work", inner: str = "", **attrs: str
            ) -> str:  # fmt: skip
    """A service task."""
    said = f'<zeebe:taskDefinition type="{escape(kind)}"/>'
    return node("serviceTask", key, inner, said + extension, **attrs)


def script(key: str, expression: str, result: str) -> str:
    """A script task."""
    said = f'<zeebe:script expression="{escape(expression)}" resultVariable="{result}"/>'
    return node("scriptTask", key, "", said)


def io(*, inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """An ioMapping: target to source."""
    lines = [f'<zeebe:input source="{escape(s)}" target="{t}"/>' for t, s in (inputs or {}).items()]
    lines += [
        f'<zeebe:output source="{escape(s)}" target="{t}"/>' for t, s in (outputs or {}).items()
    ]
    return f"<zeebe:ioMapping>{''.join(lines)}</zeebe:ioMapping>"


def properties(**said: str) -> str:
    """zeebe properties; ``__`` in a name stands for a dot."""
    lines = "".join(
        f'<zeebe:property name="{name.replace("__", ".")}" value="{escape(value)}"/>'
        for name, value in said.items()
    )
    return f"<zeebe:properties>{lines}</zeebe:properties>"


def timer(kind: str, value: str) -> str:
    """A timer definition: ``date``, ``duration`` or ``cycle``."""
    tag = f"bpmn:time{kind.capitalize()}"
    return (
        f'<bpmn:timerEventDefinition><{tag} xsi:type="bpmn:tFormalExpression">{escape(value)}'
        f"</{tag}></bpmn:timerEventDefinition>"
    )


def message(name: str) -> str:
    """A reference to a message declared by ``declare``."""
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def error(code: str | None = None) -> str:
    """A reference to an error declared by ``declare_error``; none catches every error."""
    return f'<bpmn:errorEventDefinition errorRef="e_{code}"/>' if code else (
        "<bpmn:errorEventDefinition/>"
    )  # fmt: skip


def signal(name: str) -> str:
    """A reference to a signal declared by ``declare_signal``."""
    return f'<bpmn:signalEventDefinition signalRef="s_{name}"/>'


def escalation(code: str | None = None) -> str:
    """A reference to an escalation declared by ``declare_escalation``; none catches every one."""
    said = f' escalationRef="x_{code}"' if code else ""
    return f"<bpmn:escalationEventDefinition{said}/>"


def conditional(condition: str) -> str:
    """A condition that is waited for."""
    return (
        '<bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">'
        f"{escape(condition)}</bpmn:condition></bpmn:conditionalEventDefinition>"
    )


def declare(name: str, correlation: str = "=number") -> str:
    """A message of the file."""
    held = f'<zeebe:subscription correlationKey="{escape(correlation)}"/>' if correlation else ""
    return (
        f'<bpmn:message id="m_{name}" name="{name}"><bpmn:extensionElements>{held}'
        "</bpmn:extensionElements></bpmn:message>"
    )


def declare_error(code: str) -> str:
    """An error of the file."""
    return f'<bpmn:error id="e_{code}" name="{code}" errorCode="{code}"/>'


def declare_signal(key: str, name: str | None = None) -> str:
    """A signal of the file; its name may be FEEL."""
    return f'<bpmn:signal id="s_{key}" name="{escape(name or key)}"/>'


def declare_escalation(key: str, code: str | None = None) -> str:
    """An escalation of the file; its code may be FEEL where it is thrown."""
    return f'<bpmn:escalation id="x_{key}" name="{key}" escalationCode="{escape(code or key)}"/>'


def boundary(key: str, host: str, inner: str, *, interrupting: bool = True, **attrs: str) -> str:
    """A boundary event."""
    return node(
        "boundaryEvent", key, inner, attachedToRef=host,
        cancelActivity="true" if interrupting else "false", **attrs,
    )  # fmt: skip


def catch(key: str, inner: str, **attrs: str) -> str:
    """An intermediate catch event."""
    return node("intermediateCatchEvent", key, inner, **attrs)


def throw(key: str, inner: str, extension: str = "", **attrs: str) -> str:
    """An intermediate throw event."""
    return node("intermediateThrowEvent", key, inner, extension, **attrs)


def handler(key: str, trigger: str, *parts: str, interrupting: bool = True) -> str:
    """An event subprocess; its start event is called ``<key>_start``."""
    begun = start(f"{key}_start", trigger, isInterrupting="true" if interrupting else "false")
    return sub(key, begun, *parts, triggeredByEvent="true")


def gateway(kind: str, key: str, **attrs: str) -> str:
    """A gateway: ``exclusive``, ``parallel``, ``inclusive`` or ``eventBased``."""
    return node(f"{kind}Gateway", key, **attrs)


def call(key: str, called: str, *, name: str = "", extension: str = "", inner: str = "",
         **said: str) -> str:  # fmt: skip
    """A call activity; what else is said stands on its ``zeebe:calledElement``."""
    more = "".join(f' {name}="{escape(value)}"' for name, value in said.items())
    held = f'<zeebe:calledElement processId="{escape(called)}"{more}/>'
    return node("callActivity", key, inner, held + extension, name=name)


def sub(key: str, *parts: str, extension: str = "", **attrs: str) -> str:
    """An embedded subprocess."""
    return node("subProcess", key, "\n".join(parts), extension, **attrs)


def compensate(activity: str = "") -> str:
    """What a compensation event throws or waits for; without an activity it means all."""
    said = f' activityRef="{activity}"' if activity else ""
    return f"<bpmn:compensateEventDefinition{said}/>"


CANCEL = "<bpmn:cancelEventDefinition/>"


def undo(host: str, handler: str) -> str:
    """The compensation boundary event ``on_host``, tied to the activity that undoes the host."""
    tie = f'<bpmn:association id="tie_{host}" sourceRef="on_{host}" targetRef="{handler}"/>'
    return node("boundaryEvent", f"on_{host}", compensate(), attachedToRef=host) + tie


def transaction(key: str, *parts: str, **attrs: str) -> str:
    """A transaction subprocess."""
    return node("transaction", key, "\n".join(parts), **attrs)


def ad_hoc(key: str, *parts: str, elements: str = "", condition: str = "", **attrs: str) -> str:
    """An ad-hoc subprocess."""
    said = f'<zeebe:adHoc activeElementsCollection="{escape(elements)}"/>' if elements else ""
    done = f"<bpmn:completionCondition>{escape(condition)}</bpmn:completionCondition>"
    inner = "\n".join(parts) + (done if condition else "")
    return node("adHocSubProcess", key, inner, said, **attrs)


def multi(collection: str, element: str = "item", *, sequential: bool = False,
          output: tuple[str, str] | None = None, condition: str = "") -> str:  # fmt: skip
    """Multi-instance marks."""
    out = f' outputCollection="{output[0]}" outputElement="{escape(output[1])}"' if output else ""
    done = f"<bpmn:completionCondition>{escape(condition)}</bpmn:completionCondition>"
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:extensionElements><zeebe:loopCharacteristics"
        f' inputCollection="{escape(collection)}" inputElement="{element}"{out}/>'
        f"</bpmn:extensionElements>{done if condition else ''}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def loop(condition: str = "", *, before: bool = False, most: int | None = None) -> str:
    """Marks of a standard loop."""
    held = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    cap = f' loopMaximum="{most}"' if most is not None else ""
    return (
        f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}"{cap}>{held}'
        "</bpmn:standardLoopCharacteristics>"
    )


def cardinality(count: str, *, sequential: bool = False, condition: str = "") -> str:
    """Multi-instance marks in the standard's form: a number of turns instead of a collection."""
    done = f"<bpmn:completionCondition>{escape(condition)}</bpmn:completionCondition>"
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopCardinality>{escape(count)}</bpmn:loopCardinality>"
        f"{done if condition else ''}</bpmn:multiInstanceLoopCharacteristics>"
    )


def drawn(source: bytes) -> bytes:
    """The same file with a place for each element in a row, so that a viewer has what to show."""
    ids = re.findall(r'<bpmn:\w*(?:Event|Task|Gateway|Activity) id="(\w+)"', source.decode())
    shapes = "".join(
        f'<di:BPMNShape id="{name}_di" bpmnElement="{name}">'
        f'<dc:Bounds x="{150 * at}" y="80" width="100" height="80" /></di:BPMNShape>'
        for at, name in enumerate(ids)
    )
    (key,) = re.findall(r'<bpmn:process id="(\w+)"', source.decode())
    drawing = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="drawing">'
        f'<di:BPMNPlane id="plane" bpmnElement="{key}">{shapes}</di:BPMNPlane></di:BPMNDiagram>'
    )
    end = b"</bpmn:definitions>"
    return source.replace(end, drawing.encode() + end)


def flows(*chains: str) -> str:
    """Sequence flows; the id of each is ``source_target``."""
    return "\n".join(_flow(*step) for chain in chains for step in _steps(chain))


def _steps(chain: str) -> list[tuple[str, str, str]]:
    parts = re.split(r"\s*>(\[.*?\]|!)?\s*", chain.strip())
    return [(parts[at], parts[at + 1] or "", parts[at + 2]) for at in range(0, len(parts) - 2, 2)]


def _flow(source: str, mark: str, target: str) -> str:
    key = f"{source}_{target}"
    held = f"<!--default {source} {key}-->" if mark == "!" else ""
    condition = ""
    if mark.startswith("["):
        condition = (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
            f"{escape(mark[1:-1])}</bpmn:conditionExpression>"
        )
    return (
        f'<bpmn:sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{condition}'
        f"</bpmn:sequenceFlow>{held}"
    )
