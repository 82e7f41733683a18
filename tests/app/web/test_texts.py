"""Every text of the shared and the staff's pages exists in Persian, in a fresh catalogue."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import app

ROOT = Path(app.__file__).parent
CATALOGUE = ROOT / "translations" / "fa" / "LC_MESSAGES"
KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None,
    "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
PLACES = re.compile(r"%\((\w+)\)s")


def extracted() -> set[tuple[str | None, str]]:
    """The context and the (singular) text of every message in code and templates."""
    found: set[tuple[str | None, str]] = set()
    methods = [("templates/portal/**", "ignore"), ("portal/**", "ignore")]
    methods += [("web/**.py", "python"), ("uploads.py", "python"), ("templates/**.html", "jinja2")]
    for _, _, message, _, context in extract_from_dir(ROOT, methods, keywords=KEYWORDS):
        found.add((context, message[0] if isinstance(message, tuple) else message))
    return found


@pytest.fixture(scope="module")
def persian() -> Catalog:
    """The Persian catalogue as people edit it."""
    return read_po(io.BytesIO((CATALOGUE / "messages.po").read_bytes()))


def test_nothing_is_left_in_english(persian: Catalog) -> None:
    known = {(m.context, flat(m.id)[0]) for m in persian if m.id and all(flat(m.string))}
    assert extracted() - known == set()
    assert known - extracted() == set(), "texts that no page says any more"


def test_a_translation_keeps_every_place_that_is_filled_in(persian: Catalog) -> None:
    for message in persian:
        wanted = {place for text in flat(message.id) for place in PLACES.findall(text)}
        for text in flat(message.string):
            assert set(PLACES.findall(text)) == wanted, message.id


def test_the_compiled_catalogue_is_the_edited_one(persian: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, persian)
    assert (CATALOGUE / "messages.mo").read_bytes() == compiled.getvalue()


def flat(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """A text with its plurals, however the reader gave them."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def test_the_two_catalogues_do_not_contradict_each_other(persian: Catalog) -> None:
    ours = {(m.context, flat(m.id)): flat(m.string) for m in persian if m.id}
    others = read_po(io.BytesIO((CATALOGUE / "portal.po").read_bytes()))
    theirs = {(m.context, flat(m.id)): flat(m.string) for m in others if m.id}
    both = ours.keys() & theirs.keys()
    assert {key: theirs[key] for key in both if theirs[key] != ours[key]} == {}
