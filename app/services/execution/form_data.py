"""Forms meet the process: answers checked with the conditions evaluated as FEEL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import forms
from app import running
from app.errors import NoSuch
from app.services.deployment.form_conditions import evaluate


def find(key: str | None) -> forms.Form:
    """The shipped form of that key; raises NoSuch."""
    form = forms.shipped().get(key or "")
    if form is None:
        raise NoSuch(en=f"form {key}", fa=f"فرم {key}")
    return form


def check(
    form: forms.Form,
    data: Mapping[str, Any],
    language: str,
    now: datetime,
    known: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The clean answers and the errors by field; ``known`` is what conditions may name too."""
    settings = running.settings()
    clean, errors = forms.validate(
        form,
        data,
        language,
        zone=settings.time_zone,
        today=now.astimezone(settings.time_zone).date(),
        evaluate=evaluate,
        context=known,
    )
    return clean, {key: list(told) for key, told in errors.items()}


def find_hidden(form: forms.Form, data: Mapping[str, Any], language: str) -> list[str]:
    """The ids of the form's parts that their conditions hide under that data, sorted."""
    settings = running.settings()
    hidden = forms.find_hidden_parts(
        form, data, language, zone=settings.time_zone, evaluate=evaluate
    )
    return sorted(hidden)


def has_conditions(form: forms.Form) -> bool:
    """Whether checking the form needs to know the process's variables."""
    return any(field.hide for field in form.deciding)
