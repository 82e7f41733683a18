"""What the process room raises; nothing else leaves it.

The docstring of each class is the message when none is given, so every error says something.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping

from bpmn.model import Element, Finding, Names


class BpmnError(Exception):
    """The process could not be read or run."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or default_message(type(self)))


class Refused(BpmnError):
    """The file would run wrongly, so it is refused; ``findings`` say where and why."""

    def __init__(
        self,
        findings: Iterable[Finding],
        message: str = "",
        elements: Mapping[str, Element] | None = None,
    ) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        self.elements: Mapping[str, Element] = elements or {}
        """What could be read of a diagram, so that the names in it can be checked as well."""
        super().__init__(message or _summary(self.findings))


class UnknownKey(BpmnError):
    """Nothing waits under this key any more."""


class Told(BpmnError):
    """What a person must know, in ``texts`` in each language; the message is the English one."""

    def __init__(self, en: str, fa: str) -> None:
        self.texts: Names = {"en": en, "fa": fa}
        super().__init__(en)


class WrongState(Told):
    """The stored state cannot be read by this version; ``texts`` say why."""


class CannotOperate(Told):
    """What an operator asked for cannot be done there; ``texts`` say why and what to do."""


def default_message(kind: type[Exception]) -> str:
    """The first line of the class's docstring."""
    return (inspect.getdoc(kind) or kind.__name__).splitlines()[0]


def _summary(findings: tuple[Finding, ...]) -> str:
    return "; ".join(_describe(finding) for finding in findings)


def _describe(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}" if finding.file else f"line {finding.line}"
    text = finding.message.get("en") or next(iter(finding.message.values()), "")
    return f"{where} {finding.element}: {text}".replace(" :", ":")
