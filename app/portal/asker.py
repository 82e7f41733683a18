"""Who looks at the catalogue: a customer by an earlier request, a member of staff, or anybody."""

from __future__ import annotations

from flask import g, request

from app.access import STAFF, Actor
from app.errors import NotFound
from app.guard import actor
from app.i18n import current_language
from app.models import Party
from app.portal import doors
from app.services.casework import catalogue, ordering

CODE = "code"
"""The parameter with the tracking code of an earlier request: only its customer has it."""


def code() -> str:
    """The tracking code that came along, or nothing."""
    return request.values.get(CODE, "").strip()[:40]


def party() -> Party | None:
    """The customer of that request; raises WrongCode, which is counted, for a wrong code."""
    typed = code()
    return doors.enter(typed, lambda found: found.customer) if typed else None


def services() -> list[catalogue.Service]:
    """The services that this person may ask for."""
    return ordering.offered(catalogue.services().values(), actor(), party(), g.now)


def find(key: str) -> catalogue.Service:
    """The service of that key, unless it is for others; raises NotFound.

    One that is for some customers opens to these alone, who come with the tracking code of an
    earlier request.
    """
    service = catalogue.find(key)
    if not ordering.may_ask(service, actor(), None, g.now) and not ordering.may_ask(
        service, actor(), party(), g.now
    ):
        raise NotFound
    return service


def submitter(name: str) -> Actor:
    """As who the request is submitted: staff who ask for themselves stay who they are, so that
    nobody approves their own wish; everybody else is the customer."""
    if actor().has(STAFF):
        return actor()
    return Actor("customer", names={"fa": name, "en": name}, language=current_language())
