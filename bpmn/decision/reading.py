"""What is shared while one model is read: its names, its types, its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from bpmn import feel, xml
from bpmn.decision.places import Places
from bpmn.feel import nodes as n
from bpmn.feel.compiler import Code, Frame
from bpmn.feel.errors import FeelSyntaxError
from bpmn.feel.types import Type
from bpmn.feel.values import Value
from bpmn.findings import finding
from bpmn.functions import FUNCTIONS
from bpmn.model import Finding, Names
from bpmn.naming import names_of

FEEL_NAMES = ("", "feel", "/feel/", "/feel")
EMPTY = "EMPTY"
"""Why there is null where nothing was written, which is told at deployment."""
_ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_EMPTY: Mapping[str, Type] = {}


class Reading:
    """One reading of one file; findings gather here, and reading goes on after each."""

    def __init__(self, filename: str, *, judges: bool = True) -> None:
        self.file = filename
        self.judges = judges
        """Whether tables are looked at for what would run wrongly, not only read."""
        self.findings: list[Finding] = []
        self.names: set[str] = set()
        """Names that FEEL must know to read a text: those of several tokens."""
        self.declared: set[str] = set()
        """All names of the model."""
        self.types: Mapping[str, Type] = _EMPTY
        self.trees: dict[etree._Element, n.Node] = {}
        """The syntax tree of each text that could be read, by its element."""
        self._places = Places()
        self._told: set[tuple[object, ...]] = set()
        self.prefixes: frozenset[str] = frozenset()
        """The names under which other models are imported."""
        self.owner = ""
        """The decision or function that is being read."""

    def report(
        self,
        element: etree._Element,
        rule: str,
        persian: Mapping[str, object] | None = None,
        /,
        **words: object,
    ) -> None:
        """Keep one finding about an element, by its own id or the nearest one around it.

        ``words`` fill the texts of the rule; ``persian`` those that read otherwise in Persian.
        """
        at = (xml.line(element), nearest_id(element), self.file)
        told = finding(rule, *at, persian, warning=False, **words)
        # A type is looked up by everything that has it, and is missing once.
        key = (*at, rule, told.message["en"])
        if key not in self._told:
            self._told.add(key)
            self.findings.append(told)

    def expression(self, element: etree._Element, text: str) -> Code:
        """The closure of a FEEL text; a text that cannot be read is reported and gives null."""
        return self._compiled(element, text, tests=False)

    def tests(self, element: etree._Element, text: str) -> Code:
        """The closure of unary tests, which find their value under ``?``."""
        return self._compiled(element, text, tests=True)

    def _compiled(self, element: etree._Element, text: str, *, tests: bool) -> Code:
        make = feel.compile_unary_tests if tests else feel.compile
        try:
            expression = make(text, self.names, types=self.types)
        except FeelSyntaxError as error:
            why, where = error.messages, self._places.cell(element)
            self.report(element, "dmn.feel", why_en=why["en"], why_fa=why["fa"],
                        where_en=where["en"], where_fa=where["fa"])  # fmt: skip
            return broken("{0}", error.phrase)
        self.trees[element] = expression.node
        for name in sorted(expression.unknown_functions(self.declared | FUNCTIONS)):
            self.report(element, "dmn.unknown-function", name=name)
        return expression.code


def broken(text: str, *words: Any, code: str = "UNREADABLE") -> Code:
    """A closure that gives null and says why."""

    def closure(frame: Frame) -> Value:
        frame.run.warn(code, -1, text, *words)
        return None

    return closure


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The children of these local names, all when none is given; other namespaces are skipped."""
    space = xml.namespace(element)
    for child in element:
        if xml.namespace(child) == space and (not names or xml.local(child) in names):
            yield child


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first child of these local names."""
    return None if element is None else next(children(element, *names), None)


def text_of(element: etree._Element | None) -> str:
    """The text of the element's ``text`` child, without the white space around it."""
    found = child(element, "text")
    return (found.text or "").strip() if found is not None else ""


def attribute(element: etree._Element | None, name: str) -> str:
    """An attribute's value; empty when it is missing."""
    return "" if element is None else str(element.get(name) or "").strip()


def names_in(element: etree._Element, fallback: str) -> Names:
    """The name in each language: a ``zeebe:property`` such as ``name_fa``, else the drawn name."""
    holder = child(element, "extensionElements")
    found = holder.iter(f"{{{_ZEEBE}}}property") if holder is not None else ()
    properties = {str(part.get("name")): str(part.get("value") or "") for part in found}
    return names_of(attribute(element, "name"), properties, fallback)


def reference(href: str) -> str:
    """``#id`` as ``id``; a reference with a namespace stays whole."""
    return href.removeprefix("#")


def nearest_id(element: etree._Element) -> str:
    """The id of the element or of the nearest one around it."""
    at: etree._Element | None = element
    while at is not None:
        found = at.get("id")
        if found:
            return str(found)
        at = at.getparent()
    return ""
