"""HTML of mails: made safe to show, or read as plain text.

Only the cleaner of the ``ammonia`` library (nh3) judges what is safe. Its time grows with the
square of how deeply elements lie in each other, so deeper ones are not given to it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import nh3

LARGEST = 1_000_000
"""Characters of HTML that are cleaned; more is cut."""
MOST_REFERENCES = 200_000
"""Signs “&”; the cleaner's time grows with the square of their number, and more is cut. A text in
which each letter is written as one has no more."""
DEEPEST = 2_000
"""Elements open at once, counted roughly; a mail with more is shown as text."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_TAGS = frozenset(
    "a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em "
    "font h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre q s small span strike strong sub sup table "
    "tbody td tfoot th thead tr u ul".split()
)
_GONE = frozenset({"script", "style", "title", "template", "noscript", "iframe", "object", "svg"})
"""Elements whose content is no text for readers."""
_ATTRIBUTES = {
    "*": {"dir", "lang", "align", "style"},
    "a": {"href", "title"},
    "img": {"alt", "height", "src", "width"},
    "col": {"span", "width"},
    "font": {"color"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan", "valign", "width"},
    "th": {"colspan", "rowspan", "valign", "width"},
}
_STYLES = {
    "background-color", "color", "direction", "font-style", "font-weight", "text-align",
    "text-decoration",
}  # fmt: skip
_LINES = frozenset(
    "blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split()
)
_APART = frozenset("blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
_PIECE = re.compile(r"<(/?)([a-z0-9]+)>|([^<]+)|<")


def _beginning(source: str) -> str:
    """As much as is cleaned."""
    pieces = source[:LARGEST].split("&", MOST_REFERENCES + 1)
    return "&".join(pieces[: MOST_REFERENCES + 1])


def clean(source: str, *, images: bool = False) -> str | None:
    """The HTML with nothing in it that runs, loads or leaves its place; None when it is too deep
    to be cleaned. ``images`` keeps those that would be fetched from outside when it is shown."""
    source = _beginning(source)
    if _depth(source) > DEEPEST:
        return None
    return nh3.clean(
        source,
        tags=set(_TAGS),
        clean_content_tags=set(_GONE),
        attributes=_ATTRIBUTES,
        attribute_filter=_with_images if images else _without_images,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def _without_images(tag: str, name: str, value: str) -> str | None:
    return None if tag == "img" and name == "src" else _with_images(tag, name, value)


def _with_images(tag: str, name: str, value: str) -> str | None:
    """An address without a scheme would lead to a page of ours, as if it were of the mail."""
    is_ours = name in ("href", "src") and not _WHOLE.match(value)
    return None if is_ours else value


_WHOLE = re.compile(r"\s*(https?://|mailto:|tel:)", re.IGNORECASE)


def _depth(source: str) -> int:
    """How many elements are open at once at most, end tags taken at their word."""
    now = most = 0
    for end, name in _TAG.findall(source):
        if name.lower() not in _VOID:
            now = max(0, now - 1) if end else now + 1
            most = max(most, now)
    return most


def read_text(source: str) -> str:
    """What a reader sees, as plain text; quoted passages begin with ``>`` as in plain mails."""
    source = _beginning(source)
    if _depth(source) > DEEPEST:
        return html.unescape(re.sub(r"<[^<>]*>", " ", source))
    marked = nh3.clean(
        source, tags=set(_LINES), clean_content_tags=set(_GONE), attributes={}, link_rel=None
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(marked))).strip("\n")


def _lines(marked: str) -> Iterator[str]:
    """Line by line; a paragraph is followed by an empty one."""
    depth, line = 0, ""
    for end, tag, words in _PIECE.findall(marked):
        if not tag:
            line += html.unescape(words)
            continue
        if line.strip() or tag == "br":
            yield _quoted(line, depth)
        line = ""
        if tag == "blockquote":
            depth = max(0, depth - 1) if end else depth + 1
        if end and tag in _APART:
            yield _quoted("", depth)
    if line.strip():
        yield _quoted(line, depth)


def _quoted(line: str, depth: int) -> str:
    words = " ".join(line.split())
    return f"{'>' * min(depth, 10)} {words}".rstrip() if depth else words
