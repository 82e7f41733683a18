"""The names of things in each language, from the ``name`` attribute and the properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bpmn.shortening import shorten

if TYPE_CHECKING:
    from bpmn.diagram import Shape
    from bpmn.model import Names

LANGUAGES = ("fa", "en")
LONGEST = 200
"""Characters of a name on pages and in the API; the rest stands in the diagram alone."""


def names_of(text: str, properties: Mapping[str, str], fallback: str) -> Names:
    """A text for every language: the property ``name_<language>``, else the drawn name; cut when it
    is longer than a page can show."""
    drawn = text.strip() or next(
        (properties[f"name_{code}"] for code in LANGUAGES if properties.get(f"name_{code}")),
        fallback,
    )
    return {
        code: shorten(properties.get(f"name_{code}", "").strip() or drawn, LONGEST)
        for code in LANGUAGES
    }


def names_of_shape(shape: Shape) -> Names:
    """The names of a flow node; its id when it was drawn without any."""
    return names_of(shape.name, shape.extension.properties, shape.drawn_id)
