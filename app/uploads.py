"""Files as a page sends them."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from app.errors import Invalid, TooLarge, UnsupportedFile
from app.i18n import current_language, to_digits
from app.services.casework import attachments

FIELD = "files"


def read_uploads() -> list[attachments.Upload]:
    """The files of the posted page; raises Invalid when there are too many."""
    sent = [file for file in request.files.getlist(FIELD) if file.filename]
    if len(sent) > attachments.MOST_FILES:
        most = to_digits(attachments.MOST_FILES, current_language())
        raise Invalid({FIELD: [_("Choose at most %(most)s files", most=most)]})
    return [attachments.Upload(file.filename or "", file.read()) for file in sent]


def explain(error: TooLarge | UnsupportedFile) -> dict[str, list[str]]:
    """The file error beside the field, naming the file."""
    name = str(error.facts.get("name", ""))
    facts = {key: to_digits(value, current_language()) for key, value in error.facts.items()}
    told = type(error)(**{**facts, "name": name}).message(current_language())
    return {FIELD: [f"\u2068{name}\u2069: {told}" if name else told]}


def limits() -> dict[str, str]:
    """How many files and how large, as the page says it."""
    language = current_language()
    return {
        "most": to_digits(attachments.MOST_FILES, language),
        "size": to_digits(attachments.LARGEST_MB, language),
    }
