"""Whether all that a diagram names exists: forms, groups, decisions, messages, job types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

import bpmn
import connectors
import forms
from app.db import session
from app.models import Group, ProcessDefinition

JOB_TYPES = frozenset({"notify", "email"})

RULES: Mapping[str, tuple[str, str, str, str]] = {
    "reference.form": (
        "There is no form “{name}”.",
        "Add it to forms/schemas, or correct the name.",
        "فرم «{name}» پیدا نشد.",
        "آن را در forms/schemas بسازید یا نام را درست کنید.",
    ),
    "reference.decision": (
        "The decision “{name}” is not deployed.",
        "Deploy its DMN file first, or correct the name.",
        "جدول تصمیم «{name}» منتشر نشده است.",
        "نخست فایل DMN آن را منتشر کنید یا نام را درست کنید.",
    ),
    "reference.group": (
        "There is no group “{name}”.",
        "Add it by `peygir user add-group`, or correct the name.",
        "گروه «{name}» وجود ندارد.",
        "آن را با `peygir user add-group` بسازید یا نام را درست کنید.",
    ),
    "reference.job": (
        "No connector does the job “{name}”.",
        "Use notify or email.",
        "کار «{name}» را هیچ اتصالی انجام نمی‌دهد.",
        "notify یا email را بنویسید.",
    ),
    "reference.template": (
        "There is no message template “{name}”.",
        "Add it to connectors/messages, or correct the name.",
        "متن پیام «{name}» پیدا نشد.",
        "فایل آن را در connectors/messages بسازید یا نام را درست کنید.",
    ),
}
"""What is wrong and the remedy, in English, then in Persian."""


@dataclass(frozen=True)
class Known:
    """All names that a diagram may lead to."""

    forms: frozenset[str]
    groups: frozenset[str]
    decisions: frozenset[str]
    templates: frozenset[str]
    job_types: frozenset[str] = JOB_TYPES


def check(definition: bpmn.Definition, filename: str) -> list[bpmn.Finding]:
    """A finding for each name that leads nowhere in this installation."""
    return missing(definition, filename, _installed())


def missing(definition: bpmn.Definition, filename: str, known: Known) -> list[bpmn.Finding]:
    """A finding for each name that is not among the known, at the element that gives it."""
    return [
        _tell(element, kind, name, filename)
        for element in definition.elements.values()
        for kind, name in _unknown(element, known)
    ]


def _tell(element: bpmn.Element, kind: str, name: str, filename: str) -> bpmn.Finding:
    en, remedy_en, fa, remedy_fa = (text.format(name=name) for text in RULES[f"reference.{kind}"])
    return bpmn.Finding(
        element.line, element.id, f"reference.{kind}", {"fa": fa, "en": en}, file=filename,
        remedy={"fa": remedy_fa, "en": remedy_en},
    )  # fmt: skip


def _installed() -> Known:
    groups = frozenset(session().scalars(select(Group.key)))
    return Known(
        frozenset(forms.shipped()), groups, _deployed_decisions(),
        frozenset(connectors.messages.shipped()),
    )  # fmt: skip


def _deployed_decisions() -> frozenset[str]:
    query = select(ProcessDefinition.decisions).where(ProcessDefinition.kind == "dmn")
    rows = session().scalars(query)
    return frozenset(name for names in rows for name in names)


def _unknown(element: bpmn.Element, known: Known) -> Iterator[tuple[str, str]]:
    if element.form and element.form not in known.forms:
        yield "form", element.form
    if element.decision and element.decision not in known.decisions:
        yield "decision", element.decision
    yield from (("group", group) for group in sorted(set(element.groups) - known.groups))
    if element.job_type and element.job_type not in known.job_types:
        yield "job", element.job_type
    template = element.headers.get("template", "")
    if element.job_type == "notify" and template not in known.templates:
        yield "template", template
