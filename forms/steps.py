"""What a page around a form needs: the list of errors, and the answers of other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from forms.model import Field, Form, Page
from forms.rendering import fill, input_id, words_of
from forms.text import localise_digits


def summarise(
    form: Form,
    errors: Mapping[str, Sequence[str]],
    language: str,
    *,
    prefix: str = "",
    extra: Sequence[tuple[str, str]] = (),
    icons: str = "",
) -> Markup:
    """The list of errors with links to their fields, for the top of the page; ``""`` for none.

    ``extra`` are (element id, message) pairs of the page's own fields, told first;
    ``icons`` is the address of the icon sprite when it does not stand in the page itself.
    """
    own = [(input_id(prefix, f.key), said) for f in form.fields for said in errors.get(f.key, ())]
    whole = [("", said) for said in errors.get("_schema", ())]
    rows = [*extra, *own, *whole]
    if not rows:
        return Markup("")
    words = words_of(language)
    heading = (
        words["one_error"]
        if len(rows) == 1
        else words["errors"].format(n=localise_digits(str(len(rows)), language))
    )
    return fill("forms/summary.html", rows=rows, heading=heading, icons=icons)


def carry(form: Form, data: Mapping[str, Any], *, but: Page, prefix: str = "") -> Markup:
    """Hidden inputs with the answers of every other page, as gathered, for a form in steps."""
    here = {field.key for field in but.fields}
    rows = [
        (prefix + name, value)
        for field in form.fields
        if field.key not in here and not field.readonly
        for name, value in _carried(field, data.get(field.key))
    ]
    return Markup("\n").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in rows
    )


def _carried(field: Field, value: Any) -> list[tuple[str, str]]:
    if field.type == "checkbox":
        return [(field.key, "true")] if value in (True, "true", "on") else []
    if isinstance(value, list):
        return [(field.key, str(one)) for one in value]
    return [] if value is None or value == "" else [(field.key, str(value))]
