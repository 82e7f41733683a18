"""Rules about what other tools write: what would change how the process runs is refused.

What an engine of another make would follow must not be dropped in silence. All else that
another tool adds concerns the drawing, and is told once in a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from bpmn import xml
from bpmn.document import BPMN, Document
from bpmn.extensions import ZEEBE
from bpmn.model import Finding
from bpmn.vendor_meanings import MEANINGS

Found = Iterator[Finding]
Hint = tuple[str, str]

ENGINES = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://flowable.org/bpmn": "Flowable",
    "http://activiti.org/bpmn": "Activiti",
    "http://www.jboss.org/drools": "jBPM",
}
"""Namespaces whose attributes and elements tell an engine what to do."""

_SILENT = frozenset(
    {
        "", BPMN, ZEEBE, "http://camunda.org/schema/modeler/1.0",
        "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)  # fmt: skip
_HARMLESS = frozenset(
    {
        "diagramRelationId", "metaData", "metadata", "packageName",
        "version", "adHoc", "selectable", "modelerTemplate", "modelerTemplateVersion",
        "modelerTemplateIcon", "structureRef", "docs", "work-item-element", "cost", "currency",
        "timeUnit", "processingQuantity", "priorityColor",
    }
)  # fmt: skip
_PEOPLE = (
    "Name who does it by zeebe:assignmentDefinition.",
    "انجام‌دهنده را با zeebe:assignmentDefinition معین کنید.",
)
_FORM = ("Name the form by zeebe:formDefinition.", "فرم را با zeebe:formDefinition نام ببرید.")
_JOB = (
    "Give the task a type by zeebe:taskDefinition.",
    "نوع کار را با zeebe:taskDefinition بنویسید.",
)
_DATA = ("Map its data by zeebe:ioMapping.", "داده‌هایش را با zeebe:ioMapping نگاشت کنید.")
_TIME = ("Set it by zeebe:taskSchedule.", "آن را با zeebe:taskSchedule معین کنید.")
_MANY = (
    "Set it by zeebe:loopCharacteristics.", "آن را با zeebe:loopCharacteristics معین کنید.",
)  # fmt: skip
_LISTENER = ("Draw what it does as a task.", "کاری را که می‌کند با یک عنصر کار بکشید.")
_HINTS: dict[str, Hint] = {
    **dict.fromkeys(("assignee", "owner", "candidateGroups", "candidateUsers"), _PEOPLE),
    **dict.fromkeys(
        ("formKey", "formRef", "formRefBinding", "formData", "formProperty", "formHandlerClass",
         "formFieldValidation"), _FORM,
    ),
    **dict.fromkeys(
        ("class", "expression", "delegateExpression", "type", "topic", "connector", "taskName",
         "field"), _JOB,
    ),
    "failedJobRetryTimeCycle": (
        "Write how often it is tried as retries of zeebe:taskDefinition.",
        "شمار تلاش‌ها را در ویژگی retries از zeebe:taskDefinition بنویسید.",
    ),
    **dict.fromkeys(("inputOutput", "in", "out"), _DATA),
    **dict.fromkeys(("dueDate", "followUpDate", "businessCalendarName"), _TIME),
    **dict.fromkeys(("collection", "elementVariable", "elementIndexVariable"), _MANY),
    **dict.fromkeys(
        ("executionListener", "taskListener", "onEntry-script", "onExit-script", "eventListener"),
        _LISTENER,
    ),
    "decisionRef": (
        "Name the decision by zeebe:calledDecision.",
        "تصمیم را با zeebe:calledDecision نام ببرید.",
    ),
    **dict.fromkeys(("resultVariable", "resultVariableName", "mapDecisionResult"), (
        "Name it as resultVariable of zeebe:calledDecision or zeebe:script.",
        "آن را resultVariable در zeebe:calledDecision یا zeebe:script بنویسید.",
    )),
    **dict.fromkeys(("calledElementBinding", "calledElementVersionTag"), (
        "Set it by bindingType and versionTag of zeebe:calledElement.",
        "آن را با bindingType و versionTag در zeebe:calledElement معین کنید.",
    )),
    "versionTag": (
        "Write zeebe:versionTag instead.", "به‌جای آن zeebe:versionTag بنویسید.",
    ),
    "priority": (
        "Set it by zeebe:priorityDefinition.", "آن را با zeebe:priorityDefinition معین کنید.",
    ),
    "properties": ("Write zeebe:properties instead.", "به‌جای آن zeebe:properties بنویسید."),
    "resource": ("Write the expression in FEEL.", "عبارت را به FEEL بنویسید."),
}  # fmt: skip
_OTHERWISE = (
    "Remove it, or draw what it does with elements of BPMN.",
    "آن را بردارید یا کارش را با عنصرهای BPMN بکشید.",
)
_TOLD = 8


def vendors_followed(document: Document) -> Found:
    """What another engine would follow is refused; what has no effect is told once."""
    for process in document.judged:
        others: dict[str, None] = {}
        meant: dict[tuple[str, str], etree._Element] = {}
        for node, tag in _foreign(process):
            namespace, _, name = tag[1:].partition("}")
            if namespace in ENGINES and name in MEANINGS:
                meant.setdefault((ENGINES[namespace], name), node)
            elif namespace in ENGINES and name not in _HARMLESS:
                yield _refuse(document, node, ENGINES[namespace], name)
            else:
                others.setdefault(_shown(node, namespace, name))
        yield from (_explain(document, node, *key) for key, node in meant.items())
        if others:
            names = ", ".join(islice(others, _TOLD)) + (" …" if len(others) > _TOLD else "")
            yield document.find("extension.ignored", process, names=names)


def _foreign(process: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Every attribute and extension element of a namespace that is none of ours."""
    for node in process.iter(f"{{{BPMN}}}*"):
        for name in node.attrib:
            if str(name)[:1] == "{" and str(name)[1:].partition("}")[0] not in _SILENT:
                yield node, str(name)
        if xml.local(node) == "extensionElements":
            for child in node:
                if xml.namespace(child) not in _SILENT:
                    yield child, str(child.tag)


def _shown(node: etree._Element, namespace: str, name: str) -> str:
    prefix = next((short for short, long in node.nsmap.items() if long == namespace), None)
    return f"{prefix}:{name}" if prefix else name


def _refuse(document: Document, node: etree._Element, vendor: str, name: str) -> Finding:
    en, fa = _HINTS.get(name, _OTHERWISE)
    at = _named(document, node)
    return document.find("extension.vendor", at, name=name, vendor=vendor, hint_en=en, hint_fa=fa)


def _explain(document: Document, node: etree._Element, vendor: str, name: str) -> Finding:
    en, fa = MEANINGS[name]
    at = _named(document, node)
    return document.find("extension.meant", at, name=name, vendor=vendor, hint_en=en, hint_fa=fa)


def _named(document: Document, node: etree._Element) -> etree._Element:
    """The element, or the nearest around it that has an id."""
    owner: etree._Element | None = node
    while owner is not None and not document.name_of(owner):
        owner = owner.getparent()
    return node if owner is None else owner


def foreign_children(document: Document) -> Found:
    """An element of another namespace among the steps is told, since it has no effect."""
    holders = ("process", "subProcess", "transaction", "adHocSubProcess")
    for holder in document.all(*holders):
        for child in holder:
            if xml.namespace(child) != BPMN:
                yield document.find("element.foreign", child, name=xml.local(child))


RULES = (vendors_followed, foreign_children)
