"""The one door through which XML enters the process room: hardened, limited, with line numbers.

Document type definitions are refused outright, so no entity is ever expanded and nothing is
fetched; what comes back is a plain tree.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree

from bpmn.errors import Refused
from bpmn.findings import finding

MAX_BYTES = 2_000_000
_MAX_DEPTH = 200

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS = {"utf-8", "utf-16", "ascii", "iso8859-1"}


def read(source: bytes, filename: str = "") -> etree._ElementTree:
    """The tree of an XML document; raises ``Refused`` with one finding that says why not.

    Refused are: more than 2 MB, any DTD, an encoding other than UTF-8, UTF-16, ASCII or
    Latin-1, bytes that are not of the declared encoding, and XML that is not well-formed.
    """
    if len(source) > MAX_BYTES:
        raise _refused(1, "xml.too-large", filename, limit=MAX_BYTES // 1_000_000)
    _check_encoding(source, filename)
    tree = _parse(source, filename)
    _check_doctype(tree, filename)
    _check_depth(tree, filename)
    return tree


def local(element: etree._Element) -> str:
    """The element's name without its namespace; empty for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    """The element's namespace; empty when it has none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag[:1] == "{" else ""


def line(element: etree._Element) -> int:
    """The line where the element starts, counted from one."""
    found = element.sourceline
    return found if isinstance(found, int) else 1


def _parse(source: bytes, filename: str) -> etree._ElementTree:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        dtd_validation=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(source, parser).getroottree()
    except etree.XMLSyntaxError as error:
        raise _refused(error.lineno or 1, "xml.malformed", filename, why=error.msg) from error
    except (ValueError, LookupError) as error:
        raise _refused(1, "xml.malformed", filename, why=str(error)) from error


def _check_encoding(source: bytes, filename: str) -> None:
    if source.startswith(_MARKS):
        return
    declared = _DECLARED.match(source[:200])
    if declared is None:
        return
    name = declared.group(1).decode("ascii")
    if _canonical(name) not in _ENCODINGS:
        raise _refused(1, "xml.encoding", filename, name=name)


def _canonical(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return encoding.lower()


def _check_doctype(tree: etree._ElementTree, filename: str) -> None:
    if tree.docinfo.internalDTD is not None:
        raise _refused(1, "xml.dtd", filename)


def _check_depth(tree: etree._ElementTree, filename: str) -> None:
    level = [tree.getroot()]
    for _ in range(_MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise _refused(line(level[0]), "xml.too-deep", filename, limit=_MAX_DEPTH)


def _refused(at: int, rule: str, filename: str, **details: Any) -> Refused:
    return Refused([finding(rule, at, "", filename, **details)])
