"""One cause, one finding: what only follows from another finding is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bpmn.model import Finding

_AT_ONE_ELEMENT: Mapping[str, frozenset[str]] = {
    "flow.none-in": frozenset({"element.unsupported"}),
    "flow.none-out": frozenset({"element.unsupported", "event.link-target"}),
    "event.signal-missing": frozenset({"reference.missing"}),
    "event.escalation-missing": frozenset({"reference.missing"}),
    "compensation.flows": frozenset({"compensation.handler"}),
    "task.nobody": frozenset({"task.performer"}),
}
"""By rule the rules that cause it, when they speak of the same element."""
_IN_ONE_FILE: Mapping[str, frozenset[str]] = {
    "compensation.never": frozenset({"compensation.activity"}),
}
"""By rule the rules that cause it wherever they speak: who asks to undo may ask for another."""
_SAID_BY_REMEDY: Mapping[str, str] = {
    "task.nobody": "zeebe:assignmentDefinition",
    "task.job-type": "zeebe:taskDefinition",
    "task.decision": "zeebe:calledDecision",
    "loop.collection": "zeebe:loopCharacteristics",
}
"""What is missing where another tool's way of saying it was refused with this remedy."""


def without_consequences(found: Iterable[Finding]) -> list[Finding]:
    """The findings that are no mere consequence of another one."""
    told = list(found)
    rules = {one.rule for one in told}
    here = {(one.element, one.rule) for one in told}
    remedies: dict[str, str] = {}
    for one in told:
        if one.rule == "extension.vendor":
            remedies[one.element] = remedies.get(one.element, "") + one.remedy["en"]

    def is_consequence(one: Finding) -> bool:
        causes = _AT_ONE_ELEMENT.get(one.rule, frozenset())
        return (
            any((one.element, cause) in here for cause in causes)
            or bool(rules & _IN_ONE_FILE.get(one.rule, frozenset()))
            or _SAID_BY_REMEDY.get(one.rule, "\0") in remedies.get(one.element, "")
        )

    return [one for one in told if not is_consequence(one)]
