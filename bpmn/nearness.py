"""Where in an instance a message belongs first, when several places wait for it."""

from __future__ import annotations

from bpmn.model import Element

_ORDER = ("intermediateCatchEvent", "receiveTask", "boundaryEvent", "startEvent")


def nearness(element: Element) -> tuple[int, int]:
    """The place of a waiting element in line; the least comes first.

    A message goes to a token that waits for nothing else, else to the activity that listens at
    its edge, else to the event subprocess that listens all the time; among alike to the one that
    lies deepest, as an error does (BPMN 2.0.2, 10.5.6).
    """
    known = element.type in _ORDER
    return (_ORDER.index(element.type) if known else len(_ORDER)), -element.depth
