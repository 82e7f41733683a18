"""Diagrams as the viewer draws them."""

from __future__ import annotations

import bpmn
from app.services.deployment import definitions


def drawn(definition_id: int, language: str) -> bytes:
    """The deployed file, a diagram with its names in that language; raises NotFound."""
    row = definitions.find(definition_id)
    source = definitions.source_of(row.id)
    return bpmn.localise(source, language) if row.kind == "bpmn" and language else source
