"""The HTML part of an e-mail: the same words as the text part, laid out from the right side."""

from __future__ import annotations

import re
from html import escape

_LINK = re.compile(r"https?://[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)؟،؛]")

_PAGE = """<!DOCTYPE html>
<html lang="{lang}" dir="{direction}">
<head><meta charset="utf-8"><title>{title}</title></head>
<body dir="{direction}" style="margin:0;padding:24px;background:#ffffff;color:#1f2328;\
font-family:Vazirmatn,Tahoma,Arial,sans-serif;font-size:16px;line-height:1.8;\
text-align:{side}">
<div style="max-width:36em;margin:0 auto">
{paragraphs}
</div>
</body>
</html>
"""


def page(title: str, text: str, language: str) -> str:
    """Return the text as one HTML page: blank lines part paragraphs, web addresses are links."""
    farsi = language == "fa"
    return _PAGE.format(
        lang="fa" if farsi else "en",
        direction="rtl" if farsi else "ltr",
        side="right" if farsi else "left",
        title=escape(title),
        paragraphs="\n".join(_paragraph(one) for one in re.split(r"\n\s*\n", text.strip())),
    )


def _paragraph(text: str) -> str:
    lines = (_linked(line) for line in text.splitlines())
    return f'<p style="margin:0 0 1em">{"<br>".join(lines)}</p>'


def _linked(line: str) -> str:
    """Escape a line and turn its web addresses into links that read from left to right."""
    parts, end = [], 0
    for found in _LINK.finditer(line):
        url = escape(found.group())
        parts += [escape(line[end : found.start()]), f'<a dir="ltr" href="{url}">{url}</a>']
        end = found.end()
    return "".join([*parts, escape(line[end:])])
