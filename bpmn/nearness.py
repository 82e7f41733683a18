"""Where in an instance a message belongs first, when several places wait for it."""

from __future__ import annotations

_ORDER = ("intermediateCatchEvent", "receiveTask", "boundaryEvent", "startEvent")


def nearness(element_type: str) -> int:
    """The place of a waiting element in line, the first being 0.

    A message goes to a token that waits for nothing else, else to the activity that listens at
    its edge, else to the event subprocess that listens all the time.
    """
    return _ORDER.index(element_type) if element_type in _ORDER else len(_ORDER)
