"""Files judged beside each other without a database: by the rules that deployment uses.

What a diagram names is looked for among what the product ships and the files given. Groups,
decisions and processes may also stand in an installation's database: of these it is said that
they were not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import bpmn
import connectors
import forms
from app.services import references
from app.services.rules import FORM_RULES
from app.services.shipped import DIAGRAMS, GROUPS

ELSEWHERE = frozenset({"group", "decision", "process", "version-tag"})
"""Kinds of names that an installation may know though no file given holds them."""


@dataclass(frozen=True)
class Source:
    """One file: the name by which findings call it, and its bytes."""

    name: str
    content: bytes


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
    kinds: dict[str, list[Source]] = {"form": [], "dmn": [], "bpmn": []}
    for source in sources:
        kinds[_kind(source)].append(source)
    fields: dict[str, frozenset[str] | None] = {
        one.key: _fields(one) for one in forms.shipped().values()
    }
    fields.update(_judge_form(report, source) for source in kinds["form"])
    decisions = _judge_decisions(report, kinds["dmn"])
    read = {source.name: _judge_diagram(report, source) for source in kinds["bpmn"]}
    made = [definition for _, definition in read.values() if definition is not None]
    known = references.Known(
        forms=frozenset(fields),
        groups=frozenset(GROUPS),
        decisions=frozenset(decisions) | _shipped_decisions(),
        templates=frozenset(connectors.messages.shipped()),
        called=CalledBeside({one.key: one for one in [*_shipped_processes(), *made]}),
    )
    for name, (elements, definition) in read.items():
        _judge_names(report, name, elements, known)
        report.add(name, _judge_data(definition, fields) if definition else ())
    order = {name: number for number, name in enumerate(report.files)}
    report.findings.sort(key=lambda one: (order[one.file], one.line, one.element))
    return report


def _kind(source: Source) -> str:
    suffix = source.name.rpartition(".")[2].lower()
    if suffix in ("form", "json") or source.content.lstrip()[:1] == b"{":
        return "form"
    return "dmn" if suffix == "dmn" or b"omg.org/spec/DMN" in source.content[:4000] else "bpmn"


def _judge_form(report: Report, source: Source) -> tuple[str, frozenset[str] | None]:
    """The form's key, so that diagrams beside it may name it, and the names of its fields."""
    key = re.split(r"[/\\]", source.name)[-1].rpartition(".")[0]
    try:
        form = forms.load(source.content, key)
    except forms.FormRefused as refused:
        report.add(source.name, [_tell_form(one) for one in refused.findings])
        return key, None
    report.add(source.name, [_tell_form(one) for one in form.warnings])
    return key, _fields(form)


def _fields(form: forms.Form) -> frozenset[str]:
    return frozenset(one.key.partition(".")[0] for one in form.fields)


def _judge_data(
    definition: bpmn.Definition, fields: Mapping[str, frozenset[str] | None]
) -> Iterable[bpmn.Finding]:
    """Variables that are read though nothing writes them, where all that may write is known."""
    given = [fields.get(key) for key in definition.data.forms]
    if None in given:
        return ()
    written = frozenset(name for names in given for name in names or ())
    return definition.data.unwritten(written, "")


def _tell_form(one: forms.Finding) -> bpmn.Finding:
    return bpmn.Finding(
        one.line, one.element, f"{FORM_RULES}.{one.code}", one.message, one.severity,
        remedy=one.remedy,
    )  # fmt: skip


def _judge_decisions(report: Report, sources: Iterable[Source]) -> set[str]:
    """The decisions of all tables; one may import another of those given, in any order."""
    pending, models = list(sources), list[bpmn.DecisionModel]()
    while pending:
        refused: dict[str, tuple[bpmn.Finding, ...]] = {}
        for source in pending:
            try:
                model = bpmn.parse_decision(source.content, source.name, imports=models)
            except bpmn.Refused as refusal:
                refused[source.name] = refusal.findings
            else:
                models.append(model)
                report.add(source.name, model.warnings)
        if len(refused) == len(pending):
            for name, found in refused.items():
                report.add(name, found)
            break
        pending = [source for source in pending if source.name in refused]
    return {name for model in models for name in model.decisions}


def _shipped_decisions() -> frozenset[str]:
    models = (bpmn.parse_decision(path.read_bytes()) for path in DIAGRAMS.glob("*.dmn"))
    return frozenset(name for model in models for name in model.decisions)


def _shipped_processes() -> Iterable[bpmn.Definition]:
    return (bpmn.parse(path.read_bytes()) for path in DIAGRAMS.glob("*.bpmn"))


def _judge_diagram(
    report: Report, source: Source
) -> tuple[Mapping[str, bpmn.Element], bpmn.Definition | None]:
    """What could be read of the diagram, and the process if it may run."""
    try:
        definition = bpmn.parse(source.content, source.name)
    except bpmn.Refused as refused:
        report.add(source.name, refused.findings)
        return refused.elements, None
    report.add(source.name, definition.warnings)
    return definition.elements, definition


def _judge_names(
    report: Report, name: str, elements: Mapping[str, bpmn.Element], known: references.Known
) -> None:
    """Tells names that lead nowhere, or that only an installation may know."""
    for one in references.missing(elements, name, known):
        if one.rule.removeprefix("reference.") not in ELSEWHERE:
            report.add(name, [one])
    for element in elements.values():
        for kind, missing in references.unknown(element, known):
            if kind in ELSEWHERE:
                report.unchecked.setdefault(kind, set()).add(missing)
