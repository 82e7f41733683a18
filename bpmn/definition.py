"""A deployed process as the other rooms see it, and the door by which it comes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

from bpmn.calls import start_of
from bpmn.data_use import DataUse, data_use_of
from bpmn.diagram import Diagram, Shape
from bpmn.document import Document, read_document
from bpmn.errors import Refused
from bpmn.expressions import is_feel
from bpmn.lint import lint
from bpmn.model import Call, Element, Finding, Names, StageLabel, StartPoint
from bpmn.naming import LANGUAGES, names_of, names_of_shape
from bpmn.normalise import normalise
from bpmn.process import Process
from bpmn.reading import read_diagram


@dataclass(frozen=True)
class Definition:
    """One process that may run, with all that it names of the world around it."""

    key: str
    names: Names
    sha256: str
    """Of the file's bytes; two files with the same hash are the same definition."""
    elements: Mapping[str, Element]
    flows: Mapping[str, tuple[str, str]]
    """The drawn sequence flows: id to source and target."""
    flow_names: Mapping[str, Names]
    """What is written at the drawn sequence flows; empty texts where nothing is."""
    stages: tuple[StageLabel, ...]
    start_form: str | None
    starts: tuple[StartPoint, ...]
    """The ways in which it begins."""
    forms: tuple[str, ...]
    decisions: tuple[str, ...]
    messages: tuple[str, ...]
    job_types: tuple[str, ...]
    groups: tuple[str, ...]
    properties: Mapping[str, str]
    warnings: tuple[Finding, ...]
    data: DataUse
    """The variables that it reads and writes, as far as the diagram tells."""
    process: Process = field(repr=False, compare=False)
    """The compiled specs; nothing outside this room looks into them."""
    version_tag: str | None = None
    """The ``zeebe:versionTag`` of the process."""

    is_drawn: bool = True
    """Whether the file says where its elements stand in a drawing."""

    @property
    def may_be_called(self) -> bool:
        """Whether a call activity can begin it: at a plain start event."""
        return start_of(self.process) is not None


def parse(source: bytes, filename: str = "") -> Definition:
    """The process of a ``.bpmn`` file; raises ``Refused`` with every reason at once.

    The same bytes give the same definition, compiled once.
    """
    return _compiled(bytes(source), filename, judged=True)


def load(source: bytes, filename: str = "") -> Definition:
    """The process of a file that was accepted before, even if it would be refused today.

    A running case keeps its diagram when the rules become stricter; what they would say now
    stands among the ``warnings``. Raises ``Refused`` only for what is no diagram at all.
    """
    return _compiled(bytes(source), filename, judged=False)


@lru_cache(maxsize=256)
def _compiled(source: bytes, filename: str, *, judged: bool) -> Definition:
    document = read_document(source, filename)
    drawings = [(drawn, normalise(drawn)) for drawn in _diagrams(document)]
    found = lint(document, drawings)
    if not drawings or (judged and any(one.severity == "error" for one in found)):
        read = [shape for drawn, _ in drawings for shape in drawn.shapes.values()]
        raise Refused(found, elements={shape.id: _element(shape) for shape in read})
    drawn, diagram = drawings[0]
    digest = sha256(source).hexdigest()
    defined = _define(drawn, Process(diagram, digest), digest, found)
    return replace(defined, is_drawn=document.is_drawn)


def _diagrams(document: Document) -> Iterator[Diagram]:
    return (read_diagram(document, process) for process in document.judged)


def _define(
    drawn: Diagram, process: Process, digest: str, warnings: Iterable[Finding]
) -> Definition:
    shapes = list(drawn.shapes.values())
    return Definition(
        key=drawn.key,
        names=names_of(drawn.name, drawn.properties, drawn.key),
        sha256=digest,
        elements={
            shape.id: replace(
                _element(shape), depth=_depth(drawn, shape), inside=_inside(drawn, shape)
            )
            for shape in shapes
        },
        flows={flow.id: (flow.source, flow.target) for flow in drawn.flows.values()},
        flow_names={flow.id: flow.names for flow in drawn.flows.values()},
        stages=tuple(stages_of(drawn.properties)),
        start_form=_start_form(drawn),
        starts=process.starts,
        forms=_distinct(shape.extension.form for shape in shapes),
        decisions=_distinct(_static(shape.extension.decision) for shape in shapes),
        messages=_distinct(_static(t.message) for shape in shapes for t in shape.triggers),
        job_types=_distinct(_static(shape.extension.job_type) for shape in shapes),
        groups=_distinct(group for shape in shapes for group in _groups(shape)),
        properties=drawn.properties,
        warnings=tuple(warnings),
        process=process,
        data=data_use_of(drawn),
        version_tag=drawn.version_tag,
    )


def stages_of(properties: Mapping[str, str]) -> Iterator[StageLabel]:
    """The stages that the process lists, in order, with their labels."""
    for key in (part.strip() for part in properties.get("stages", "").split(",")):
        if key:
            said = {code: properties.get(f"stage.{key}.{code}", "") for code in LANGUAGES}
            drawn = next((text for text in said.values() if text), key)
            yield StageLabel(key, {code: text or drawn for code, text in said.items()})


def _element(shape: Shape) -> Element:
    return Element(
        id=shape.id, type=shape.type, names=names_of_shape(shape), lane=shape.lane,
        properties=shape.extension.properties, form=shape.extension.form, line=shape.line,
        decision=_static(shape.extension.decision), job_type=_static(shape.extension.job_type),
        headers=shape.extension.headers,
        inputs=frozenset(one.target.partition(".")[0] for one in shape.extension.inputs),
        groups=tuple(_groups(shape)), calls=_call(shape),
        interrupting=shape.interrupting,
    )  # fmt: skip


def _inside(drawn: Diagram, shape: Shape) -> str | None:
    holder = drawn.shapes.get(shape.container)
    return None if holder is None else holder.id


def _depth(drawn: Diagram, shape: Shape) -> int:
    holder = drawn.shapes.get(shape.container)
    return 0 if holder is None else 1 + _depth(drawn, holder)


def _start_form(drawn: Diagram) -> str | None:
    starts = [shape for shape in drawn.inside(drawn.key) if shape.type == "startEvent"]
    return next((shape.extension.form for shape in starts if shape.extension.form), None)


def _groups(shape: Shape) -> list[str]:
    """The groups that a user task names without an expression, or its lane's."""
    if shape.type != "userTask":
        return []
    said = shape.extension.groups
    if said is None:
        return [shape.lane] if shape.lane else []
    return [] if is_feel(said) else [group.strip() for group in said.split(",")]


def _call(shape: Shape) -> Call | None:
    called = shape.extension.called
    if called is None or is_feel(called.process):
        return None
    return Call(called.process, called.binding, called.tag)


def _static(text: str | None) -> str | None:
    return None if text is None or is_feel(text) else text


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
