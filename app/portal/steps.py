"""A submission in steps: what happened, the service's own questions, how to reach you.

Nothing is kept on the server before it is sent: each page carries the answers of the others
in hidden fields, so it works without a script and leaves nothing behind when given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

import forms
from app.i18n import current_language, current_zone
from app.services.casework import attachments, catalogue, customers
from app.services.casework.requests import Submission
from app.services.deployment import form_conditions
from app.services.execution import form_data

Errors = Mapping[str, Sequence[str]]

PREFIXES = {"about": "", "service": "data.", "contact": "customer."}
"""Where each form's answers stand in the posted page and in what the services call wrong."""


@cache
def own_form(key: str) -> forms.Form:
    """One of the portal's own forms, ``about``, ``wish`` and ``contact``."""
    return forms.load(files("app").joinpath(f"templates/portal/{key}.form").read_bytes(), key)


@dataclass(frozen=True)
class Step:
    """One page of questions."""

    part: str
    """``about``, ``service`` or ``contact``."""
    form: forms.Form
    page: forms.Page

    @property
    def prefix(self) -> str:
        return PREFIXES[self.part]

    @property
    def title(self) -> str:
        return forms.say(self.page.titles, current_language())


def steps_of(service: catalogue.Service) -> list[Step]:
    """The pages in their order."""
    wanted = (
        ("about", own_form("wish" if service.kind == "request" else "about")),
        ("service", forms.shipped()[service.form]),
        ("contact", own_form("contact")),
    )
    return [Step(part, form, page) for part, form in wanted for page in form.pages if page.fields]


@dataclass(frozen=True)
class Draft:
    """What the customer has written so far, as written."""

    service: catalogue.Service
    answers: Mapping[str, Mapping[str, Any]]
    """By part, then by key."""

    @property
    def steps(self) -> list[Step]:
        """The pages that ask something under these answers."""
        return [step for step in steps_of(self.service) if not self.is_empty(step)]

    def is_empty(self, step: Step) -> bool:
        """Whether conditions hide the whole page."""
        hidden = form_data.find_hidden(step.form, self.answers[step.part], current_language())
        asked = {step.page.key, *(field.id for field in step.page.fields)}
        return asked.issubset(hidden)

    def check(self, step: Step, now: datetime) -> dict[str, list[str]]:
        """What is wrong on that page, by the names of the services (``data.product``)."""
        _, wrong = form_data.check(step.form, self.answers[step.part], current_language(), now)
        here = {field.key for field in step.page.fields}
        return {step.prefix + key: told for key, told in wrong.items() if key in here}

    def find_wrong(self, errors: Errors) -> int:
        """The first page that holds one of the errors; the last when none does."""
        for number, step in enumerate(self.steps):
            if any(step.prefix + field.key in errors for field in step.page.fields):
                return number
        return len(self.steps) - 1

    def submission(self, uploads: Sequence[attachments.Upload]) -> Submission:
        """All of it, for the services to check and keep."""
        about, contact = self.answers["about"], self.answers["contact"]
        return Submission(
            service=self.service.key,
            subject=about["subject"],
            description=about["description"],
            customer=customers.Contact(contact["name"], contact["phone"], contact["email"]),
            data=self.answers["service"],
            uploads=uploads,
        )


def read_draft(service: catalogue.Service, posted: Mapping[str, Sequence[str]]) -> Draft:
    """The draft that a page sent."""
    parts = {step.part: step.form for step in steps_of(service)}
    return Draft(
        service,
        {part: forms.gather(form, posted, PREFIXES[part]) for part, form in parts.items()},
    )


def render_step(draft: Draft, step: Step, errors: Errors) -> Markup:
    """The page's questions, its answers filled in."""
    return forms.render(
        step.form, _defaults(step.form) | dict(draft.answers[step.part]), own_errors(step, errors),
        current_language(), zone=current_zone(), layout="column", prefix=step.prefix,
        page=step.page, evaluate=form_conditions.evaluate,
    )  # fmt: skip


def _defaults(form: forms.Form) -> dict[str, Any]:
    return {field.key: field.default for field in form.fields if field.default is not None}


def own_errors(step: Step, errors: Errors) -> dict[str, Sequence[str]]:
    """The errors of that page by the form's own keys."""
    return {
        field.key: errors[step.prefix + field.key]
        for field in step.page.fields
        if step.prefix + field.key in errors
    }


def carry_others(draft: Draft, step: Step) -> Markup:
    """The answers of all other pages as hidden fields."""
    parts = {one.part: one.form for one in steps_of(draft.service)}
    return Markup("\n").join(
        forms.carry(
            form, draft.answers[part],
            but=step.page if part == step.part else forms.Page("", {}, ()),
            prefix=PREFIXES[part],
        )
        for part, form in parts.items()
    )  # fmt: skip


def describe(draft: Draft, now: datetime) -> list[tuple[str, str]]:
    """All answers so far, in words, to be read once more before sending."""
    told = []
    language, zone = current_language(), current_zone()
    for part, form in {one.part: one.form for one in draft.steps}.items():
        clean, _ = form_data.check(form, draft.answers[part], language, now)
        told += forms.describe(form, clean, language, zone=zone, evaluate=form_conditions.evaluate)
    return told


def name_inputs(draft: Draft, errors: Errors) -> dict[str, Sequence[str]]:
    """The errors by the HTML id of the field they belong to, for the list above the page."""
    # What is wrong with the service as a whole belongs to no field.
    ids = {"service": "main"} | {
        step.prefix + field.key: forms.input_id(step.prefix, field.key)
        for step in draft.steps
        for field in step.page.fields
    }
    return {ids.get(key, key): told for key, told in errors.items()}
