"""Complaints alike are linked, and shown as a trend once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models import ServiceJob, ServiceRequest
from app.services import job_types
from app.services.casework import links
from app.services.job_types import find_alike
from tests.app.services.story import instance_of, kinds_of, submit
from tests.support.clock import MovingClock
from tests.support.statements import statements

HEADERS = {"compare": "about, product", "days": "30", "many": "3"}


def look(request: ServiceRequest, clock: MovingClock, **headers: str) -> Mapping[str, Any]:
    """What the service task finds for this request."""
    job = ServiceJob(headers={**HEADERS, **headers})
    return find_alike.do(instance_of(request), job, {}, clock())


def of(clock: MovingClock, about: str = "product", **data: Any) -> ServiceRequest:
    return submit(clock(), data={"about": about, **data})


def test_those_alike_are_linked_and_named(session: Session, clock: MovingClock) -> None:
    first, second = of(clock, product="Ara 28"), of(clock, product=" ara 28 ")
    of(clock, product="Ara 30")
    of(clock, "bill", product="Ara 28")
    assert look(second, clock) == {"alike": 1, "numbers": [first.number], "trend": False}
    assert links.children(first.id, links.RELATED) == [second.id]


def test_many_are_linked_with_as_few_statements_as_one(
    session: Session, clock: MovingClock
) -> None:
    alike = [of(clock, product="Ara 28") for _ in range(5)]
    look(alike[1], clock)
    with statements() as few:
        look(alike[2], clock)
    session.expire_all()
    for one in alike:
        session.refresh(one)
    with statements() as many:
        look(alike[4], clock)
    assert len(many) == len(few)
    assert [links.children(one.id, links.RELATED) for one in alike[:2]] == [
        [alike[n].id for n in (1, 2, 4)], [alike[n].id for n in (2, 4)],
    ]  # fmt: skip
    with statements() as again:
        look(alike[4], clock)
    assert len(again) == len(many) - 1, "what is linked already is not told again"


def test_a_trend_is_told_once_for_all_of_them(session: Session, clock: MovingClock) -> None:
    alike = [of(clock, product="Ara 28") for _ in range(4)]
    assert [look(one, clock)["trend"] for one in alike] == [True, False, False, False]
    assert "trend_found" in kinds_of(alike[0])
    clock.move(days=31)
    later = [of(clock, product="Ara 28") for _ in range(3)]
    assert [look(one, clock)["trend"] for one in later] == [True, False, False]


def test_what_is_older_does_not_count(session: Session, clock: MovingClock) -> None:
    old = of(clock, product="Ara 28")
    old.created_at = clock() - timedelta(days=31)
    session.flush()
    assert look(of(clock, product="Ara 28"), clock)["alike"] == 0


def test_a_confidential_request_neither_finds_nor_is_found(
    session: Session, clock: MovingClock
) -> None:
    secret = of(clock, product="Ara 28", confidential=True)
    plain = of(clock, product="Ara 28")
    assert look(secret, clock)["alike"] == 0
    assert look(plain, clock)["alike"] == 0


def test_a_header_that_is_no_number_is_refused(session: Session, clock: MovingClock) -> None:
    with pytest.raises(job_types.Refused) as refused:
        look(of(clock), clock, days="a month")
    assert refused.value.code == job_types.INPUT


@pytest.mark.parametrize("wrong", [{"days": "many"}, {"many": "0"}, {"compare": " "}])
def test_it_is_refused_before_anything_is_written(
    session: Session, clock: MovingClock, wrong: dict[str, str]
) -> None:
    assert not job_types.writes_before_refusing("find-alike")
    assert job_types.writes_before_refusing("link-request")
    of(clock, product="Ara 28")
    request = of(clock, product="Ara 28")
    instance_of(request)
    with statements() as sent, pytest.raises(job_types.Refused):
        look(request, clock, **wrong)
    assert not [one for one in sent if not one.lstrip().startswith("SELECT")]
