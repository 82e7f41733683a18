"""The cases of the DMN TCK read from its XML files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from bpmn import xml
from bpmn.decision.reading import children
from bpmn.feel import texts

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Expected:
    """One result node of a case."""

    name: str
    value: Any
    error: bool


@dataclass(frozen=True)
class Case:
    """One test case: inputs and what is expected of some decisions."""

    id: str
    invocable: str | None
    inputs: dict[str, Any]
    expected: tuple[Expected, ...]


def folder() -> Path:
    """Where the data of the TCK is: ``PEYGIR_TCK_DIR``, else beside the repository."""
    return Path(os.environ.get("PEYGIR_TCK_DIR") or _ROOT / "../shared/dmn-tck").resolve()


def directories() -> list[Path]:
    """The folders with one model and its cases each, in order."""
    return sorted(path for path in folder().glob("TestCases/*/*") if path.is_dir())


def read(file: Path) -> tuple[str, list[Case]]:
    """The name of the model's file and the cases."""
    root = xml.read(file.read_bytes(), file.name).getroot()
    name = next(children(root, "modelName"))
    return (name.text or "").strip(), list(_cases(root))


def _cases(root: etree._Element) -> Iterator[Case]:
    for element in children(root, "testCase"):
        inputs = {str(part.get("name")): _value(part) for part in children(element, "inputNode")}
        expected = tuple(_expected(part) for part in children(element, "resultNode"))
        yield Case(str(element.get("id")), element.get("invocableName"), inputs, expected)


def _expected(element: etree._Element) -> Expected:
    inner = next(children(element, "expected", "computed"), None)
    value = _value(inner) if inner is not None else None
    return Expected(str(element.get("name")), value, element.get("errorResult") == "true")


def _value(element: etree._Element) -> Any:
    items = next(children(element, "list"), None)
    if items is not None:
        nil = items.get(_NIL) == "true"
        return None if nil else [_value(item) for item in children(items, "item")]
    components = list(children(element, "component"))
    if components:
        return {str(part.get("name")): _value(part) for part in components}
    value = next(children(element, "value"), None)
    return None if value is None or value.get(_NIL) == "true" else _scalar(value)


def _scalar(element: etree._Element) -> Any:
    text = element.text or ""
    kind = (element.get(_TYPE) or "xsd:string").rpartition(":")[2]
    return _SCALARS[kind](text if kind == "string" else text.strip())


_SCALARS: dict[str, Any] = {
    "string": str,
    "boolean": lambda text: text in ("true", "1"),
    "decimal": Decimal,
    "double": Decimal,
    "integer": Decimal,
    "int": Decimal,
    "float": Decimal,
    "date": texts.read_date,
    "time": texts.read_time,
    "dateTime": texts.read_date_time,
    "duration": texts.read_duration,
}
