"""The door for partners' systems: ``POST /hooks/<channel>/<secret>``.

No person comes this way, so there is no session and no CSRF token: the secret in the address and,
where it is agreed, the signature tell who calls.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from flask import Blueprint, g, request
from werkzeug.exceptions import HTTPException, NotFound

from app.db import transaction
from app.guard import csrf
from app.services.intake import partner_calls, sms_intake
from connectors.contract import Hook, NotGenuine

Answer = tuple[dict[str, str | int] | str, int]
Taken = TypeVar("Taken")
Take = Callable[[str, str, str, Hook, datetime], Taken]
Told = dict[str, str | int]

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
csrf.exempt(hooks)


@hooks.post("/<key:channel>/<secret>")
def call(channel: str, secret: str) -> Answer:
    """Take what a partner tells; 200 only when it is kept for good, also for a copy. ``heard``
    tells how many processes it has reached by now; what none waits for yet is offered again."""
    return _answer(partner_calls.take, channel, secret, _told)


def answer_unrouted() -> Answer | None:
    """The same answer for a channel that no key can be, which no route takes."""
    is_ours = request.path.startswith("/hooks/")
    return _NOT_FOUND if is_ours and isinstance(request.routing_exception, NotFound) else None


_NOT_FOUND: Answer = ({"status": "not found"}, 404)


@hooks.errorhandler(HTTPException)
def answer_http(error: HTTPException) -> Answer | HTTPException:
    """What HTTP itself refuses, such as a call that is too large, as short as all else here."""
    if error.code is None or error.code < 400:
        return error
    return {"status": "refused", "why": error.name}, error.code


def _told(taken: partner_calls.Taken) -> Told:
    return {"status": "taken" if taken.new else "known", "heard": taken.heard}


@hooks.post("/sms/<key:channel>/<secret>")
def sms(channel: str, secret: str) -> Answer:
    """Take what an SMS gateway tells; 200 with an empty body, since some gateways send any words
    in it to the person."""
    return _silent(_answer(sms_intake.take_call, channel, secret, lambda new: {"new": new}))


@hooks.get("/sms/<key:channel>/<secret>")
def sms_by_address(channel: str, secret: str) -> Answer:
    """The same from gateways that put all they tell into the address."""
    return sms(channel, secret)


def _answer(take: Take[Taken], channel: str, secret: str, tell: Callable[[Taken], Told]) -> Answer:
    try:
        with transaction():
            told = tell(take(channel, secret, request.remote_addr or "", _hook(), g.now))
    except partner_calls.Closed:
        return _NOT_FOUND
    except NotGenuine as wrong:
        return {"status": "refused", "why": str(wrong)}, 401
    except (ValueError, RecursionError) as wrong:
        return {"status": "not understood", "why": str(wrong)[:200]}, 400
    return told, 200


def _silent(answer: Answer) -> Answer:
    return ("", 200) if answer[1] == 200 else answer


def _hook() -> Hook:
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = request.get_data(cache=False, parse_form_data=False)
    return Hook(request.method, request.args.to_dict(), headers, body)
