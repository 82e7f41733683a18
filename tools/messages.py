"""Brings the catalogues of app/translations up to the texts in the code, and compiles them.

New texts come in without a translation and are named on the way; texts that nobody says any
more go. Ends with 1 while a translation is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

APP = Path(__file__).resolve().parents[1] / "app"
CATALOGUES = APP / "translations" / "fa" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"silent": "false"}}
PORTAL = ("portal/", "templates/portal/")
EPOCH = datetime(2026, 11, 21, tzinfo=UTC)
"""A date that stays, so that the same texts give the same file."""


def main() -> int:
    """Both catalogues; the exit code."""
    missing = [text for domain in ("messages", "portal") for text in bring_up_to_date(domain)]
    for text in missing:
        sys.stdout.write(f"not translated: {text}\n")
    return int(bool(missing))


def bring_up_to_date(domain: str) -> list[str]:
    """Updates and compiles one catalogue; the texts that still lack a translation."""
    path = CATALOGUES / f"{domain}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="fa", domain=domain)
    kept = {message.id for message in catalogue if message.id}
    catalogue.update(found_in_code(domain), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.creation_date = catalogue.revision_date = EPOCH
    with path.open("wb") as file:
        options = {"no_location": True, "ignore_obsolete": True, "sort_output": True}
        write_po(file, catalogue, width=0, **options)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    now = {message.id for message in catalogue if message.id}
    sys.stdout.write(f"{path.name}: {len(now)} texts, {len(now - kept)} new\n")
    texts = [message for message in catalogue if message.id]
    return [str(message.id) for message in texts if not any(message.string or ())]


def found_in_code(domain: str) -> Catalog:
    """The texts that the files of one catalogue say."""
    found = Catalog(domain=domain)
    for name, line, text, comments, context in _extracted():
        if name.startswith(PORTAL) == (domain == "portal"):
            found.add(text, None, [(name, line)], auto_comments=comments, context=context)
    return found


def _extracted() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    keywords: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
    keywords |= {"lazy_gettext": None, "_l": None, "pgettext": ((1, "c"), 2)}
    yield from extract_from_dir(APP, METHODS, OPTIONS, keywords=keywords)


if __name__ == "__main__":
    sys.exit(main())
