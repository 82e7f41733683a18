"""The complaints that measurements submit and handle, and what people answer in them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from app.access import Actor
from app.db import session, transaction
from app.demo import complaints
from app.models import ServiceJob, UserTask
from app.services.casework import customers, requests
from app.services.execution import service_jobs
from bench.stage import Stage

PATH = {
    "assess": "narges",
    "check_facts": "sara",
    "propose_remedy": "reza",
    "carry_out_remedy": "sara",
    "find_cause": "babak",
}
"""The user tasks of the shortest full way through a complaint, and who does each."""

DESCRIPTION = (
    "We bought the refrigerator in March. A technician came twice, replaced a part both times "
    "and left; since yesterday it does not cool again. "
) * 3


def submission(number: int) -> dict[str, Any]:
    """The body of ``POST /api/v1/requests`` for one complaint of one of many customers."""
    return {
        "service": "complaint",
        "subject": "The refrigerator does not cool after two repairs",
        "description": DESCRIPTION,
        "customer": {"name": f"Customer {number}", "email": f"customer{number}@example.com"},
        # Each of a product of its own: hundreds alike within minutes would be a trend.
        "data": {
            "about": "repair",
            "product": f"Refrigerator {number}",
            "remedy_sought": "repair",
        },
        "language": "en",
    }


@cache
def _usual_answers() -> dict[str, dict[str, Any]]:
    with complaints.SOURCE.open("rb") as file:
        found: dict[str, dict[str, Any]] = tomllib.load(file)["answers"]["en"]
        return found


def answers(element: str) -> Mapping[str, Any]:
    """What is filled in at this user task."""
    found = dict(_usual_answers()[element])
    if element == "carry_out_remedy":
        found["done_on"] = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    if element == "find_cause":
        found["action_needed"] = False
    return found


def prepare(on: Stage, count: int, first: int = 0, now: datetime | None = None) -> list[int]:
    """So many complaints that wait to be assessed, since now or then; the ids of their tasks."""
    with on.app.app_context():
        return [_prepare_one(first + n, now or datetime.now(UTC)) for n in range(count)]


def _prepare_one(number: int, now: datetime) -> int:
    said = submission(number)
    said["customer"] = customers.Contact(**said["customer"])
    language = said.pop("language")
    with transaction():
        actor = Actor("customer", names={"en": said["customer"].name}, language=language)
        made = requests.submit(
            requests.Submission(**said), actor, now, channel="api", language=language
        )
    jobs = select(ServiceJob.id).where(ServiceJob.state == "queued").order_by(ServiceJob.id)
    for job_id in list(session().scalars(jobs)):
        _do_job(job_id, now)
    task = select(UserTask.id).where(UserTask.request_id == made.id, UserTask.state == "open")
    task_id = session().scalars(task).one()
    # A session of its own for each complaint, as each request of a customer would have.
    session().rollback()
    session().expunge_all()
    return task_id


def _do_job(job_id: int, now: datetime) -> None:
    """Do a service task as the worker would, but send the letter nowhere."""
    session().rollback()
    with transaction():
        orders = service_jobs.begin(job_id, now)
    results = [service_jobs.Result(order.delivery_id, None) for order in orders]
    if results:
        with transaction():
            service_jobs.settle(job_id, results, now)
