"""What the stories of incidents are told with: reports, the hands that handle them, their jobs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.access import Actor
from app.db import session
from app.models import ServiceRequest
from app.services.casework import customers, linked, requests
from tests.app.services.story import do, instance_of, open_tasks, run_service_jobs

NORA = customers.Contact("نورا صالحی", "0912 000 0077", "nora@example.com")
OUTAGE: Mapping[str, Any] = {
    "affected_service": "network", "affected": "team", "work_stopped": "partly",
}  # fmt: skip
CATEGORISED: Mapping[str, Any] = {
    "affected_service": "network", "category": "network", "impact": "medium", "urgency": "medium",
}  # fmt: skip
SOLVED: Mapping[str, Any] = {
    "next_step": "resolved", "findings": "The switch was off.", "resolution": "Switched on.",
    "cause_known": "yes", "cause": "A power cut.",
}  # fmt: skip


def report(now: datetime, **changes: Any) -> ServiceRequest:
    """An incident by Nora on the portal, in English unless said otherwise."""
    facts: dict[str, Any] = {
        "service": "incident", "subject": "The network is down", "description": "Since 8.",
        "customer": NORA, "data": dict(OUTAGE),
    }  # fmt: skip
    language = changes.pop("language", "en")
    customer = Actor("customer", names={"fa": "نورا", "en": "Nora"}, language=language)
    submission = requests.Submission(**{**facts, **changes})
    return requests.submit(submission, customer, now, channel="portal", language=language)


def categorise(request: ServiceRequest, now: datetime, **answers: Any) -> None:
    """The service desk says what it is about and how grave."""
    do(request, "categorise", "neda", now, **{**CATEGORISED, **answers})


def diagnose_next(request: ServiceRequest, now: datetime, **answers: Any) -> None:
    """Bring a new incident to its group."""
    categorise(request, now, **answers)
    do(request, "match", "neda", now, matched="new")


def solve(request: ServiceRequest, now: datetime, **answers: Any) -> None:
    """The group resolves it."""
    do(request, "diagnose", "kian", now, **{**SOLVED, **answers})


def hang_on(child: ServiceRequest, parent: ServiceRequest, now: datetime) -> None:
    """The service desk finds it to be the same as another one."""
    categorise(child, now)
    do(child, "match", "neda", now, matched="duplicate", original=parent.number)


def hear(now: datetime) -> int:
    """Do what was queued for other requests, as often as a worker that died would: twice."""
    session().flush()
    rows = session().execute(text(_TOLD)).all()
    for _ in range(2):
        for row in rows:
            if row.task_name == "tell_process":
                args = row.args
                linked.deliver(args["request_id"], args["message"], args["data"], now)
    session().execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'tell_process'"))
    return len(rows)


_TOLD = "SELECT task_name, args FROM procrastinate_jobs WHERE task_name LIKE 'tell_%' ORDER BY id"


def tokens(request: ServiceRequest, now: datetime) -> list[str]:
    """Where it stands once its own jobs are done."""
    run_service_jobs(request, now)
    return list(instance_of(request).tokens)


__all__ = [
    "categorise", "diagnose_next", "hang_on", "hear", "open_tasks", "report", "solve", "tokens",
]  # fmt: skip
