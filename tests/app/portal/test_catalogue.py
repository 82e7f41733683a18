"""The customer pages speak Persian wholly: no sentence is left without its translation."""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

APP = Path(__file__).parents[3] / "app"
CATALOGUE = APP / "translations" / "fa" / "LC_MESSAGES" / "portal.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]


def used() -> set[str]:
    folders = (APP / "portal", APP / "templates" / "portal")
    return {str(found[2]) for folder in folders for found in extract_from_dir(str(folder), METHODS)}


def test_every_sentence_is_translated() -> None:
    with CATALOGUE.open("rb") as file:
        told = {str(one.id): one.string for one in read_po(file, locale="fa") if one.id}
    assert used() == told.keys()
    assert all(told.values())


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with CATALOGUE.open("rb") as file, CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        written = {one.id: one.string for one in read_po(file, locale="fa") if one.id}
        assert {one.id: one.string for one in read_mo(compiled) if one.id} == written
