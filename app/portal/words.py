"""Texts as pages show them."""

from __future__ import annotations

import re

from markupsafe import Markup


def to_paragraphs(text: str) -> Markup:
    """What somebody wrote as escaped paragraphs, its line breaks kept."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return Markup("").join(Markup("<p>{}</p>").format(_lines(block)) for block in blocks)


def _lines(block: str) -> Markup:
    return Markup("<br>").join(block.split("\n"))
