"""What the product does itself for a service task: once, whole, or refused as the diagram says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import work
from app.access import SYSTEM
from app.errors import Invalid
from app.models import Delivery, Interaction, Problem, ProcessInstance, ServiceJob, ServiceRequest
from app.services import job_types
from app.services.casework import linked, links, problems, requests
from app.services.deployment import definitions
from app.services.deployment.references import known_job_types
from app.services.execution import processes, service_jobs
from tests.app.services.story import actor, submit
from tests.support.clock import MovingClock

DIAGRAM = Path(__file__).with_name("linking.bpmn").read_text(encoding="utf-8")


def begin_process(
    request: ServiceRequest, clock: MovingClock, job_type: str, **inputs: str
) -> ProcessInstance:
    """A process of this request whose one service task is of that type."""
    mapped = "".join(
        f'<zeebe:input source="{source}" target="{target}" />' for target, source in inputs.items()
    )
    source = DIAGRAM.replace("TYPE", job_type).replace("INPUTS", mapped)
    row = definitions.deploy("linking.bpmn", source.encode(), actor("maryam"), clock())
    variables = requests.variables_of(request)
    return processes.start(row, variables, SYSTEM, clock(), request=request)


def job_of(session: Session, instance: ProcessInstance) -> ServiceJob:
    query = select(ServiceJob).where(ServiceJob.instance_id == instance.id)
    return session.scalars(query).one()


def carry_out(session: Session, instance: ProcessInstance, clock: MovingClock) -> dict[str, Any]:
    """Do the service task and tell what the process knows then."""
    assert service_jobs.begin(job_of(session, instance).id, clock()) == []
    session.refresh(instance)
    return dict(processes.inspect(instance).variables)


def queued(session: Session, task: str) -> list[dict[str, Any]]:
    """The arguments of the waiting jobs of that name."""
    query = "SELECT args FROM procrastinate_jobs WHERE task_name = :task ORDER BY id"
    return list(session.scalars(text(query), {"task": task}))


def test_each_type_is_a_file_with_one_function() -> None:
    assert {"link-request", "inform-children", "resolve-children"} <= job_types.names()
    assert job_types.names() <= known_job_types()
    assert all(callable(job_types.find(name)) for name in job_types.names())
    assert job_types.find("notify") is None


def test_a_child_is_linked_and_waits_in_the_same_step(session: Session, clock: MovingClock) -> None:
    parent, child = submit(clock()), submit(clock())
    instance = begin_process(child, clock, "link-request", parent=f"=&quot;{parent.number}&quot;")
    known = carry_out(session, instance, clock)
    assert known["parent"] == parent.number
    assert (known["parent_open"], known["parent_resolution"]) == (True, None)
    assert instance.tokens == ["waiting"]
    assert links.children(parent.id) == [child.id]


def test_a_job_that_runs_twice_does_it_once(session: Session, clock: MovingClock) -> None:
    parent, child = submit(clock()), submit(clock())
    links.link(parent, child, links.DUPLICATE, SYSTEM, clock())
    instance = begin_process(
        parent, clock, "resolve-children", data="={resolution: &quot;Mended&quot;}"
    )
    job = job_of(session, instance)
    service_jobs.begin(job.id, clock())
    service_jobs.begin(job.id, clock())
    told = {"resolution": "Mended", "parent": parent.number}
    expected = {"request_id": child.id, "message": "parent_resolved", "data": told}
    assert queued(session, "tell_process") == [expected]


def test_the_child_hears_its_parent_once(session: Session, clock: MovingClock) -> None:
    parent, child = submit(clock()), submit(clock())
    number = f"=&quot;{parent.number}&quot;"
    instance = begin_process(child, clock, "link-request", parent=number)
    carry_out(session, instance, clock)
    assert linked.deliver(child.id, "parent_resolved", {"resolution": "Mended"}, clock())
    assert instance.status == "completed"
    assert not linked.deliver(child.id, "parent_resolved", {"resolution": "Mended"}, clock())


def test_customers_of_duplicates_are_written_to(session: Session, clock: MovingClock) -> None:
    parent, child = submit(clock()), submit(clock())
    links.link(parent, child, links.DUPLICATE, SYSTEM, clock())
    instance = begin_process(parent, clock, "inform-children", data="={question: &quot;Why?&quot;}")
    carry_out(session, instance, clock)
    [told] = queued(session, "tell_customer")
    assert told["request_id"] == child.id
    session.commit()
    work.tell_customer(child.id, "complaint-reminder", {"question": "Why?", "answer_by": "x"})
    said = session.scalars(select(Interaction).where(Interaction.request_id == child.id)).all()
    assert len(said) == 1
    sent = session.scalars(select(Delivery).where(Delivery.request_id == child.id)).all()
    assert [letter.job_id for letter in sent] == [None]


def test_another_request_is_opened_and_linked(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    request.confidential = True
    instance = begin_process(
        request, clock, "start-request",
        service="=&quot;complaint&quot;", subject="=&quot;Again&quot;",
        description="=&quot;It happened again.&quot;",
        data="={about: &quot;other&quot;}",
    )  # fmt: skip
    known = carry_out(session, instance, clock)
    made = requests.find(known["number"], actor("maryam"))
    assert (made.subject, made.customer_id) == ("Again", request.customer_id)
    assert made.confidential
    [link] = links.of_request(made, actor("maryam"))
    assert (link.kind, link.direction, link.request) == ("follow_up", "parent", request)


def test_what_is_refused_leaves_nothing_and_is_caught(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    before = session.scalars(select(ServiceRequest.id)).all()
    instance = begin_process(
        request, clock, "start-request", service="=&quot;nothing&quot;",
        subject="=&quot;A&quot;", description="=&quot;B&quot;",
    )  # fmt: skip
    carry_out(session, instance, clock)
    assert (instance.status, instance.has_fault) == ("completed", False)
    assert session.scalars(select(ServiceRequest.id)).all() == before


@pytest.mark.parametrize("parent", ["=null", "=&quot;R-999999&quot;"])
def test_a_wrong_parent_is_an_error_of_the_diagram(
    session: Session, clock: MovingClock, parent: str
) -> None:
    request = submit(clock())
    instance = begin_process(request, clock, "link-request", parent=parent)
    carry_out(session, instance, clock)
    assert instance.status == "completed"
    assert links.of_request(request, actor("maryam")) == []


def test_duplicates_go_in_no_circle_and_have_one_original(
    session: Session, clock: MovingClock
) -> None:
    first, second, third = (submit(clock()) for _ in range(3))
    links.link(first, second, links.DUPLICATE, SYSTEM, clock())
    links.link(second, third, links.DUPLICATE, SYSTEM, clock())
    with pytest.raises(Invalid):
        links.link(third, first, links.DUPLICATE, SYSTEM, clock())
    links.link(first, third, links.DUPLICATE, SYSTEM, clock())
    links.link(first, third, links.DUPLICATE, SYSTEM, clock())
    assert links.children(first.id) == [second.id, third.id]
    assert links.children(second.id, links.RELATED) == [third.id]


def test_a_link_says_nothing_of_what_may_not_be_seen(session: Session, clock: MovingClock) -> None:
    plain, secret = submit(clock()), submit(clock())
    links.link(plain, secret, links.RELATED, SYSTEM, clock())
    secret.confidential = True
    session.flush()
    assert links.of_request(plain, actor("sara")) == []
    assert [one.request for one in links.of_request(plain, actor("maryam"))] == [secret]


def make_confidential(session: Session, *requests: ServiceRequest, named: list[int]) -> None:
    for request in requests:
        request.confidential, request.named_users = True, named
    session.flush()


@pytest.mark.parametrize("child_named", [None, [1, 2]])
def test_a_confidential_original_is_unknown_to_who_may_not_see_it(
    session: Session, clock: MovingClock, child_named: list[int] | None
) -> None:
    secret, child = submit(clock()), submit(clock())
    make_confidential(session, secret, named=[1])
    if child_named is not None:
        make_confidential(session, child, named=child_named)
    instance = begin_process(child, clock, "link-request", parent=f"=&quot;{secret.number}&quot;")
    known = carry_out(session, instance, clock)
    assert (instance.status, instance.has_fault) == ("completed", False), "not_found was caught"
    assert "parent_resolution" not in known
    assert links.children(secret.id) == []


def test_a_confidential_original_is_found_by_whom_it_is_no_secret_to(
    session: Session, clock: MovingClock
) -> None:
    secret, child = submit(clock()), submit(clock())
    make_confidential(session, secret, child, named=[1])
    instance = begin_process(child, clock, "link-request", parent=f"=&quot;{secret.number}&quot;")
    assert carry_out(session, instance, clock)["parent"] == secret.number
    assert links.children(secret.id) == [child.id]


def test_a_confidential_original_keeps_its_words_from_other_duplicates(
    session: Session, clock: MovingClock
) -> None:
    secret, plain, trusted = (submit(clock()) for _ in range(3))
    for child in (plain, trusted):
        links.link(secret, child, links.DUPLICATE, SYSTEM, clock())
    make_confidential(session, secret, trusted, named=[1])
    data = "={settled: true, resolution: &quot;Mended&quot;}"
    carry_out(session, begin_process(secret, clock, "resolve-children", data=data), clock)
    told = {one["request_id"]: one["data"] for one in queued(session, "tell_process")}
    assert told == {
        plain.id: {"settled": True, "resolution": "", "parent": ""},
        trusted.id: {"settled": True, "resolution": "Mended", "parent": secret.number},
    }
    asked = begin_process(secret, clock, "inform-children", data="={question: &quot;Why?&quot;}")
    carry_out(session, asked, clock)
    assert [one["request_id"] for one in queued(session, "tell_customer")] == [trusted.id]


def test_no_problem_record_is_opened_for_a_confidential_request(
    session: Session, clock: MovingClock
) -> None:
    secret = submit(clock())
    make_confidential(session, secret, named=[1])
    before = session.scalars(select(Problem.number)).all()
    instance = begin_process(
        secret, clock, "open-problem", title="=&quot;A name&quot;",
        known_error="=&quot;What happened&quot;", workaround="=&quot;&quot;",
    )  # fmt: skip
    known = carry_out(session, instance, clock)
    assert (instance.status, instance.has_fault) == ("completed", False), "it was caught"
    assert "problem" not in known
    assert session.scalars(select(Problem.number)).all() == before


def test_a_confidential_request_is_linked_to_a_record_that_exists(
    session: Session, clock: MovingClock
) -> None:
    secret = submit(clock())
    make_confidential(session, secret, named=[1])
    record = problems.create({"en": "Mail"}, SYSTEM, clock())
    number = f"=&quot;{record.number}&quot;"
    known = carry_out(session, begin_process(secret, clock, "open-problem", problem=number), clock)
    assert known["problem"] == record.number
    assert problems.incidents_of(record, actor("sara")) == []
