"""Files judged beside each other: what ``peygir lint`` and every deployment say of them.

Both call ``judge``, so that they cannot differ; they only know other names: the lint what is
shipped and given, a deployment what the installation holds as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import bpmn
import forms
from app.services.deployment import call_rules, references
from app.services.sending import emails

Fields = Mapping[str, frozenset[str] | None]
"""By form the names of its fields; None for a form that cannot be read."""


@dataclass(frozen=True)
class Source:
    """One file: the name by which findings call it, and its bytes."""

    name: str
    content: bytes

    @property
    def kind(self) -> str:
        """``dmn`` for decision tables, else ``bpmn``."""
        is_table = self.name.lower().endswith(".dmn") or b"omg.org/spec/DMN" in self.content[:4000]
        return "dmn" if is_table else "bpmn"


@dataclass(frozen=True)
class Looked:
    """One file as far as it could be read."""

    source: Source
    kind: str
    definition: bpmn.Definition | None = None
    model: bpmn.DecisionModel | None = None
    elements: Mapping[str, bpmn.Element] = field(default_factory=dict)
    found: tuple[bpmn.Finding, ...] = ()
    """What the file alone shows to be wrong or doubtful."""

    @property
    def key(self) -> str:
        """The id of the process or of the model; empty when the file is refused."""
        return self.definition.key if self.definition else self.model.id if self.model else ""


def undecided(looked: Iterable[Looked]) -> Iterator[str]:
    """The ids of all in DMN files that is no decision, so that a task cannot ask it."""
    for one in looked:
        if one.model is not None:
            yield from one.model.nodes.keys() - one.model.decisions.keys()


def look(source: Source, kind: str = "") -> Looked:
    """What can be read of a file, and what is found in it alone."""
    kind = kind or source.kind
    try:
        if kind == "dmn":
            model = bpmn.parse_decision(source.content, source.name)
            return Looked(source, kind, model=model, found=model.warnings)
        made = bpmn.parse(source.content, source.name)
        return Looked(source, kind, made, elements=made.elements, found=made.warnings)
    except bpmn.Refused as refused:
        return Looked(source, kind, elements=refused.elements, found=refused.findings)


def judge(
    looked: Sequence[Looked], known: references.Known, fields: Fields
) -> Iterator[bpmn.Finding]:
    """All findings about all files, by file and line."""
    repeated = {id(one) for one in _repeated(looked)}
    for one in looked:
        found = find_in(one, fields, known.said_by)
        found += references.missing(one.elements, one.source.name, known)
        if id(one) in repeated:
            found.append(references.tell_repeated(one.key, one.source.name))
        yield from sorted(_placed(one, found), key=lambda told: (told.line, told.element))


def find_in(one: Looked, fields: Fields, said_by: call_rules.SaidBy) -> list[bpmn.Finding]:
    """What is found in one file, whatever names it leads to; ``said_by`` knows what templates
    say."""
    return _placed(one, [*one.found, *_unwritten(one.definition, fields, said_by)])


def fields_of(form: forms.Form) -> frozenset[str]:
    """The variables that the answers of a form become."""
    return frozenset(one.key.partition(".")[0] for one in form.fields)


def shipped_fields() -> dict[str, frozenset[str] | None]:
    """The fields of every form that comes with the product."""
    return {key: fields_of(form) for key, form in forms.shipped().items()}


def _repeated(looked: Iterable[Looked]) -> Iterator[Looked]:
    """The files whose process or table an earlier file holds too."""
    seen: set[tuple[str, str]] = set()
    for one in looked:
        if one.definition is None and one.model is None:
            continue
        if (one.kind, one.key) in seen:
            yield one
        seen.add((one.kind, one.key))


def _unwritten(
    definition: bpmn.Definition | None, fields: Fields, said_by: call_rules.SaidBy
) -> Iterable[bpmn.Finding]:
    """Variables that are read though nothing writes them, letters that nothing addresses, and
    inputs of connectors that are missing, where all that may write is known."""
    if definition is None:
        return ()
    given = [fields.get(key) for key in definition.data.forms]
    if None in given:
        return ()
    written = frozenset(name for names in given for name in names or ())
    unwritten = definition.data.unwritten(written, "")
    letters = emails.unaddressed(definition, written)
    return (*unwritten, *letters, *call_rules.judge(definition, written, said_by))


def _placed(one: Looked, found: Iterable[bpmn.Finding]) -> list[bpmn.Finding]:
    return [replace(told, file=one.source.name, line=max(1, told.line)) for told in found]
