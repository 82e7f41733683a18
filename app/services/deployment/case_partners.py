"""Fake partners for the test cases of a process: what goes out reaches a partner on this machine
by the connector itself, and what comes back is what the connector makes of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import bpmn
import connectors
from app.services import job_types
from app.services.sending import call_inputs, emails
from connectors import registry
from connectors.contract import Connector, Document, Order
from connectors.errors import DeliveryFailed, Permanent
from connectors.phones import read_phone

WRITTEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
Carry = Callable[[bpmn.WaitingJob], Mapping[str, Any]]
"""Hands one job over; gives the task's result or raises DeliveryFailed, Refused or BadAddress."""
Fake = tuple[Carry, Callable[[], None]]
"""How jobs are handed to a fake, and how it forgets what came."""


@dataclass
class Partners:
    """Use it in a ``with`` block; a fake is opened when a process first calls it."""

    types: Sequence[str]
    """The types of tasks that fakes answer, of those in ``KINDS``."""
    _open: ExitStack = field(default_factory=ExitStack)
    _carries: dict[str, Carry] = field(default_factory=dict)
    _forgets: list[Callable[[], None]] = field(default_factory=list)

    def __enter__(self) -> Partners:
        return self

    def __exit__(self, *raised: object) -> None:
        self._open.close()

    def forget(self) -> None:
        """Let every fake be as if nothing had come to it yet."""
        for forget in self._forgets:
            forget()

    def carry_out(self, job: bpmn.WaitingJob) -> bpmn.Command | None:
        """What comes of a job as it would in the product; None for types without a fake."""
        if job.type not in self.types:
            return None
        if job.type not in self._carries:
            self._carries[job.type], forget = KINDS[job.type](self._open)
            self._forgets.append(forget)
        try:
            return bpmn.CompleteJob(job.key, dict(self._carries[job.type](job)))
        except Permanent as refused:
            return _error(job, refused)
        except (DeliveryFailed, job_types.Refused) as failed:
            return bpmn.FailJob(job.key, failed.code, str(failed))


def _error(job: bpmn.WaitingJob, refused: Permanent) -> bpmn.Command:
    """The partner's final "no", which a diagram may catch by its code or by the family."""
    codes = [refused.code, "not_delivered"]
    if job.type == "email":
        codes.reverse()
    result = {"fault": dict(refused.result)} if refused.result else {}
    told = refused.text("en"), result, refused.text("fa"), tuple(codes[1:])
    return bpmn.ThrowError(job.key, codes[0], *told)


def _email(open_: ExitStack) -> Fake:
    from connectors.testing import RecordingMailbox

    mailbox = RecordingMailbox()

    def send(job: bpmn.WaitingJob) -> Mapping[str, Any]:
        said = emails.read(job.inputs)
        sender, to = connectors.address("us@peygir.example"), connectors.address(said.to)
        words = said.message.subject, said.message.body
        mailbox(connectors.Letter(job.key, sender, (to,), *words, WRITTEN_AT, language="en"))
        return {}

    return send, mailbox.forget


def _sms(open_: ExitStack) -> Fake:
    from connectors.testing import SmsGateway

    kind = _kind("sms-http")
    gateway = open_.enter_context(SmsGateway("kavenegar"))
    return _by(kind, kind.Options().load(gateway.options())), gateway.forget


def _soap(open_: ExitStack) -> Fake:
    from connectors.testing import SoapPartner
    from connectors.wsdl import pack, read_bundle

    kind, partner = _kind("soap"), open_.enter_context(SoapPartner())
    options = kind.Options().load({"private_partners": ["127.0.0.0/8"]})
    bundle = read_bundle("complaints.wsdl", partner.wsdl)
    document = Document(bundle.digest, bundle.main, pack(bundle))
    return _by(kind, {**options, "wsdl": document}), partner.forget


def _kind(name: str) -> Connector:
    return registry.kinds()[name]


def _by(kind: Connector, options: Mapping[str, Any]) -> Carry:
    def send(job: bpmn.WaitingJob) -> Mapping[str, Any]:
        return kind.send(_order(kind, job), options).result

    return send


def _order(kind: Connector, job: bpmn.WaitingJob) -> Order:
    found = call_inputs.read(kind, job.inputs)
    words = {name: call_inputs.text_of(found, name) for name in call_inputs.WORDS}
    to = words["to"].strip()
    to = (read_phone(to) or to) if kind.task_type == "sms" else to
    return Order(
        f"test-{job.key}", WRITTEN_AT, found,
        to=to, subject=words["subject"], body=words["body"],
    )  # fmt: skip


KINDS: Mapping[str, Callable[[ExitStack], Fake]] = {"email": _email, "sms": _sms, "soap": _soap}
"""The types of tasks that a fake answers."""
