"""Every text of the shared and the staff's pages exists in Persian, in a fresh catalogue."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
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
    methods += [("web/**.py", "python"), ("templates/**.html", "jinja2")]
    for _, _, message, _, context in extract_from_dir(ROOT, methods, keywords=KEYWORDS):
        found.add((context, message[0] if isinstance(message, tuple) else message))
    return found


@pytest.fixture(scope="module")
def persian() -> Catalog:
    """The Persian catalogue as people edit it."""
    return read_po(io.BytesIO((CATALOGUE / "messages.po").read_bytes()))


def test_nothing_is_left_in_english(persian: Catalog) -> None:
    known = {
        (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in persian
        if message.id
        and all(message.string if isinstance(message.string, tuple) else [message.string])
    }
    assert extracted() - known == set()
    assert known - extracted() == set(), "texts that no page says any more"


def test_a_translation_keeps_every_place_that_is_filled_in(persian: Catalog) -> None:
    for message in persian:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        singular = message.id[0] if isinstance(message.id, tuple) else message.id
        wanted = set(PLACES.findall(singular)) | set(PLACES.findall(str(message.id)))
        for text in texts:
            assert set(PLACES.findall(text)) == wanted, singular


def test_the_compiled_catalogue_is_the_edited_one(persian: Catalog) -> None:
    compiled = read_mo(io.BytesIO((CATALOGUE / "messages.mo").read_bytes()))
    pairs = {(m.context, m.id): m.string for m in persian if m.id}
    assert {(m.context, m.id): m.string for m in compiled if m.id} == pairs
