"""A request as its customer sees it: stages, the one thing asked, promises, messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.i18n import current_language, current_zone, format_day, format_moment, pick_text
from app.models import Attachment, Interaction, ServiceRequest, SlaClock
from app.services import attachments, catalogue, history, messages, promises, requests

ANSWER, INFORMATION = "answer", "information"


@dataclass(frozen=True)
class Promise:
    """One promise in the customer's words; ``state`` is ok, risk, bad, pause or kept."""

    name: str
    state: str
    at: datetime | None


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
    """What we said last, which is what the customer is asked about."""
    can_withdraw: bool
    next: Promise | None
    earlier: Sequence[Promise]
    said: Sequence[Interaction]
    """Newest first."""
    files: Sequence[Attachment]


def tell(request: ServiceRequest, now: datetime) -> Story:
    """The story of one request up to now."""
    said = messages.of_request(request.id, internal=False)
    awaited = messages.awaited(request)
    ask = find_ask(request, awaited)
    clocks = promises.clocks_of(request.id)
    service = catalogue.services().get(request.service)
    return Story(
        request=request,
        service=service.names if service else {},
        stages=list(tell_stages(request, now)),
        ask=ask,
        asked_in=_last_from_us(said) if ask else None,
        can_withdraw=request.is_open and messages.CUSTOMER_WITHDRAWS in awaited,
        next=find_next(request, clocks, now),
        earlier=[_settled(clock) for clock in clocks.values() if clock.stopped_at],
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


def _last_from_us(said: Sequence[Interaction]) -> Interaction | None:
    return next((one for one in reversed(said) if one.direction == "outbound"), None)


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


def find_next(
    request: ServiceRequest, clocks: Mapping[str, SlaClock], now: datetime
) -> Promise | None:
    """The promise that is due next, while the request is open."""
    clock = clocks.get(request.next_metric or "") or _soonest(clocks)
    if not request.is_open or clock is None:
        return None
    name = pick_text(clock.names, current_language())
    if request.waits_for == "customer":
        return Promise(name, "pause", None)
    return Promise(name, _state_of(clock, now), clock.due_at)


def _soonest(clocks: Mapping[str, SlaClock]) -> SlaClock | None:
    running = [clock for clock in clocks.values() if clock.stopped_at is None]
    due = [(clock.due_at, clock.id, clock) for clock in running if clock.due_at is not None]
    return min(due)[2] if due else next(iter(running), None)


def _state_of(clock: SlaClock, now: datetime) -> str:
    if clock.due_at is None:
        return "pause"
    if clock.due_at <= now:
        return "bad"
    return "risk" if clock.risk_at is not None and clock.risk_at <= now else "ok"


def _settled(clock: SlaClock) -> Promise:
    late = clock.broken_at is not None or (
        clock.due_at is not None
        and clock.stopped_at is not None
        and clock.stopped_at > clock.due_at
    )
    name = pick_text(clock.names, current_language())
    return Promise(name, "bad" if late else "kept", clock.stopped_at)


def tell_until(promise: Promise) -> str:
    """By when, as a day in words."""
    if promise.at is None:
        return ""
    return format_day(promise.at.astimezone(current_zone()).date(), current_language(), year=False)
