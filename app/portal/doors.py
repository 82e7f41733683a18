"""The way to a request: its tracking code, and nothing else; guessing is slowed down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import g, render_template, request

from app.db import transaction
from app.errors import NotFound
from app.guard import actor
from app.models import ServiceRequest
from app.portal.blueprint import portal
from app.services.accounts import safety
from app.services.casework import catalogue, ordering, requests

MOST_WRONG = 10
"""Wrong codes from one address within a quarter of an hour, after which it must wait."""
SCOPE = "tracking"

T = TypeVar("T")


class WrongCode(NotFound):
    """No request has this tracking code."""

    fa = "درخواستی با این کد پیگیری پیدا نشد."


def enter(code: str, act: Callable[[ServiceRequest], T]) -> T:
    """Do one thing with the request of this code, in one transaction.

    Raises WrongCode, which is counted, or TooManyAttempts. A right code always opens: many
    customers may share one address, and guessing one code of 57 bits needs no other lock.
    """
    with transaction():
        found = _find(code)
        done = act(found) if found is not None else None
    if found is None:
        raise WrongCode(code=code)
    return done  # type: ignore[return-value]  # It was done, since the request was found.


def _find(code: str) -> ServiceRequest | None:
    address = request.remote_addr or ""
    try:
        return requests.track(code)
    except NotFound:
        safety.check_attempts(SCOPE, address, MOST_WRONG, g.now)
        safety.count_attempt(SCOPE, address, g.now)
        return None


@portal.errorhandler(WrongCode)
def tell_wrong_code(error: WrongCode) -> tuple[str, int]:
    """What to look for when the code is not right, with the field to try again."""
    return render_template("portal/wrong_code.html", code=str(error.facts["code"])[:40]), 404


@portal.errorhandler(NotFound)
def tell_not_found(error: NotFound) -> tuple[str, int]:
    """What there is instead: the services, and the field for the tracking code."""
    offered = ordering.offered(catalogue.services().values(), actor(), None, g.now)
    groups = catalogue.by_category(offered)
    return render_template("portal/not_found.html", groups=groups), 404


@portal.get("/<path:elsewhere>")
def nowhere(elsewhere: str) -> str:
    """Any other address under the portal, so that its page helps a customer on."""
    raise NotFound
