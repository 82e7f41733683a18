"""Files judged beside each other without a database: by the rules that deployment uses.

What a diagram names is looked for among what the product ships and the files given. Groups,
letters, decisions, processes and the like may also stand in an installation's database: of these
it is said that they were not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import bpmn
import connectors
import forms
import sla
from app.services.deployment import form_conditions, judging, references
from app.services.deployment.judging import Source
from app.services.deployment.rules import FORM_RULES
from app.services.deployment.shipped import DIAGRAMS, GROUPS

ELSEWHERE = frozenset(
    {"group", "decision", "process", "version-tag", "channel", "ladder", "template"}
)
"""Kinds of names that an installation may know though no file given holds them."""
_ELSEWHERE_RULES = frozenset(f"reference.{kind}" for kind in ELSEWHERE)


@dataclass(frozen=True)
class CalledBeside:
    """The processes that may be called, of those given and those shipped."""

    processes: Mapping[str, bpmn.Definition]

    def __call__(self, call: bpmn.Call) -> str | None:
        """What is wrong with a call, as ``references.Called`` says it."""
        made = self.processes.get(call.process)
        if made is None:
            return "process"
        if call.binding == "versionTag" and call.tag != made.version_tag:
            return "version-tag"
        return None if made.may_be_called else "called-start"


@dataclass
class Report:
    """What was found in files, and what could not be looked at."""

    files: list[str] = field(default_factory=list)
    findings: list[bpmn.Finding] = field(default_factory=list)
    unchecked: dict[str, set[str]] = field(default_factory=dict)
    """Names that only an installation knows, by their kind."""

    def add(self, name: str, findings: Iterable[bpmn.Finding]) -> None:
        """Keep findings under the name of their file."""
        self.findings += [replace(one, file=name, line=max(1, one.line)) for one in findings]

    @property
    def errors(self) -> int:
        """How many findings refuse a file."""
        return sum(one.severity == "error" for one in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings only warn."""
        return len(self.findings) - self.errors


def judge(sources: Sequence[Source]) -> Report:
    """All findings in all files, by file and line; one that cannot be read stops no other."""
    report = Report([source.name for source in sources])
    given = [source for source in sources if _is_form(source)]
    looked = [judging.look(source) for source in sources if source not in given]
    own = dict(_judge_form(report, source) for source in given)
    fields = judging.shipped_fields() | own
    known = _known(looked, fields, frozenset(own))
    told = judging.judge(looked, known, fields)
    report.findings += [one for one in told if one.rule not in _ELSEWHERE_RULES]
    for one in looked:
        _note_unchecked(report, one.elements, known)
    order = {name: number for number, name in enumerate(report.files)}
    report.findings.sort(key=lambda one: (order[one.file], one.line, one.element))
    return report


def _is_form(source: Source) -> bool:
    suffix = source.name.rpartition(".")[2].lower()
    named = suffix in ("form", "json")
    return named or (suffix not in ("bpmn", "dmn") and source.content.lstrip()[:1] == b"{")


def _known(
    looked: Sequence[judging.Looked], fields: judging.Fields, given: frozenset[str]
) -> references.Known:
    """What is shipped, and what stands in the files themselves."""
    made = [one.definition for one in looked if one.definition is not None]
    tables = frozenset(name for one in looked if one.model for name in one.model.decisions)
    return references.Known(
        forms=frozenset(fields),
        groups=frozenset(GROUPS),
        decisions=tables | _shipped_decisions(),
        undecided=frozenset(judging.undecided(looked)),
        templates=frozenset(connectors.messages.shipped()),
        broken_forms=form_conditions.broken() - given,
        ladders=frozenset(sla.ladders()),
        called=CalledBeside({one.key: one for one in [*_shipped_processes(), *made]}),
    )


def _judge_form(report: Report, source: Source) -> tuple[str, frozenset[str] | None]:
    """The form's key, so that diagrams beside it may name it, and the names of its fields."""
    key = re.split(r"[/\\]", source.name)[-1].rpartition(".")[0]
    try:
        form = forms.load(source.content, key, form_conditions.judge)
    except forms.FormRefused as refused:
        report.add(source.name, [_tell_form(one) for one in refused.findings])
        return key, None
    report.add(source.name, [_tell_form(one) for one in form.warnings])
    return key, judging.fields_of(form)


def _tell_form(one: forms.Finding) -> bpmn.Finding:
    return bpmn.Finding(
        one.line, one.element, f"{FORM_RULES}.{one.code}", one.message, one.severity,
        remedy=one.remedy,
    )  # fmt: skip


def _shipped_decisions() -> frozenset[str]:
    models = (bpmn.parse_decision(path.read_bytes()) for path in DIAGRAMS.glob("*.dmn"))
    return frozenset(name for model in models for name in model.decisions)


def _shipped_processes() -> Iterable[bpmn.Definition]:
    return (bpmn.parse(path.read_bytes()) for path in DIAGRAMS.glob("*.bpmn"))


def _note_unchecked(
    report: Report, elements: Mapping[str, bpmn.Element], known: references.Known
) -> None:
    """Keep the names that only an installation may know."""
    for element in elements.values():
        for kind, missing in references.unknown(element, known):
            if kind in ELSEWHERE:
                report.unchecked.setdefault(kind, set()).add(missing)
