"""Whether all that a diagram names exists: forms, groups, decisions, messages, job types."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

import bpmn
import connectors
import forms
from app.db import session
from app.models import Group, ProcessDefinition

JOB_TYPES = frozenset({"notify", "email"})


def check(definition: bpmn.Definition, filename: str) -> list[bpmn.Finding]:
    """A finding for each name that leads nowhere, at the element that gives it."""
    groups = frozenset(session().scalars(select(Group.key)))
    decisions = _deployed_decisions()
    return [
        bpmn.Finding(element.line, element.id, "reference", message, file=filename)
        for element in definition.elements.values()
        for message in _missing(element, groups, decisions)
    ]


def _deployed_decisions() -> frozenset[str]:
    query = select(ProcessDefinition.decisions).where(ProcessDefinition.kind == "dmn")
    rows = session().scalars(query)
    return frozenset(name for names in rows for name in names)


def _missing(
    element: bpmn.Element, groups: frozenset[str], decisions: frozenset[str]
) -> Iterable[dict[str, str]]:
    if element.form and element.form not in forms.shipped():
        yield _say(
            f"فرم «{element.form}» پیدا نشد؛ آن را در forms/schemas بسازید یا نام را درست کنید.",
            f"There is no form “{element.form}”; add it to forms/schemas or correct the name.",
        )
    if element.decision and element.decision not in decisions:
        yield _say(
            f"جدول تصمیم «{element.decision}» منتشر نشده است؛ نخست فایل DMN آن را منتشر کنید.",
            f"The decision “{element.decision}” is not deployed; deploy its DMN file first.",
        )
    for group in sorted(set(element.groups) - groups):
        yield _say(
            f"گروه «{group}» وجود ندارد؛ آن را بسازید یا نام را درست کنید.",
            f"There is no group “{group}”; add it or correct the name.",
        )
    if element.job_type and element.job_type not in JOB_TYPES:
        yield _say(
            f"کار «{element.job_type}» را هیچ اتصالی انجام نمی‌دهد؛ notify یا email را بنویسید.",
            f"No connector does the job “{element.job_type}”; use notify or email.",
        )
    yield from _missing_template(element)


def _missing_template(element: bpmn.Element) -> Iterable[dict[str, str]]:
    template = element.headers.get("template")
    if element.job_type == "notify" and template not in connectors.messages.shipped():
        yield _say(
            f"متن پیام «{template}» پیدا نشد؛ فایل آن را در connectors/messages بسازید.",
            f"There is no message template “{template}”; add it to connectors/messages.",
        )


def _say(fa: str, en: str) -> dict[str, str]:
    return {"fa": fa, "en": en}
