"""Rules about where zeebe extension elements stand: what would be ignored there is told.

What would change who does the work, what is asked or what runs is refused; what could only have
told a worker or an editor something is warned of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from bpmn import xml
from bpmn.document import BPMN, Document
from bpmn.extensions import KNOWN, ZEEBE
from bpmn.model import Finding

Found = Iterator[Finding]

_JOBS = frozenset({"serviceTask", "sendTask", "message throw event", "adHocSubProcess"})
_PLACES: Mapping[str, frozenset[str]] = {
    "taskDefinition": _JOBS,
    "taskHeaders": _JOBS,
    "formDefinition": frozenset({"userTask", "start event of the process"}),
    "assignmentDefinition": frozenset({"userTask"}),
    "taskSchedule": frozenset({"userTask"}),
    "priorityDefinition": frozenset({"userTask"}),
    "userTask": frozenset({"userTask"}),
    "calledDecision": frozenset({"businessRuleTask"}),
    "script": frozenset({"scriptTask"}),
    "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
    "versionTag": frozenset({"process"}),
    "subscription": frozenset({"message"}),
}
"""Where each extension element has an effect; those that are not here are judged elsewhere."""
_IDLE = frozenset(
    {"taskHeaders", "priorityDefinition", "userTask", "versionTag", "subscription", "userTaskForm"}
)
"""Extension elements that do no harm where they are ignored."""
_NOT_STEPS = frozenset({"process", "sequenceFlow"})
_REMOVE = ("Remove it.", "آن را بردارید.")
_HINTS: Mapping[str, tuple[str, str]] = {
    "taskDefinition": (
        "Remove it, or draw a service task, a send task or a message throw event.",
        "آن را بردارید، یا کار سرویس، کار ارسال یا رویداد پرتاب پیام بکشید.",
    ),
    "formDefinition": (
        "Remove it, or draw a user task; a start event of the process has a form, too.",
        "آن را بردارید یا کار کاربر بکشید؛ رویداد آغازِ فرایند هم فرم دارد.",
    ),
    "assignmentDefinition": (
        "Remove it, or draw a user task.",
        "آن را بردارید یا کار کاربر بکشید.",
    ),
    "taskSchedule": (
        "Remove it, or draw a timer boundary event.",
        "آن را بردارید یا رویداد مرزی زمان‌سنج بکشید.",
    ),
    "calledDecision": (
        "Remove it, or draw a business rule task.",
        "آن را بردارید یا کار قاعدهٔ کسب‌وکار بکشید.",
    ),
    "script": (
        "Remove it, or draw a script task.",
        "آن را بردارید یا کار اسکریپت بکشید.",
    ),
    "loopCharacteristics": (
        "Put it into the multi-instance marker of the activity.",
        "آن را درون نشان چندنمونهٔ فعالیت بگذارید.",
    ),
}


def places_fit(document: Document) -> Found:
    """Each extension element stands where the engine looks at it."""
    for process in document.judged:
        for holder in process.iter(f"{{{BPMN}}}extensionElements"):
            owner = holder.getparent()
            for child in holder:
                if owner is not None and xml.namespace(child) == ZEEBE:
                    yield from _judge(document, owner, child)


def _judge(document: Document, owner: etree._Element, child: etree._Element) -> Found:
    name, kind = xml.local(child), xml.local(owner)
    if name in _PLACES:
        misplaced = not _PLACES[name] & _kinds(owner)
    else:
        misplaced = kind in _NOT_STEPS and name != "properties"
    if not misplaced:
        return
    rule = "extension.idle" if name in _IDLE else "extension.here"
    if name not in KNOWN and name not in _IDLE:
        yield document.find("extension.unknown", _named(document, owner), name=name)
        return
    en, fa = _HINTS.get(name, _REMOVE)
    yield document.find(rule, _named(document, owner), name=name, type=kind, hint_en=en, hint_fa=fa)


def _kinds(owner: etree._Element) -> frozenset[str]:
    """What an element is called in ``_PLACES``."""
    kind = xml.local(owner)
    kinds = {kind}
    if kind in ("endEvent", "intermediateThrowEvent") and any(
        xml.local(child).startswith("messageEventDefinition") for child in owner
    ):
        kinds.add("message throw event")
    above = owner.getparent()
    if kind == "startEvent" and above is not None and xml.local(above) == "process":
        kinds.add("start event of the process")
    return frozenset(kinds)


def _named(document: Document, node: etree._Element) -> etree._Element:
    """The element, or the nearest around it that has an id."""
    at: etree._Element | None = node
    while at is not None and not document.name_of(at):
        at = at.getparent()
    return node if at is None else at


RULES = (places_fit,)
