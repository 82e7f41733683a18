"""A request that staff enter for a customer who called, wrote a letter or came by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import forms
from app import uploads
from app.access import may_receive
from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid, NotFound, TooLarge, UnsupportedFile
from app.guard import actor
from app.i18n import LANGUAGES, current_language, current_zone
from app.models import ServiceRequest
from app.services.casework import catalogue, customers, ordering, records, requests
from app.services.deployment import form_conditions
from app.services.execution import form_data
from app.services.intake import call_triage
from app.web import choices
from app.web.blueprint import web
from app.web.shell import digits

OWN = ("subject", "description", "name", "phone", "email", "channel", "language", "call")
"""The fields of the page itself; the service's form has a prefix of its own."""
PREFIX = "data."


@web.get("/requests/new")
def new_request() -> str:
    """The form: first the service, then what it asks."""
    return show(values=known_customer(), errors={})


@web.post("/requests/new")
def submit_request() -> Response | tuple[str, int]:
    """Submit it in the customer's name."""
    values = {name: request.form.get(name, "") for name in OWN}
    service = catalogue.find(request.form.get("service", ""))
    answers = forms.gather(form_data.find(service.form), request.form.to_dict(flat=False), PREFIX)
    try:
        with transaction():
            made = _submit(service.key, values, answers)
    except (Invalid, TooLarge, UnsupportedFile) as wrong:
        errors = wrong.errors if isinstance(wrong, Invalid) else uploads.explain(wrong)
        return show(values, errors, answers), 422
    flash(_("Request %(number)s is submitted.", number=digits(made.number)))
    return redirect(url_for("web.request_page", number=made.number), 303)


def _submit(service: str, values: Mapping[str, str], answers: Mapping[str, Any]) -> ServiceRequest:
    """The new request, with the call that it came from, if it came from one."""
    made = requests.submit(
        submission(service, values, answers), actor(), g.now,
        channel=channel_of(values), language=language_of(values),
    )  # fmt: skip
    call_id = read_id(values["call"])
    if call_id is not None and may_receive(actor()):
        call_triage.place(call_id, made, actor(), g.now)
    return made


@web.post("/requests/new/hidden")
def hidden_in_request() -> Response:
    """Which of the service's own questions the answers written so far hide; nothing is kept."""
    form = form_data.find(catalogue.find(request.form.get("service", "")).form)
    answers = forms.gather(form, request.form.to_dict(flat=False), PREFIX)
    return jsonify(hidden=form_data.find_hidden(form, answers, current_language()))


def submission(
    service: str, values: Mapping[str, str], answers: Mapping[str, Any]
) -> requests.Submission:
    """What the page says, as the services take it."""
    contact = customers.Contact(values["name"], values["phone"] or None, values["email"] or None)
    return requests.Submission(
        service, values["subject"], values["description"], contact, answers, uploads.read_uploads()
    )


def channel_of(values: Mapping[str, str]) -> str:
    """How the customer reached us, among the ways that staff enter."""
    known = dict(choices.channel_choices())
    return values["channel"] if values["channel"] in known else "phone"


def language_of(values: Mapping[str, str]) -> str:
    """The customer's language: their letters are written in it."""
    return values["language"] if values["language"] in LANGUAGES else current_language()


def known_customer() -> dict[str, str]:
    """The fields filled from a customer on record, and from a call, when the address names one."""
    known, party_id = known_call(), read_id(request.args.get("customer", ""))
    if party_id is None:
        return {"language": current_language(), **known}
    party = records.find_customer(party_id, actor())
    phone, email = party.reach("phone") or "", party.reach("email") or ""
    told = {"name": party.name, "phone": phone, "email": email, "language": party.language}
    return {**told, **known}


def known_call() -> dict[str, str]:
    """The number of the call that the address names, for those who may place it."""
    call_id = read_id(request.args.get("call", ""))
    if call_id is None or not may_receive(actor()):
        return {}
    return {"phone": call_triage.find(call_id).number, "channel": "phone", "call": str(call_id)}


def show(
    values: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    answers: Mapping[str, Any] | None = None,
) -> str:
    """The page with what was typed."""
    chosen = chosen_service()
    return render_template(
        "web/new_request.html",
        groups=catalogue.by_category(offered()) if chosen is None else [],
        service=chosen, values=values,
        errors=by_field(errors), own=own_errors(errors),
        form=draw(chosen, answers or {}, errors) if chosen else "",
        channels=choices.channel_choices(), limits=uploads.limits(),
    )  # fmt: skip


def own_errors(errors: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The errors of the page's own fields, by their names."""
    return {key.split(".")[-1]: told for key, told in errors.items() if not key.startswith(PREFIX)}


def offered() -> list[catalogue.Service]:
    """The services that may be asked for in this customer's name."""
    party_id = read_id(request.args.get("customer", ""))
    party = None if party_id is None else records.find_customer(party_id, actor())
    return ordering.offered(catalogue.services().values(), actor(), party, g.now)


def chosen_service() -> catalogue.Service | None:
    """The service that the address or the form names; the only one when there is but one."""
    every = catalogue.services()
    key = request.values.get("service", "")
    if key and key not in every:
        raise NotFound
    return every[key] if key else (next(iter(every.values())) if len(every) == 1 else None)


def draw(
    service: catalogue.Service, answers: Mapping[str, Any], errors: Mapping[str, Sequence[str]]
) -> str:
    """The service's own fields."""
    own = {key.removeprefix(PREFIX): told for key, told in errors.items() if key.startswith(PREFIX)}
    return forms.render(
        form_data.find(service.form), answers, own, current_language(),
        zone=current_zone(), prefix=PREFIX, evaluate=form_conditions.evaluate,
    )  # fmt: skip


def by_field(errors: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The errors by the id of the field they stand at."""
    return {
        (
            f"f-data-{key.removeprefix(PREFIX)}" if key.startswith(PREFIX) else key.split(".")[-1]
        ): list(told)
        for key, told in errors.items()
    }
