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
from app.services.deployment.http_fakes import Memory, Send, open_http, open_webhook, receive
from app.services.execution import job_ends
from app.services.sending import call_ends, call_inputs, emails
from app.services.sending.plain_results import plain
from bpmn.cases.model import Case, Post, Sent
from bpmn.cases.world import take_no_post
from connectors import registry
from connectors.contract import Connector, Document, Order
from connectors.errors import DeliveryFailed, Permanent, Transient, Unknown
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
    _memory: Memory = field(default_factory=Memory)

    def __enter__(self) -> Partners:
        return self

    def __exit__(self, *raised: object) -> None:
        self._open.close()

    def begin(self, case: Case) -> None:
        """A case begins, whose answers the fakes of HTTP give."""
        self.forget()
        self._memory.begin(case.replies)

    def sent(self) -> Sequence[Sent]:
        """What the fakes of HTTP heard since the case began."""
        return self._memory.sent

    def receive(self, post: Post) -> tuple[str, Mapping[str, Any], str]:
        """The message in a webhook that a partner posts; raises ``ValueError``."""
        return receive(post) if "webhook" in self.types else take_no_post(post)

    def forget(self) -> None:
        """Let every fake be as if nothing had come to it yet."""
        for forget in self._forgets:
            forget()

    def carry_out(self, job: bpmn.WaitingJob) -> bpmn.Command | None:
        """What comes of a job as it would in the product; None for types without a fake."""
        if job.type not in self.types:
            return None
        if job.type not in self._carries:
            self._carries[job.type], forget = self._opened(job.type)
            self._forgets.append(forget)
        try:
            return bpmn.CompleteJob(job.key, dict(self._carries[job.type](job)))
        except (Permanent, Transient) as refused:
            # What the product tries again in vain ends as a refusal does.
            return _error(job, refused)
        except Unknown as failed:
            return bpmn.FailJob(job.key, job_ends.UNKNOWN_OUTCOME, failed.text("en"))
        except (DeliveryFailed, job_types.Refused) as failed:
            return bpmn.FailJob(job.key, failed.code, str(failed))

    def _opened(self, task_type: str) -> Fake:
        open_ = KINDS.get(task_type)
        return open_(self._open, self._memory) if open_ else _others(self._open, task_type)


def without_fake(types: Sequence[str]) -> Mapping[int, str]:
    """Those of the types that no fake answers, by their places from 1."""
    return {
        place: one
        for place, one in enumerate(types, 1)
        if one not in KINDS and _kind_with_fake(one) is None
    }


def _kind_with_fake(task_type: str) -> Connector | None:
    """The kind of another package that brings a fake for tasks of this type."""
    ours = Connector.fake
    return next((one for one in registry.of_task(task_type) if type(one).fake is not ours), None)


def _others(open_: ExitStack, task_type: str) -> Fake:
    kind = _kind_with_fake(task_type)
    fake = kind.fake() if kind else None
    if kind is None or fake is None:
        raise KeyError(task_type)
    partner = open_.enter_context(fake)
    return _by(kind, kind.Options().load(dict(partner.options()))), partner.forget


def _error(job: bpmn.WaitingJob, refused: DeliveryFailed) -> bpmn.Command:
    """The partner's final "no", which a diagram may catch by its code or by the family."""
    codes = [refused.code, "not_delivered"]
    if job.type == "email":
        codes.reverse()
    result = {"fault": dict(refused.result)} if refused.result else {}
    told = refused.text("en"), result, refused.text("fa"), tuple(codes[1:])
    return bpmn.ThrowError(job.key, codes[0], *told)


def _email(open_: ExitStack, memory: Memory) -> Fake:
    from connectors.testing import RecordingMailbox

    mailbox = RecordingMailbox()

    def send(job: bpmn.WaitingJob) -> Mapping[str, Any]:
        said = emails.read(job.inputs)
        sender, to = connectors.address("us@peygir.example"), connectors.address(said.to)
        words = said.message.subject, said.message.body
        mailbox(connectors.Letter(job.key, sender, (to,), *words, WRITTEN_AT, language="en"))
        return {}

    return send, mailbox.forget


def _sms(open_: ExitStack, memory: Memory) -> Fake:
    from connectors.testing import SmsGateway

    kind = _kind("sms-http")
    gateway = open_.enter_context(SmsGateway("kavenegar"))
    return _by(kind, kind.Options().load(gateway.options())), gateway.forget


def _soap(open_: ExitStack, memory: Memory) -> Fake:
    from connectors.testing import SoapPartner
    from connectors.wsdl import pack, read_bundle

    kind, partner = _kind("soap"), open_.enter_context(SoapPartner())
    options = kind.Options().load({"private_partners": ["127.0.0.0/8"]})
    bundle = read_bundle("complaints.wsdl", partner.wsdl)
    document = Document(bundle.digest, bundle.main, pack(bundle))
    return _by(kind, {**options, "wsdl": document}), partner.forget


def _http(open_: ExitStack, memory: Memory) -> Fake:
    fake = open_http(open_, memory, _send_by("http"))
    return fake.carry, fake.partner.forget


def _webhook(open_: ExitStack, memory: Memory) -> Fake:
    fake = open_webhook(open_, memory, _send_by("webhook"))
    return fake.carry, fake.partner.forget


def _send_by(name: str) -> Send:
    kind = _kind(name)

    def send(job: bpmn.WaitingJob, said: Mapping[str, Any]) -> Mapping[str, Any]:
        return _by(kind, kind.Options().load(said))(job)

    return send


def _kind(name: str) -> Connector:
    return registry.kinds()[name]


def _by(kind: Connector, options: Mapping[str, Any]) -> Carry:
    def send(job: bpmn.WaitingJob) -> Mapping[str, Any]:
        answer = kind.send(_order(kind, job), options)
        if too_large := call_ends.check_size(answer):
            raise too_large
        return plain(answer.result, kind.kind)

    return send


def _order(kind: Connector, job: bpmn.WaitingJob) -> Order:
    found = call_inputs.read(kind, job.inputs)
    named = call_inputs.WORDS if call_inputs.writes(kind) else ()
    words = dict.fromkeys(call_inputs.WORDS, "")
    words |= {name: call_inputs.text_of(found, name) for name in named}
    to = words["to"].strip()
    to = (read_phone(to) or to) if kind.task_type == "sms" else to
    return Order(
        f"test-{job.key}", WRITTEN_AT, found,
        to=to, subject=words["subject"], body=words["body"],
    )  # fmt: skip


KINDS: Mapping[str, Callable[[ExitStack, Memory], Fake]] = {
    "email": _email, "sms": _sms, "soap": _soap, "http": _http, "webhook": _webhook,
}  # fmt: skip
"""The types of tasks that a fake answers."""
