"""Whether all that a diagram names exists: forms, groups, decisions, messages, job types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select

import bpmn
import connectors
import forms
import sla
from app.db import session
from app.models import Group, ProcessDefinition
from app.services import job_types
from app.services.deployment import bindings, call_rules, form_conditions
from app.services.sending import channels, letters
from app.services.service_levels import sla_settings
from connectors import registry


def known_job_types() -> frozenset[str]:
    """What a service task may ask for: letters, what the product does itself, and what the kinds
    of connectors do."""
    return frozenset({"notify", "email"}) | job_types.names() | registry.task_types()


RULES: Mapping[str, tuple[str, str, str, str]] = {
    "reference.form": (
        "There is no form “{name}”.",
        "Add it to forms/schemas, or correct the name.",
        "فرم «{name}» پیدا نشد.",
        "آن را در forms/schemas بسازید یا نام را درست کنید.",
    ),
    "reference.form-condition": (
        "A condition of the form “{name}” cannot be evaluated.",
        "Correct the form; `peygir lint` tells its line and what is wrong.",
        "یکی از شرط‌های فرم «{name}» سنجیدنی نیست.",
        "فرم را درست کنید؛ `peygir lint` سطر و ایراد آن را می‌گوید.",
    ),
    "reference.decision": (
        "The decision “{name}” is not deployed.",
        "Deploy its DMN file first, or correct the name.",
        "جدول تصمیم «{name}» منتشر نشده است.",
        "نخست فایل DMN آن را منتشر کنید یا نام را درست کنید.",
    ),
    "reference.decision-kind": (
        "“{name}” is no decision: a function, a decision service or input data of the DMN file.",
        "Name a decision of the file, such as one that requires it.",
        "«{name}» تصمیم نیست؛ تابع، سرویس تصمیم یا دادهٔ ورودی فایل DMN است.",
        "یکی از تصمیم‌های فایل را نام ببرید، مانند تصمیمی که به آن وابسته است.",
    ),
    "reference.group": (
        "There is no group “{name}”.",
        "Add it by `peygir user add-group`, or correct the name.",
        "گروه «{name}» وجود ندارد.",
        "آن را با `peygir user add-group` بسازید یا نام را درست کنید.",
    ),
    "reference.job": (
        "No connector does the job “{name}”.",
        "Use notify, email or another type that docs/how-to/designer.md names.",
        "کار «{name}» را هیچ اتصالی انجام نمی‌دهد.",
        "notify یا email یا نوع دیگری را که در docs/how-to/designer.md آمده است بنویسید.",
    ),
    "reference.channel": (
        "There is no channel “{name}” for tasks of this type.",
        "Make it on the page Channels or by `peygir channel set`, or correct the name.",
        "کانال «{name}» برای این نوع کار وجود ندارد.",
        "آن را در صفحهٔ کانال‌ها یا با `peygir channel set` بسازید، یا نام را درست کنید.",
    ),
    "reference.template": (
        "There is no message template “{name}”.",
        "Write it on the page Letters, or correct the name.",
        "متن پیام «{name}» پیدا نشد.",
        "آن را در صفحهٔ نامه‌ها بنویسید یا نام را درست کنید.",
    ),
    "reference.process": (
        "There is no process “{name}” to call.",
        "Deploy its file first or together with this one, or correct the name.",
        "فرایند «{name}» برای فراخوانی پیدا نشد.",
        "فایل آن را پیش از این یا همراه این منتشر کنید، یا نام را درست کنید.",
    ),
    "reference.version-tag": (
        "No version of the called process carries the version tag “{name}”.",
        "Deploy one by `peygir deploy --tag {name} FILE`, or correct the tag.",
        "هیچ نسخه‌ای از فرایند فراخوانده برچسب «{name}» ندارد.",
        "نسخه‌ای را با `peygir deploy --tag {name} FILE` منتشر کنید یا برچسب را درست کنید.",
    ),
    "reference.called-start": (
        "The process “{name}” has no plain start event, so it cannot be called.",
        "Draw a start event without a trigger in it, or call another process.",
        "فرایند «{name}» رویداد آغاز ساده ندارد، پس فراخواندنی نیست.",
        "در آن رویداد آغاز بی‌ماشه بکشید یا فرایند دیگری را فرابخوانید.",
    ),
    "reference.ladder": (
        "There is no escalation ladder “{name}”.",
        "Make it on the page Service levels, or correct the name.",
        "نردبان پیگیری «{name}» وجود ندارد.",
        "آن را در صفحهٔ سطح خدمت بسازید یا نام را درست کنید.",
    ),
    "reference.repeated": (
        "“{name}” is in two of the files that are deployed together.",
        "Deploy one of them, or give one another id.",
        "«{name}» در دو فایل از فایل‌هایی است که با هم منتشر می‌شوند.",
        "یکی را منتشر کنید یا به یکی شناسهٔ دیگری بدهید.",
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
    broken_forms: frozenset[str] = frozenset()
    """Forms that are there though a condition of theirs cannot be evaluated."""
    job_types: frozenset[str] = field(default_factory=known_job_types)
    channels: Mapping[str, str] = field(default_factory=dict)
    """The type of the tasks that each channel serves, by the channel's key."""
    undecided: frozenset[str] = frozenset()
    """What the DMN files deployed or looked at beside it hold that is no decision, by id."""
    ladders: frozenset[str] = frozenset()
    """The escalation ladders that tasks may climb."""
    said_by: call_rules.SaidBy = connectors.messages.said_by
    """What each template says."""
    called: Called | None = None
    """What may be called; None when nobody knows, so that calls are not judged."""


class Called(Protocol):
    """The processes that may be called, wherever they are."""

    def __call__(self, call: bpmn.Call) -> str | None:
        """What is wrong with a call: ``process``, ``version-tag`` or ``called-start``."""


@dataclass(frozen=True)
class Beside:
    """What is deployed in the same go: it counts as if it were there already."""

    decisions: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()
    """What their DMN files hold that is no decision."""
    processes: Mapping[str, tuple[bpmn.Definition, Sequence[str]]] = field(default_factory=dict)
    """By key, with their version tags."""

    @classmethod
    def of(
        cls,
        read: Iterable[tuple[ProcessDefinition, bpmn.Definition | None]],
        undecided: Iterable[str] = (),
    ) -> Beside:
        """All that stands in rows which are not stored yet."""
        pairs = list(read)
        return cls(
            frozenset(name for row, _ in pairs for name in row.decisions or ()),
            frozenset(undecided),
            {row.key: (made, row.version_tags) for row, made in pairs if made is not None},
        )

    def judge(self, call: bpmn.Call) -> str | None:
        """What is wrong with a call, here or in the database."""
        tag = call.tag if call.binding == "versionTag" else None
        made, tags = self.processes.get(call.process, (None, ()))
        if made is not None and tag in (None, *tags):
            return None if made.may_be_called else "called-start"
        row = bindings.source_of_newest(call.process, tag)
        if row is None:
            known = made is not None or bindings.newest(call.process) is not None
            return "version-tag" if known else "process"
        return None if bpmn.load(row.source, row.filename).may_be_called else "called-start"


def tell_repeated(key: str, filename: str) -> bpmn.Finding:
    """The finding about a key that two files of one deployment share."""
    return _tell(bpmn.Element(key, "process", {}, line=1), "repeated", key, filename)


def missing(
    elements: Mapping[str, bpmn.Element], filename: str, known: Known
) -> list[bpmn.Finding]:
    """A finding for each name that is not among the known, at the element that gives it."""
    return [
        _tell(element, kind, name, filename)
        for element in elements.values()
        for kind, name in unknown(element, known)
    ]


def _tell(element: bpmn.Element, kind: str, name: str, filename: str) -> bpmn.Finding:
    en, remedy_en, fa, remedy_fa = (text.format(name=name) for text in RULES[f"reference.{kind}"])
    return bpmn.Finding(
        element.line, element.id, f"reference.{kind}", {"fa": fa, "en": en}, file=filename,
        remedy={"fa": remedy_fa, "en": remedy_en},
    )  # fmt: skip


def installed(beside: Beside) -> Known:
    """All names of this installation, and those in files that are deployed beside each other."""
    groups = frozenset(session().scalars(select(Group.key)))
    return Known(
        frozenset(forms.shipped()), groups, _deployed_decisions() | beside.decisions,
        letters.all_keys(), form_conditions.broken(), said_by=letters.said_by,
        undecided=beside.undecided, called=beside.judge, ladders=_ladders(),
        channels={way.key: way.task_type for way in channels.all_ways()},
    )  # fmt: skip


def _ladders() -> frozenset[str]:
    """Those in force, and the shipped ones, which a first start installs after the diagrams."""
    return frozenset(sla_settings.keys("ladder")) | sla.ladders().keys()


def _deployed_decisions() -> frozenset[str]:
    query = select(ProcessDefinition.decisions).where(ProcessDefinition.kind == "dmn")
    rows = session().scalars(query)
    return frozenset(name for names in rows for name in names)


def unknown(element: bpmn.Element, known: Known) -> Iterator[tuple[str, str]]:
    """Kind and name of each reference that leads nowhere."""
    if element.form and element.form not in known.forms:
        yield "form", element.form
    if element.form in known.broken_forms:
        yield "form-condition", element.form
    if element.decision and element.decision not in known.decisions:
        kind = "decision-kind" if element.decision in known.undecided else "decision"
        yield kind, element.decision
    yield from (("group", group) for group in sorted(set(element.groups) - known.groups))
    yield from _unknown_to_job(element, known)
    ladder = element.properties.get("ladder", "") if element.type == "userTask" else ""
    if ladder and ladder not in known.ladders:
        yield "ladder", ladder
    if element.calls and known.called is not None:
        wrong = known.called(element.calls)
        if wrong is not None:
            tag = element.calls.tag or ""
            yield wrong, tag if wrong == "version-tag" else element.calls.process


def _unknown_to_job(element: bpmn.Element, known: Known) -> Iterator[tuple[str, str]]:
    if element.job_type and element.job_type not in known.job_types:
        yield "job", element.job_type
    channel = element.headers.get("channel", "")
    if channel and known.channels.get(channel) != element.job_type:
        yield "channel", channel
    template = element.headers.get("template", "")
    if element.job_type == "notify" and template not in known.templates:
        yield "template", template
