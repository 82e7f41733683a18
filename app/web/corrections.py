"""Variables that a person corrects before a step is tried again, typed as JSON."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask_babel import gettext as _

from app.errors import Invalid
from app.web.shell import digits

FIELD = "variables"


def read_variables(text: str) -> dict[str, Any]:
    """The object that was typed, empty for nothing; raises Invalid saying what is wrong where."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        line, column = digits(error.lineno), digits(error.colno)
        _refuse(_("This is not JSON: line %(line)s, column %(column)s.", line=line, column=column))
    except (RecursionError, ValueError):
        _refuse(_("This is nested too deeply, or a number in it is too long."))
    if not isinstance(value, dict):
        _refuse(_("Write an object: names and values in braces."))
    return value


def read_some(text: str) -> dict[str, Any]:
    """The same where an empty field would change nothing; raises Invalid for that, too."""
    return read_variables(text) or _refuse(_("Write the names and values that change."))


def _refuse(told: str) -> NoReturn:
    raise Invalid({FIELD: [told]})
