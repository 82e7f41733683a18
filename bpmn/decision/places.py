"""Where an element stands, in the words of who looks at the table: the rule and the column."""

from __future__ import annotations

from lxml import etree

from bpmn import xml
from bpmn.bidi import set_apart
from bpmn.model import Names

_COLUMNS = {"inputEntry": ("input", "column", "ستون"), "outputEntry": ("output", "output", "خروجی")}


class Places:
    """Where the cells of a file stand; the rules of a table are counted once."""

    def __init__(self) -> None:
        self._numbers: dict[etree._Element, int] = {}
        self._columns: dict[tuple[etree._Element, str], list[etree._Element]] = {}

    def cell(self, element: etree._Element) -> Names:
        """The rule and the column of a cell, as a sentence begins; empty for what is no cell."""
        rule = element.getparent()
        table = None if rule is None else rule.getparent()
        if rule is None or table is None or xml.local(element) not in _COLUMNS:
            return {"en": "", "fa": ""}
        kind, word, persian = _COLUMNS[xml.local(element)]
        number = self._number(rule, table)
        place = _like(rule, xml.local(element)).index(element)
        columns = self._headed(table, kind)
        name = _name(columns[place]) if place < len(columns) else ""
        return {
            "en": f"Rule {number}, {word} “{name or place + 1}”: ",
            "fa": f"قاعدهٔ {set_apart(number)}، {persian} «{set_apart(name or place + 1)}»: ",
        }

    def _headed(self, table: etree._Element, kind: str) -> list[etree._Element]:
        if (table, kind) not in self._columns:
            self._columns[table, kind] = _like(table, kind)
        return self._columns[table, kind]

    def _number(self, rule: etree._Element, table: etree._Element) -> int:
        if rule not in self._numbers:
            self._numbers.update({one: at for at, one in enumerate(_like(table, "rule"), 1)})
        return self._numbers.get(rule, 1)


def _like(parent: etree._Element, kind: str) -> list[etree._Element]:
    return [child for child in parent if xml.local(child) == kind]


def _name(column: etree._Element) -> str:
    """What heads a column: its label, else the name of an output or the text of an input."""
    texts = (one.text or "" for one in column.iter() if xml.local(one) == "text")
    return str(column.get("label") or column.get("name") or next(texts, "")).strip()
