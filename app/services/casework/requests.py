"""Service requests: submitted, followed, found again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

import bpmn
from app.access import STAFF, Actor, may_see_request, requests_seen_by
from app.db import run, session
from app.errors import Invalid, NoSuch, NotFound
from app.models import Event, Party, ServiceRequest, request_numbers
from app.models.requests import OPEN
from app.objects import columns_of, read
from app.saving import insert
from app.services import history, texts
from app.services.casework import attachments, catalogue, customers, ordering, terms
from app.services.deployment import definitions
from app.services.execution import first_instances, form_data, processes
from app.services.execution.reopening import REOPEN, reopen
from app.services.service_levels import promises
from app.services.texts import choose
from connectors import phones

__all__ = [
    "ALPHABET", "REOPEN", "Submission", "find", "list_page", "new_tracking_code", "of_customer",
    "reopen", "stage_names", "stages_of", "submit", "tidy_code", "tidy_number", "track",
    "variables_of",
]  # fmt: skip

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""For tracking codes: no vowels, so no words, and no letters that look like digits."""


@dataclass(frozen=True)
class Submission:
    """A request as it comes in, before any check."""

    service: str
    subject: str
    description: str
    customer: customers.Contact
    data: Mapping[str, Any] = field(default_factory=dict)
    uploads: Sequence[attachments.Upload] = ()
    branch: str | None = None
    """The key of the branch that serves it."""


def submit(
    submission: Submission, actor: Actor, now: datetime, *, channel: str, language: str
) -> ServiceRequest:
    """The new request, its clocks running and its process brought to the first wait.

    ``language`` is the customer's: messages go out in it. Raises Invalid with every wrong
    field at once (``service``, ``subject``, ``description``, ``customer.…``, ``data.…``), TooLarge
    or UnsupportedFile for a file. Who is not among those who may ask for the service gets the same
    Invalid, at ``service``.
    """
    told_in = actor.language or language
    service = _find_service(submission.service, told_in)
    contact, data = _check(submission, service, told_in, now)
    # Read before anything is written: the session would write first what it has changed.
    row = definitions.latest(service.process)
    party, is_new = customers.identify(contact, language, actor, now)
    ordering.check_audience(service, party, actor, now, told_in)
    request = _row(submission, service, party, contact, data, actor, now)
    request.channel, request.language = channel, language
    terms.agree(request, party, now, is_new=is_new)
    insert(request, (Event, [_submitted(request, actor, now)]), by="request_id")
    set_committed_value(request, "customer", party)
    attachments.attach(request, submission.uploads, actor, now)
    begun = promises.start(request, now)
    variables = variables_of(request, actor.login)
    processes.start(row, variables, actor, now, request=request, begun=begun)
    return request


def _find_service(key: str, language: str) -> catalogue.Service:
    service = catalogue.services().get(key)
    if service is None:
        known = ", ".join(catalogue.services())
        raise Invalid({"service": [choose(_WORDS["service"], language).format(known)]})
    return service


def _check(
    submission: Submission, service: catalogue.Service, language: str, now: datetime
) -> tuple[customers.Contact, dict[str, Any]]:
    contact = submission.customer
    errors = _check_text("subject", submission.subject, 200, language)
    errors |= _check_text("description", submission.description, 20_000, language)
    try:
        contact = customers.normalise(contact, language)
    except Invalid as wrong:
        errors |= wrong.errors
    form = form_data.find(service.form)
    clean, wrong_data = form_data.check(form, submission.data, language, now)
    errors |= {f"data.{key}": messages for key, messages in wrong_data.items()}
    if submission.branch and not terms.has_branch(submission.branch):
        errors["branch"] = [choose(_WORDS["branch"], language)]
    if errors:
        raise Invalid(errors)
    return contact, clean


def _check_text(name: str, text: str, most: int, language: str) -> dict[str, list[str]]:
    if texts.is_blank(text):
        return {name: [choose(_WORDS[name], language)]}
    if len(text) > most:
        persian = str(most).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        fa, en = _WORDS["long"]
        return {name: [fa.format(persian) if language == "fa" else en.format(most)]}
    return {}


_WORDS = {
    "service": ("این خدمت را نداریم؛ یکی از این‌ها را بنویسید: {}.", "Write one of: {}."),
    "branch": ("این شعبه را نداریم.", "There is no such branch."),
    "subject": ("موضوع را در یک جمله بنویسید.", "Enter the subject in one sentence."),
    "description": ("بنویسید چه شده است.", "Tell us what happened."),
    "long": ("متن را به حداکثر {} نویسه کوتاه کنید.", "Shorten this to at most {} characters."),
}


def _row(
    submission: Submission,
    service: catalogue.Service,
    party: Party,
    contact: customers.Contact,
    data: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> ServiceRequest:
    return ServiceRequest(
        number=f"R-{run(_NUMBER).scalar_one():06d}",
        tracking_code=new_tracking_code(),
        service=service.key,
        kind=service.kind,
        subject=" ".join(submission.subject.split()),
        description=submission.description.strip(),
        customer_id=party.id,
        contact_name=contact.name,
        contact_phone=contact.phone,
        contact_email=contact.email,
        status=OPEN,
        stage=None,
        priority="normal",
        outcome=None,
        waits_for=None,
        data=data,
        confidential=bool(data.get("confidential", False)),
        named_users=_first_named(data, actor),
        created_by=actor.id,
        created_at=now,
        updated_at=now,
        closed_at=None,
        branch_key=submission.branch or party.branch_key,
        next_due_at=None,
        next_risk_at=None,
        next_metric=None,
    )


_NUMBER = select(request_numbers.next_value())


def _first_named(data: Mapping[str, Any], actor: Actor) -> list[int]:
    """Staff who were told a confidential matter know it already, and see what comes of it."""
    knows = bool(data.get("confidential")) and actor.has(STAFF)
    return [actor.id] if knows and actor.id is not None else []


def new_tracking_code() -> str:
    """An unguessable code of 12 letters and digits in three groups (about 57 bits)."""
    letters = [secrets.choice(ALPHABET) for _ in range(12)]
    return "-".join("".join(letters[i : i + 4]) for i in (0, 4, 8))


def variables_of(request: ServiceRequest, submitted_by: str | None = None) -> dict[str, Any]:
    """What the process knows at its start: ``request`` and the form's fields beside it.

    ``submitted_by`` is the login of who did; ``item`` the service as the catalogue says it today.
    """
    contact = request.contact
    facts = {
        "number": request.number,
        "service": request.service,
        "subject": request.subject,
        "description": request.description,
        "channel": request.channel,
        "language": request.language,
        "created_at": request.created_at.isoformat(),
        "confidential": request.confidential,
        "contract": request.terms.get("contract"),
        "submitted_by": submitted_by,
        "item": ordering.item_of(catalogue.services().get(request.service)),
        "customer": {
            "name": contact.name,
            "tier": request.customer.tier,
            "phone": contact.phone,
            "email": contact.email,
        },
    }
    return {**request.data, "priority": request.priority, "request": facts}


def _submitted(request: ServiceRequest, actor: Actor, now: datetime) -> dict[str, Any]:
    data = {"channel": request.channel, "service": request.service, "number": request.number}
    return history.entry("request_submitted", actor, now, data=data)


def find(number: str, actor: Actor) -> ServiceRequest:
    """The request of that number; raises NotFound also for who may not see it."""
    found = read(_OF_NUMBER, {"number": tidy_number(number)}, ServiceRequest)
    request: ServiceRequest | None = found[0][0] if found else None
    if request is None or not may_see_request(actor, request):
        raise NoSuch(en=f"request {number}", fa=f"درخواست {number}")
    return request


_OF_NUMBER = select(*columns_of(ServiceRequest)).where(ServiceRequest.number == bindparam("number"))
_WITH_CUSTOMER = (joinedload(ServiceRequest.customer).selectinload(Party.contact_points),)


def tidy_number(text: str) -> str:
    """The number in its own form: capitals, and digits of any script as 0-9."""
    return text.strip().translate(phones.DIGITS).upper()


def whole_number(text: str) -> str:
    """The number of which somebody typed the digits alone, such as ``3`` or ``۳``, in its own form;
    anything else tidied."""
    plain = tidy_number(text)
    return f"R-{plain.zfill(6)}" if plain.isdecimal() else plain


def track(code: str) -> ServiceRequest:
    """The request of that tracking code, however it is typed; raises NotFound."""
    query = select(ServiceRequest).where(ServiceRequest.tracking_code == tidy_code(code))
    request = session().scalar(query.options(*_WITH_CUSTOMER))
    if request is None:
        raise NotFound
    return request


def tidy_code(text: str) -> str:
    """The code in its own form: capitals, groups of four."""
    plain = "".join(c for c in text.translate(phones.DIGITS).upper() if c in ALPHABET)
    return "-".join(plain[i : i + 4] for i in range(0, min(len(plain), 24), 4))


def of_customer(party_id: int, actor: Actor) -> list[ServiceRequest]:
    """The requests of one customer that the actor may see, newest first."""
    query = select(ServiceRequest).where(
        ServiceRequest.customer_id == party_id, requests_seen_by(actor)
    )
    return list(session().scalars(query.order_by(ServiceRequest.id.desc())))


def list_page(
    actor: Actor,
    *,
    after: int | None = None,
    limit: int = 50,
    status: str | None = None,
    service: str | None = None,
) -> tuple[list[ServiceRequest], int | None]:
    """Newest first, ``limit`` at a time, and the cursor of the next page if there is one."""
    query = (
        select(ServiceRequest)
        .where(requests_seen_by(actor))
        .options(selectinload(ServiceRequest.customer))
    )
    if after is not None:
        query = query.where(ServiceRequest.id < after)
    if status:
        query = query.where(ServiceRequest.status == status)
    if service:
        query = query.where(ServiceRequest.service == service)
    rows = list(session().scalars(query.order_by(ServiceRequest.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def stages_of(request: ServiceRequest) -> tuple[bpmn.StageLabel, ...]:
    """The stages that the customer sees, in order; none before the process started."""
    definition_id = first_instances.definition_of(request.id)
    return definitions.load(definition_id).stages if definition_id else ()


def stage_names(request: ServiceRequest) -> Mapping[str, str]:
    """The present stage in the customer's words, by language."""
    labels = {stage.key: stage.names for stage in stages_of(request)}
    return labels.get(request.stage or "", {})
