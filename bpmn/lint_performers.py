"""Rules about the standard's own ways to name who does a task, which are not followed.

What stands in them every engine reads in its own way: as a person, a group, or an expression of
some language. To guess would be to give work to the wrong people (BPMN 2.0.2, 10.3.1 to 10.3.4).
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn import xml
from bpmn.document import BPMN, Document
from bpmn.model import Finding

_ROLES = ("potentialOwner", "humanPerformer", "performer", "resourceRole")
_SAYING = frozenset(f"{{{BPMN}}}{name}" for name in ("resourceRef", "resourceAssignmentExpression"))


def performers_followed(document: Document) -> Iterator[Finding]:
    """Who does a user task is said in the one way that is followed; elsewhere it is only told."""
    for role in document.all(*_ROLES):
        owner = role.getparent()
        if owner is None or not _says_something(role) or not _is_judged(document, owner):
            continue
        rule = "task.performer" if xml.local(owner) == "userTask" else "task.performer-idle"
        yield document.find(rule, owner, name=xml.local(role))


def _says_something(role: etree._Element) -> bool:
    return any(child.tag in _SAYING for child in role)


def _is_judged(document: Document, owner: etree._Element) -> bool:
    judged = set(document.judged)
    return owner in judged or any(above in judged for above in owner.iterancestors())


RULES = (performers_followed,)
