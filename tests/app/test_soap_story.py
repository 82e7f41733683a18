"""A process that calls a SOAP partner: its answer is mapped by FEEL, its fault is caught on the
border, and what became of a call whose answer was lost is asked for by our reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Delivery
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.sending import channel_settings, wsdl_bundles
from app.services.sending.channel_settings import Draft
from connectors import lying_http as does
from connectors.soap_partner import Complaint, Refusal, SoapPartner
from connectors.wsdl import read_bundle
from tests.app.services.story import actor
from tests.app.test_partner_story import extension, variables, where
from tests.bpmn import build
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Jobs = Callable[[], int]
pytestmark = pytest.mark.slow

CARE = build.process(
    build.start(),
    build.service(
        "register",
        extension(
            "soap",
            {
                "operation": '="RegisterComplaint"',
                # As the element template of the operation writes them.
                "values.subject": "=subject",
                "values.kind": "=kind",
                "values.amount": "=1200.50",
                "values.happenedOn": '=date("2026-03-01")',
                "values.complainant": "={name: customer, birthDate: null}",
            },
            {"number": "=answer.complaint.number", "due": "=answer.complaint.dueOn",
             "fee": "=answer.complaint.fee + 1", "said": "=answer.complaint.complainant.name"},
            "registry",
        ),
        kind="soap", name="Register",
    ),
    build.node("boundaryEvent", "refused", build.error("soap_fault"),
               build.io(outputs={"why": "=fault.detail.ComplaintRefused.reason",
                                 "code": "=fault.code"}),
               attachedToRef="register", cancelActivity="true"),
    build.user("look", groups="intake", name="Look"),
    build.user("mend", groups="intake", name="Mend"),
    build.end(),
    build.flows("start > register > look > end", "refused > mend > end"),
    key="soap-care",
    before=build.declare_error("soap_fault"),
)  # fmt: skip


@pytest.fixture
def partner() -> Iterator[SoapPartner]:
    with SoapPartner() as found:
        yield found


def give(app: Flask, clock: MovingClock, partner: SoapPartner, **options: str) -> None:
    """The channel with the partner's WSDL."""
    given = {"private_partners": ["127.0.0.0/8"], "timeout": 20, **options}
    with transaction_of(app):
        channel_settings.save(Draft("registry", "soap", options=given), actor("admin"), clock())
        bundle = read_bundle("c.wsdl", partner.wsdl)
        judged = wsdl_bundles.Judged(bundle, [])
        wsdl_bundles.give("registry", judged, None, actor("admin"), clock())


def begin(app: Flask, clock: MovingClock, kind: str = "billing") -> int:
    with transaction_of(app) as session:
        row = definitions.deploy("care.bpmn", CARE, actor("admin"), clock())
        values = {"customer": "زهرا رضایی‌نژاد", "subject": "قبض «مهر»", "kind": kind}
        run = processes.start(row, values, actor("admin"), clock())
        session.flush()
        return run.id


def test_the_answer_is_mapped_by_feel(
    app: Flask, clock: MovingClock, partner: SoapPartner, run_jobs: Jobs
) -> None:
    give(app, clock, partner)
    run = begin(app, clock)
    run_jobs()
    assert where(app, run) == (["look"], [])
    found = variables(app, run)
    assert {name: found[name] for name in ("number", "due", "fee", "said")} == {
        "number": "P-0001", "due": "2026-04-20", "fee": 1201.5, "said": "زهرا رضایی‌نژاد",
    }  # fmt: skip
    [complaint] = partner.complaints
    assert complaint.subject == "قبض «مهر»"
    with transaction_of(app) as session:
        assert complaint.request_id == session.scalars(select(Delivery.reference)).one()


def test_a_fault_is_caught_on_the_border_with_its_parts(
    app: Flask, clock: MovingClock, partner: SoapPartner, run_jobs: Jobs
) -> None:
    def refuse(_: Complaint) -> None:
        raise Refusal("Client", "اشتراکی با این نام نیست", "complainant")

    partner.refuses = refuse
    give(app, clock, partner)
    run = begin(app, clock)
    run_jobs()
    assert where(app, run) == (["mend"], [])
    found = variables(app, run)
    assert (found["why"], found["code"]) == ("اشتراکی با این نام نیست", "Client")


def test_a_value_that_the_wsdl_does_not_allow_is_a_fault_and_nothing_is_sent(
    app: Flask, clock: MovingClock, partner: SoapPartner, run_jobs: Jobs
) -> None:
    give(app, clock, partner)
    run = begin(app, clock, kind="gossip")
    run_jobs()
    assert where(app, run) == ([], ["bad_input"])
    assert not partner.heard


def test_a_lost_answer_is_asked_for_by_our_reference_and_nothing_happens_twice(
    app: Flask, clock: MovingClock, partner: SoapPartner, run_jobs: Jobs, tick: Any
) -> None:
    partner.remembers = False
    give(app, clock, partner, status_operation="FindComplaint")
    partner.afterwards.append(does.resets())
    run = begin(app, clock)
    run_jobs()
    assert where(app, run) == ([], [])
    with transaction_of(app) as session:
        assert session.scalars(select(Delivery.state)).one() == "unknown"
    tick(hours=1)
    assert where(app, run) == (["look"], [])
    assert variables(app, run)["number"] == "P-0001"
    assert list(partner.effects.values()) == [1]


@pytest.mark.parametrize("status", [500, 200])
def test_a_page_in_place_of_an_answer_is_followed_by_a_question_too(
    app: Flask, clock: MovingClock, partner: SoapPartner, run_jobs: Jobs, tick: Any, status: int
) -> None:
    partner.remembers = False
    give(app, clock, partner, status_operation="FindComplaint")
    partner.afterwards.append(does.says_html(status))
    run = begin(app, clock)
    run_jobs()
    assert where(app, run) == ([], [])
    tick(hours=1)
    assert where(app, run) == (["look"], [])
    assert list(partner.effects.values()) == [1]


def test_without_a_way_to_ask_a_person_decides(
    app: Flask, clock: MovingClock, partner: SoapPartner, run_jobs: Jobs
) -> None:
    give(app, clock, partner)
    partner.afterwards.append(does.leaves)
    run = begin(app, clock)
    run_jobs()
    assert where(app, run) == ([], ["unknown_outcome"])
    assert list(partner.effects.values()) == [1]


def test_a_gateway_that_fails_for_a_while_is_called_again(
    app: Flask, clock: MovingClock, partner: SoapPartner, run_jobs: Jobs, tick: Any
) -> None:
    give(app, clock, partner)
    partner.script += [does.says_html(502), does.says_html(200)]
    run = begin(app, clock)
    run_jobs()
    for _ in range(10):
        tick(minutes=10)
    assert where(app, run) == (["look"], [])
    assert len(partner.heard) == 3
    assert list(partner.effects.values()) == [1]
