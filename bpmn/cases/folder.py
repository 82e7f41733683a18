"""Cases and all that lies beside them in a folder: the diagram, tables, called processes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bpmn.cases.model import CaseFile
from bpmn.cases.reader import read_cases
from bpmn.decision import DecisionModel, parse_decision
from bpmn.definition import Definition, parse
from bpmn.files import read_file

ENDING = ".test.json"


@dataclass(frozen=True)
class Suite:
    """One file of cases, the diagram that it is about, and what the diagram names."""

    path: Path
    source: bytes
    """Of the diagram."""
    file: CaseFile | None
    """None when there is no file beside the diagram."""
    definition: Definition | None
    """None of a diagram that must be refused."""
    decisions: Mapping[str, DecisionModel] = field(default_factory=dict)
    processes: tuple[Definition, ...] = ()

    @property
    def diagram(self) -> str:
        """The name of the diagram's file."""
        return diagram_of(self.path).name

    def beside(self, name: str) -> bytes | None:
        """The bytes of another file of the folder; None when there is none of that name."""
        found = self.path.parent / name
        return read_file(found) if found.is_file() else None


def diagram_of(path: Path) -> Path:
    """The diagram that a file of cases is about."""
    return path.with_name(path.name.removesuffix(ENDING) + ".bpmn")


def open_suite(path: Path) -> Suite:
    """What belongs to a file of cases; raises ``BadCases``, ``Refused`` or ``OSError``."""
    diagram = diagram_of(path)
    source = read_file(diagram)
    if not path.exists():
        return Suite(path, source, None, parse(source, diagram.name))
    file = read_cases(read_file(path), str(path))
    if file.refused:
        return Suite(path, source, file, None)
    definition = parse(source, diagram.name)
    called = _called(file, definition, path.parent)
    tables = _decisions(file, (definition, *called), path.parent)
    return Suite(path, source, file, definition, tables, called)


def _called(file: CaseFile, definition: Definition, folder: Path) -> tuple[Definition, ...]:
    """The processes that the file names, else those of the folder that are called."""
    if file.processes is not None:
        return tuple(_read_process(folder / name) for name in file.processes)
    found: dict[str, Definition] = {definition.key: definition}
    pending = [definition]
    while pending:
        wanted = _calls(pending.pop()) - set(found)
        new = [_read_process(path) for path in _holding(wanted, folder)] if wanted else []
        fresh = {one.key: one for one in new if one.key in wanted}
        found |= fresh
        pending += fresh.values()
    return tuple(found.values())[1:]


def _calls(definition: Definition) -> set[str]:
    return {shape.calls.process for shape in definition.elements.values() if shape.calls}


def _holding(keys: Iterable[str], folder: Path) -> Iterator[Path]:
    """The diagrams in whose text one of the keys stands as an id: those worth reading."""
    marks = [re.compile(rb"""\sid=["']""" + re.escape(key.encode()) + rb"""["']""") for key in keys]
    for path in sorted(folder.glob("*.bpmn")):
        source = read_file(path)
        if any(mark.search(source) for mark in marks):
            yield path


def _decisions(
    file: CaseFile, definitions: Iterable[Definition], folder: Path
) -> Mapping[str, DecisionModel]:
    """The tables that the file names, else those of the folder that the diagrams ask."""
    found: dict[str, DecisionModel] = {}
    wanted = {name for one in definitions for name in one.decisions}
    if file.decisions is None:
        for path in sorted(folder.glob("*.dmn")) if wanted else ():
            model = _read_table(path)
            found |= dict.fromkeys(wanted & set(model.decisions), model)
    for name in file.decisions or ():
        model = _read_table(folder / name)
        found |= dict.fromkeys(model.decisions, model)
    return found


def _read_table(path: Path) -> DecisionModel:
    return parse_decision(read_file(path), path.name)


def _read_process(path: Path) -> Definition:
    return parse(read_file(path), path.name)
