"""A letter as a real request would fill it, in both languages, as mail and as a text message.

The tracking code is a customer's key, so that nobody else sees it here. A variable that the
request's processes do not hold now is shown by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import bpmn
import connectors
from app import running
from app.access import Actor
from app.i18n import to_digits
from app.models import ServiceRequest
from app.services.casework import requests
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.sending import channels, deliveries, sms_preview, wording
from app.services.sending.sms_preview import Counted
from app.services.service_levels import promises
from connectors.messages import Said, said_in

HIDDEN = "X"
"""In place of each letter of the tracking code."""


@dataclass(frozen=True)
class Preview:
    """One language of a letter."""

    subject: str = ""
    body: str = ""
    sms: Counted | None = None
    missing: tuple[str, ...] = ()
    """The variables that this request cannot give now."""
    wrong: str = ""
    """Why it cannot be written, if so."""


def of_request(
    key: str, texts: Mapping[str, str], number: str, actor: Actor, now: datetime
) -> dict[str, Preview]:
    """The texts filled for a request, by language; raises NoSuch, also for a request that the
    actor may not see."""
    request = requests.find(number, actor)
    variables = _variables(key, request)
    return {one: _preview(key, one, text, request, variables, now) for one, text in texts.items()}


def _variables(key: str, request: ServiceRequest) -> Mapping[str, Any]:
    """What the processes of the request know now, the one that sends the letter last."""
    found: dict[str, Any] = {}
    for instance in sorted(processes.of_request(request.id), key=lambda one: _sends(one, key)):
        try:
            found |= processes.inspect(instance).variables
        except bpmn.WrongState:
            continue
    return found


def _sends(instance: Any, key: str) -> bool:
    made = definitions.load(instance.definition_id)
    return any(one.headers.get("template") == key for one in made.elements.values())


def _preview(
    key: str,
    language: str,
    text: str,
    request: ServiceRequest,
    variables: Mapping[str, Any],
    now: datetime,
) -> Preview:
    name = f"{key}.{language}.txt"
    try:
        said = said_in(text, name)
        lacking = [one for one in said if _lacks(one, variables)]
        filled = {**variables, **{one.mention.name: _stand_in(one, now) for one in lacking}}
        context = _hidden(request, wording.context(request, filled, _promises(request), language))
        zone = running.settings().time_zone
        made = connectors.render_source(text, name, language, context, zone)
    except connectors.BadTemplate as bad:
        shown = to_digits(str(bad.line), language)
        return Preview(wrong=_WRONG[language].format(line=shown, problem=bad.text(language)))
    missing = tuple(dict.fromkeys(f"vars.{one.mention.name}" for one in lacking))
    return Preview(made.subject, made.body, _counted(made, request), missing)


_WRONG = {"en": "Line {line}: {problem}", "fa": "خط {line}: {problem}"}


def _promises(request: ServiceRequest) -> wording.Promises:
    return wording.promised(promises.clocks_of(request.id))


def _lacks(said: Said, variables: Mapping[str, Any]) -> bool:
    mention = said.mention
    return mention.context == "vars" and bool(mention.name) and mention.name not in variables


def _stand_in(said: Said, now: datetime) -> Any:
    """Something of the kind that the letter needs there."""
    shapes = {"moment": now, "list": []}
    return shapes.get(said.mention.shape, f"‹{said.mention.name}›")


def _hidden(request: ServiceRequest, context: Mapping[str, Any]) -> dict[str, Any]:
    """The same without the customer's key, wherever it stands."""
    facts = {
        name: _masked(value, request) if isinstance(value, str) else value
        for name, value in context["request"].items()
    }
    return {**context, "request": facts}


def _masked(text: str, request: ServiceRequest) -> str:
    """As long as before, so that a text message makes as many parts."""
    code = request.tracking_code
    return text.replace(code, HIDDEN * len(code))


def _counted(message: connectors.Message, request: ServiceRequest) -> Counted:
    way = channels.default_of(deliveries.SMS)
    link = _masked(wording.tracking_url(request), request)
    return sms_preview.count(deliveries.in_short(message, link), way.options if way else {})
