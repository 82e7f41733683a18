"""Problem records: causes behind incidents, known errors and their workarounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from app.access import SYSTEM, Actor, requests_seen_by
from app.db import run, session
from app.errors import Invalid, NoSuch
from app.models import Problem, ProblemIncident, RequestTopic, ServiceRequest, problem_numbers
from app.models.problems import CLOSED, KNOWN_ERROR, OPEN, RESOLVED
from app.services import history, texts
from app.services.casework import requests, similar

STATUSES = (OPEN, KNOWN_ERROR, RESOLVED, CLOSED)
OVER = (RESOLVED, CLOSED)
TEXTS = ("titles", "known_error", "workaround")
LONGEST = {"titles": 200, "known_error": 5000, "workaround": 5000}

Words = Mapping[str, str]


def create(
    titles: Words,
    actor: Actor,
    now: datetime,
    *,
    known_error: Words | None = None,
    workaround: Words | None = None,
    topic: str | None = None,
    asset_id: int | None = None,
) -> Problem:
    """A new problem under the next number, a known error at once when something is known.

    Raises Invalid for a text that is missing or too long.
    """
    written = {"titles": titles, "known_error": known_error or {}, "workaround": workaround or {}}
    clean = {name: _checked(name, words) for name, words in written.items()}
    is_known = bool(clean["known_error"] or clean["workaround"])
    row = Problem(
        number=f"P-{run(_NUMBER).scalar_one():06d}", status=KNOWN_ERROR if is_known else OPEN,
        topic=topic, asset_id=asset_id, created_by=actor.id, created_at=now, updated_at=now,
        closed_at=None, **clean,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


_NUMBER = select(problem_numbers.next_value())


def _checked(name: str, words: Words) -> dict[str, str]:
    clean = {key: texts.tidy(text) for key, text in words.items() if not texts.is_blank(text)}
    if not set(clean) <= {"fa", "en"}:
        raise Invalid({name: ["Write the languages fa and en. / زبان‌ها fa و en است."]})
    if name == "titles" and not clean:
        raise Invalid({name: ["Write a title. / عنوان را بنویسید."]})
    if any(len(text) > LONGEST[name] for text in clean.values()):
        most = LONGEST[name]
        raise Invalid({name: [f"At most {most} characters. / متن را کوتاه‌تر کنید."]})
    return clean


def update(
    problem: Problem, changes: Mapping[str, Words | str], actor: Actor, now: datetime
) -> Problem:
    """Change texts and status; what is not named stays. Raises Invalid."""
    for name in TEXTS:
        if name in changes:
            words = changes[name]
            setattr(problem, name, _checked(name, words if isinstance(words, Mapping) else {}))
    status = changes.get("status", problem.status)
    if status not in STATUSES:
        raise Invalid({"status": [f"Write one of: {', '.join(STATUSES)}. / یکی را بنویسید."]})
    problem.status = str(status)
    problem.closed_at = (problem.closed_at or now) if status == CLOSED else None
    problem.updated_at = now
    told = {"number": problem.number, "status": problem.status}
    history.note("problem_changed", actor, now, data=told)
    return problem


def link(problem: Problem, request: ServiceRequest, actor: Actor, now: datetime) -> bool:
    """Keep that the problem caused this incident; False when that was known."""
    row = {"problem_id": problem.id, "request_id": request.id, "at": now}
    added = insert(ProblemIncident).values(row).on_conflict_do_nothing()
    if session().scalar(added.returning(ProblemIncident.id)) is None:
        return False
    told = {"number": problem.number, "titles": problem.titles}
    history.note("problem_linked", actor, now, request_id=request.id, data=told)
    return True


def by_number(number: str) -> Problem | None:
    """The problem of that number, however it is typed; None when there is none."""
    wanted = Problem.number == requests.tidy_number(number)
    return session().scalar(select(Problem).where(wanted).options(joinedload(Problem.asset)))


def find(number: str) -> Problem:
    """The problem of that number; raises NoSuch."""
    found = by_number(number)
    if found is None:
        raise NoSuch(en=f"problem {number}", fa=f"مشکل {number}")
    return found


def list_page(
    *, after: int | None = None, limit: int = 50, status: str | None = None
) -> tuple[list[Problem], int | None]:
    """The problems, newest first, and the id after which to go on."""
    query = select(Problem).options(joinedload(Problem.asset))
    if after is not None:
        query = query.where(Problem.id < after)
    if status:
        query = query.where(Problem.status == status)
    rows = list(session().scalars(query.order_by(Problem.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def incidents_of(problem: Problem, actor: Actor) -> list[ServiceRequest]:
    """The incidents of a problem that the actor may see, newest first."""
    query = (
        select(ServiceRequest)
        .join(ProblemIncident, ProblemIncident.request_id == ServiceRequest.id)
        .where(ProblemIncident.problem_id == problem.id, requests_seen_by(actor))
    )
    return list(session().scalars(query.order_by(ServiceRequest.id.desc())))


def of_request(request_id: int) -> list[Problem]:
    """The problems behind a request, oldest first."""
    query = select(Problem).join(ProblemIncident, ProblemIncident.problem_id == Problem.id)
    own = ProblemIncident.request_id == request_id
    return list(session().scalars(query.where(own).order_by(Problem.id)))


def known_errors(topic: RequestTopic, limit: int = 10) -> list[Problem]:
    """Problems about the same service or asset of which something is known, newest first."""
    query = select(Problem).where(
        Problem.status.not_in(OVER),
        or_(Problem.known_error != {}, Problem.workaround != {}),
        similar.same_thing(Problem, topic),
    )
    return list(session().scalars(query.order_by(Problem.id.desc()).limit(limit)))


def open_for(
    request: ServiceRequest,
    title: str,
    known_error: str,
    workaround: str,
    now: datetime,
) -> Problem:
    """A problem that a process opens for its request, in the request's language."""
    topic = session().get(RequestTopic, request.id)
    language = request.language
    return create(
        {language: title}, SYSTEM, now,
        known_error={language: known_error}, workaround={language: workaround},
        topic=topic.topic if topic else None, asset_id=topic.asset_id if topic else None,
    )  # fmt: skip


@dataclass(frozen=True)
class ProblemView:
    """A problem with the incidents that its reader may see."""

    problem: Problem
    incidents: Sequence[ServiceRequest]


def view(problem: Problem, actor: Actor) -> ProblemView:
    """The problem and what it caused, as far as the actor may see it."""
    return ProblemView(problem, incidents_of(problem, actor))
