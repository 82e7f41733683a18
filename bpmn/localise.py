"""A diagram with the names of one language, for the viewer and for printing."""

from __future__ import annotations

from lxml import etree

from bpmn import xml
from bpmn.extensions import BPMN, read_extension


def localise(source: bytes, language: str) -> bytes:
    """The same file with each ``name`` replaced by the property ``name_<language>``.

    What has no name in that language keeps the drawn one. Text annotations are replaced by
    their property ``text_<language>``. Raises ``Refused`` when the XML cannot be read.
    """
    tree = xml.read(source)
    for node in tree.getroot().iter(f"{{{BPMN}}}*"):
        said = read_extension(node).properties
        name = said.get(f"name_{language}")
        if name:
            node.set("name", name)
        text = node.find(f"{{{BPMN}}}text")
        if text is not None and said.get(f"text_{language}"):
            text.text = said[f"text_{language}"]
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)
