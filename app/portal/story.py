"""A request as its customer sees it: stages, the one thing asked, promises, messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.i18n import current_language, current_zone, format_moment, pick_text
from app.models import Attachment, Interaction, ServiceRequest
from app.services import history
from app.services.casework import attachments, catalogue, messages, requests
from app.services.execution import listening
from app.services.sending import no_contact
from app.services.service_levels import promises

ANSWER, INFORMATION = "answer", "information"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Promise:
    """One promise in the customer's words; ``state`` is ok, risk, bad, pause or kept."""

    name: str
    state: str
    at: datetime | None
    left: timedelta | None = None
    """Working time that is left; negative once it is late, None when it is over."""


@dataclass(frozen=True)
class Story:
    """All that the tracking page shows."""

    request: ServiceRequest
    service: Mapping[str, str]
    stages: Sequence[tuple[str, str, str]]
    """(done, here or next; the label; the day it was reached)."""
    ask: str
    """``answer`` (accept or object), ``information``, or ``""`` when nothing is asked."""
    asked_in: Interaction | None
    """What the process asked last, which is what the customer answers."""
    is_reviewed: bool
    """Whether the customer objected and somebody else looks at the case again."""
    can_withdraw: bool
    asks_survey: bool
    """Whether we ask how the request was handled, which is done on a page of its own."""
    was_reviewed: bool
    """Whether what the customer is asked about is the result of a review already."""
    can_reopen: bool
    """Whether the closed request may still be gone on with."""
    next: Promise | None
    earlier: Sequence[Promise]
    said: Sequence[Interaction]
    """Newest first."""
    files: Sequence[Attachment]


def tell(request: ServiceRequest, now: datetime) -> Story:
    """The story of one request up to now."""
    said = messages.of_request(request.id, internal=False)
    awaited = listening.awaited(request)
    ask = find_ask(request, awaited)
    known = promises.of_request(request, now)
    service = catalogue.services().get(request.service)
    return Story(
        request=request,
        service=service.names if service else {},
        stages=list(tell_stages(request, now)),
        ask=ask,
        asked_in=_asked_last(said) if ask else None,
        is_reviewed=_is_reviewed(request),
        can_withdraw=request.is_open and messages.CUSTOMER_WITHDRAWS in awaited,
        asks_survey=messages.CUSTOMER_SURVEY in awaited,
        was_reviewed=_has_objected(request),
        can_reopen=not request.is_open and requests.REOPEN in awaited,
        next=tell_next(request, known),
        earlier=[_in_words(one, one.stopped_at) for one in known if _was_met(one, request)],
        said=said[::-1],
        files=[one for one in attachments.of_request(request.id) if one.author_kind == "customer"],
    )


def find_ask(request: ServiceRequest, awaited: frozenset[str]) -> str:
    """The one thing that the process waits for from the customer."""
    if not request.is_open:
        return ""
    if messages.CUSTOMER_ANSWER in awaited:
        return ANSWER
    return INFORMATION if request.waits_for == "customer" else ""


def _is_reviewed(request: ServiceRequest) -> bool:
    """From the objection until the result of the review is told, which names the outcome."""
    if not request.is_open or request.outcome:
        return False
    return _has_objected(request)


def _has_objected(request: ServiceRequest) -> bool:
    """Whether the last thing that the customer said of our decision is that they object."""
    events = history.of_request(request.id, limit=2000)
    answers = [event.data for event in events if event.kind == "customer_answered"]
    return bool(answers) and answers[-1].get("answer") == "object"


def _asked_last(said: Sequence[Interaction]) -> Interaction | None:
    return next((one for one in reversed(said) if one.author_kind == "system"), None)


def tell_stages(request: ServiceRequest, now: datetime) -> Iterable[tuple[str, str, str]]:
    """The track: reached stages with their days, the present one, what is still to come."""
    days = _days_reached(request)
    labels = requests.stages_of(request)
    keys = [stage.key for stage in labels]
    here = keys.index(request.stage) if request.stage in keys else 0
    for place, stage in enumerate(labels):
        label, day = pick_text(stage.names, current_language()), days.get(stage.key)
        if not request.is_open:
            # A request that ended early never saw some stages, so they are left out.
            if day is not None or place == len(labels) - 1:
                yield "done", label, _tell_day(day or request.closed_at, now)
        elif place == here:
            yield "here", label, _("Now")
        else:
            yield ("done", label, _tell_day(day, now)) if place < here else ("next", label, "")


def _days_reached(request: ServiceRequest) -> dict[str, datetime]:
    """The first time each stage was entered."""
    days: dict[str, datetime] = {}
    for event in history.of_request(request.id, limit=2000):
        if event.kind == "stage_changed" and event.data.get("to"):
            days.setdefault(str(event.data["to"]), event.at)
    return days


def _tell_day(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    return format_moment(moment, current_language(), current_zone(), now)


def tell_next(request: ServiceRequest, kept: Sequence[promises.Promise]) -> Promise | None:
    """The promise that is due next, while the request is open."""
    first = promises.next_of(kept)
    if not request.is_open or first is None:
        return None
    return _in_words(first, None if first.state == "paused" else first.due_at)


def _was_met(promise: promises.Promise, request: ServiceRequest) -> bool:
    """Whether its clock has stopped; a withdrawal, and a policy that promises it no longer, end
    clocks without anything being done."""
    ended_with_it = request.outcome == WITHDRAWN and promise.stopped_at == request.closed_at
    ended = ended_with_it or promise.state == "dropped"
    return promise.stopped_at is not None and not ended


_STATES = {
    "on_track": "ok",
    "at_risk": "risk",
    "broken": "bad",
    "missed": "bad",
    "paused": "pause",
    "kept": "kept",
    "dropped": "dropped",
    "uncountable": "ok",
}


def _in_words(promise: promises.Promise, at: datetime | None) -> Promise:
    names = promise.customer_names or promise.names
    left = promise.remaining if promise.stopped_at is None else None
    return Promise(pick_text(names, current_language()), _STATES[promise.state], at, left)


def other_writer(said: Interaction, request: ServiceRequest) -> str:
    """Who wrote a message that came in and is not the customer's own: the name with the address
    behind it. Empty for the customer's own words, and for what staff noted down of them."""
    if (said.direction, said.author_kind) != ("inbound", "customer"):
        return ""
    name = pick_text(said.author_names, current_language())
    is_theirs = said.channel not in no_contact.KIND_OF or name == request.contact_name
    return "" if is_theirs else name


_HERE = (
    ("through the link below", "on this page"),
    ("behind the link below", "on this page"),
    ("از پیوند زیر", "در همین صفحه"),
    ("در پیوند زیر", "در همین صفحه"),
)
"""How a letter speaks of the link under it, and how its words go on here, without that link."""


def to_portal(said: Interaction, code: str) -> str:
    """What was said; a letter of ours without the lines that lead here, where the reader is, and
    with words that speak of this page instead of a link below.

    What people write is shown whole, whatever they quote.
    """
    if said.author_kind != "system":
        return said.body
    lines = said.body.splitlines()
    ends = (n for n, line in enumerate(lines) if f"/portal/track/{code}" in line)
    text = "\n".join(lines[: next(ends, len(lines))]).strip()
    for link, here in _HERE:
        text = text.replace(link, here)
    return text
