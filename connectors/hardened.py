"""The one door through which a partner's XML comes in: no DTD, no entity, nothing fetched.

Depth, elements and bytes are bounded, so that memory and time are too.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

_MARKS = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


@dataclass(frozen=True)
class Bounds:
    """What one document may be."""

    size: int = 10_000_000
    """Bytes."""
    elements: int = 200_000
    depth: int = 100


class BadXml(ValueError):
    """A document that is not let in: ``rule`` says why, ``line`` where."""

    def __init__(self, rule: str, line: int, why: str = "") -> None:
        super().__init__(f"{rule} at line {line}: {why}")
        self.rule, self.line, self.why = rule, line, why


ORDINARY = Bounds()


def read(source: bytes, bounds: Bounds = ORDINARY) -> etree._Element:
    """The root of a document without comments and processing instructions.

    Raises :class:`BadXml` with the rule ``large``, ``malformed``, ``dtd``, ``deep`` or ``many``.
    """
    if len(source) > bounds.size:
        raise BadXml("large", 1, str(bounds.size))
    # Counted before the tree is made, which takes fifty times as much memory as its text.
    if source.count(b"<") > 2 * bounds.elements + 100 or source.count(b"=") > 4 * bounds.elements:
        raise BadXml("many", 1, str(bounds.elements))
    root = _parse(source)
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadXml("dtd", 1)
    _measure(root, bounds)
    return root


def _parse(source: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        dtd_validation=False, attribute_defaults=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        # A DTD that the parser itself stops at, such as one of many nested entities.
        rule = "dtd" if any(mark in source for mark in _MARKS) else "malformed"
        raise BadXml(rule, error.lineno or 1, error.msg or "") from None
    except (ValueError, LookupError) as error:
        raise BadXml("malformed", 1, str(error)) from None


def _measure(root: etree._Element, bounds: Bounds) -> None:
    level, seen = [root], 0
    for _ in range(bounds.depth):
        seen += len(level)
        if seen > bounds.elements:
            raise BadXml("many", line(level[0]), str(bounds.elements))
        level = [child for element in level for child in element]
        if not level:
            return
    raise BadXml("deep", line(level[0]), str(bounds.depth))


def line(element: etree._Element) -> int:
    """The line where an element starts, counted from one."""
    found = element.sourceline
    return found if isinstance(found, int) else 1
