"""The partners of the chaos run, and a complaint that reaches all of them.

Each partner fails at a share of its calls, in every way that is told apart: before it has done
anything, after it has, and without a word.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, cast

from flask import Flask

from connectors import lying_http as does
from connectors.fake_sms import Lie as SmsLie
from connectors.fake_sms import SmsGateway
from connectors.lying_smtp import Lie as MailLie
from connectors.soap_partner import SoapPartner
from tests.support.call_tasks import call_task
from tests.support.post import SlowServer
from tests.support.processes import ROOT

SHARE = 0.2
"""The share of calls at which a partner fails."""
_MANY = 20_000
"""More calls than a run makes."""

_MAIL: Sequence[MailLie] = ("451 later", "vanish", "take_and_vanish")
_SMS: Sequence[SmsLie] = ("away", "reset", "reset_after", "html", "html_after", "crash_after")
_CALLS = (does.says_html(502), does.says_html(200), does.resets())
_ANSWERS = (does.resets(), does.leaves, does.says_html(500))


@dataclass(frozen=True)
class Partners:
    """Who is called; they outlive everything."""

    mail: SlowServer
    texts: SmsGateway
    registry: SoapPartner
    drawn: Sequence[Sequence[Any]]
    """What was drawn for each, of which they have used up the beginning."""

    def await_call(self, chance: Random, longest: float) -> None:
        """Returns while one of them, drawn by lot, is being called, or after so many seconds."""
        deadline = time.monotonic() + longest
        calls = chance.choice([self.texts.asked, self.registry.heard, None])
        if calls is None:
            self.mail.thinking.wait(longest)
            return
        before = len(calls)
        while len(calls) == before and time.monotonic() < deadline:
            time.sleep(0.002)
        # From the first byte of the call to the last word about it.
        time.sleep(chance.uniform(0, 0.03))

    @property
    def failures(self) -> int:
        """How often a partner failed so far."""
        now: list[Collection[Any]] = [self.mail.lies["DATA"], self.texts.lies]
        now += [self.registry.script, self.registry.afterwards]
        used = (drawn[: _MANY - len(left)] for drawn, left in zip(self.drawn, now, strict=True))
        return sum(bool(one) for part in used for one in part)


@contextmanager
def open_partners(chance: Random) -> Iterator[Partners]:
    """All three, on free ports of this machine, with their failures drawn beforehand."""
    lies: list[MailLie] = _drawn(chance, _MAIL, "")
    half = SHARE / 2
    with SlowServer(lies={"DATA": lies}) as mail, SmsGateway("kavenegar") as texts:
        texts.lies = cast("deque[SmsLie]", deque(_drawn(chance, _SMS, None)))
        calls, answers = _drawn(chance, _CALLS, None, half), _drawn(chance, _ANSWERS, None, half)
        drawn = (list(lies), list(texts.lies), list(calls), list(answers))
        with SoapPartner(script=calls, afterwards=answers, remembers=False) as registry:
            yield Partners(mail, texts, registry, drawn)


def _drawn(chance: Random, lies: Sequence[Any], truth: Any, share: float = SHARE) -> list[Any]:
    """What a partner does in turn. After a failure comes none at once, so that few effects have to
    wait for a third or fourth attempt, which comes minutes later."""
    drawn = [truth]
    while len(drawn) <= _MANY:
        fails = drawn[-1] is truth and chance.random() < share / (1 - share)
        drawn.append(chance.choice(lies) if fails else truth)
    return drawn[1:]


def complaint_to_all() -> bytes:
    """The shipped complaint, which tells two partners more after its acknowledgement."""
    source = (ROOT / "bpmn" / "diagrams" / "complaint.bpmn").read_text("utf-8")
    flow = '<bpmn:sequenceFlow id="flow_acknowledge_assess" sourceRef="acknowledge" '
    assert f'{flow}targetRef="assess" />' in source
    source = source.replace(f'{flow}targetRef="assess" />', f'{flow}targetRef="text" />{_FLOWS}')
    came, text = "<bpmn:incoming>flow_acknowledge_assess</bpmn:incoming>", _CALLED
    source = source.replace(came, "<bpmn:incoming>flow_register_assess</bpmn:incoming>")
    place = '<bpmn:boundaryEvent id="not_acknowledged"'
    source = source.replace(place, text + place)
    lane = "<bpmn:flowNodeRef>acknowledge</bpmn:flowNodeRef>"
    both = "".join(f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>" for one in ("text", "register"))
    return source.replace(lane, lane + both).encode()


def _call(name: str, kind: str, came: str, goes: str, inputs: dict[str, str]) -> str:
    flows = f"<bpmn:incoming>{came}</bpmn:incoming><bpmn:outgoing>{goes}</bpmn:outgoing>"
    return call_task(name, kind, inputs, flows)


TO = "+989123456789"
_CALLED = _call(
    "text", "sms", "flow_acknowledge_assess", "flow_text_register",
    {"to": f'"{TO}"', "body": '"پیگیری " + request.number'},
) + _call(
    "register", "soap", "flow_text_register", "flow_register_assess",
    {
        "operation": '"RegisterComplaint"',
        "values": '{subject: request.number, kind: "billing", amount: 1200.50, '
        'happenedOn: date("2026-03-01"), complainant: {name: "زهرا رضایی", birthDate: null}}',
    },
)  # fmt: skip
_FLOWS = """
    <bpmn:sequenceFlow id="flow_text_register" sourceRef="text" targetRef="register" />
    <bpmn:sequenceFlow id="flow_register_assess" sourceRef="register" targetRef="assess" />
"""


def populate(url: str, data: Path) -> None:
    """Tables, the cast and the shipped processes in an empty database."""
    from app.migrate import upgrade
    from tests.support.application import transaction_of
    from tests.support.cast import add_cast

    upgrade(url)
    with _application(url, data) as app, transaction_of(app):
        add_cast()


def furnish(url: str, data: Path, partners: Partners) -> None:
    """The complaint that reaches all partners, and the channels to them."""
    from app.access import SYSTEM
    from app.services.deployment import definitions
    from tests.support.application import transaction_of
    from tests.support.cast import BORN

    with _application(url, data) as app:
        with transaction_of(app):
            _open_channels(partners)
        with transaction_of(app):
            definitions.deploy("complaint.bpmn", complaint_to_all(), SYSTEM, BORN)


@contextmanager
def _application(url: str, data: Path) -> Iterator[Flask]:
    from app import create_app
    from app.config import Settings
    from tests.support.application import dispose

    app = create_app(Settings(data, "a-secret-for-tests", url))
    try:
        yield app
    finally:
        dispose(app)


def _open_channels(partners: Partners) -> None:
    from app.access import SYSTEM
    from app.services.sending import channel_settings, wsdl_bundles
    from app.services.sending.channel_settings import Draft
    from connectors.wsdl import read_bundle
    from tests.support.cast import BORN

    def keep(key: str, kind: str, options: dict[str, Any], secrets: dict[str, Any]) -> None:
        draft = Draft(key, kind, {"en": key, "fa": key}, options, secrets, is_default=True)
        channel_settings.save(draft, SYSTEM, BORN)

    line = partners.texts.options()
    keep("line", "sms-http", line, {"key": line.pop("key")})
    options = {"private_partners": ["127.0.0.0/8"], "status_operation": "FindComplaint"}
    keep("registry", "soap", options, {})
    bundle = read_bundle("complaints.wsdl", partners.registry.wsdl)
    wsdl_bundles.give("registry", wsdl_bundles.Judged(bundle, []), None, SYSTEM, BORN)
