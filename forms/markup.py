"""The little mark-up of static texts."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_HEADING = re.compile(r"(#{1,4}) +(.*)")


def mark_up(text: str) -> Markup:
    """The file's plain text as HTML: paragraphs, ``#`` headings, ``-`` lists and ``**bold**``."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return Markup("\n").join(_mark_block(block) for block in blocks if block.strip())


def _mark_block(block: str) -> Markup:
    lines = [line.strip() for line in block.strip().splitlines()]
    heading = _HEADING.fullmatch(lines[0])
    if heading:
        rest = _mark_block("\n".join(lines[1:])) if lines[1:] else Markup("")
        return Markup("<h3>{}</h3>{}").format(_mark_line(heading[2]), rest)
    if all(line.startswith(("- ", "* ")) for line in lines):
        items = Markup("").join(Markup("<li>{}</li>").format(_mark_line(one[2:])) for one in lines)
        return Markup("<ul>{}</ul>").format(items)
    return Markup("<p>{}</p>").format(Markup("<br>").join(_mark_line(line) for line in lines))


def _mark_line(line: str) -> Markup:
    # The line is escaped before the tags are put around its parts.
    return Markup(_BOLD.sub(r"<b>\1</b>", str(escape(line))))  # noqa: S704
