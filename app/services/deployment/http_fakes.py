"""The fakes of ``http`` and ``webhook``: a case says their answers and looks at what they heard."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError

import bpmn
from bpmn import cases
from bpmn.cases.model import Post, Reply, Sent
from connectors import next_attempt, registry, signing
from connectors.contract import Hook, NotGenuine
from connectors.errors import NotConnected, Transient, Unknown
from connectors.http_partner import SECRET, HttpPartner, answers, fails, told_call, told_message
from connectors.lying_http import Act, Heard

Send = Callable[[bpmn.WaitingJob, Mapping[str, Any]], Mapping[str, Any]]
"""Hands a job over by a channel with these options, written as an administrator would."""

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""Of this moment only the waits after it count."""
_PATIENCE = (1, 5, 30)
"""Seconds that the partner which never answers is waited for; the later ones only where the call
could not even be sent."""


@dataclass
class Memory:
    """What a case says of answers, which of them were given, and what was heard since it began."""

    replies: cases.model.Replies = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    _used: dict[str, int] = field(default_factory=dict)

    def begin(self, replies: cases.model.Replies) -> None:
        """A case begins."""
        self.replies = replies
        self.sent.clear()
        self._used.clear()

    def next(self, job: bpmn.WaitingJob) -> Reply | None:
        """The answer to the next call of a job; None where the case says none."""
        name = self._name(job)
        said = self.replies.get(name)
        if not isinstance(said, tuple):
            return said
        turn = self._used.get(name, 0)
        self._used[name] = turn + 1
        return said[turn] if turn < len(said) else None

    def has_more(self, job: bpmn.WaitingJob) -> bool:
        """Whether a list of answers holds one that was not given yet."""
        name = self._name(job)
        said = self.replies.get(name)
        return isinstance(said, tuple) and self._used.get(name, 0) < len(said)

    def _name(self, job: bpmn.WaitingJob) -> str:
        return job.element if job.element in self.replies else job.type


@dataclass
class HttpFake:
    """Calls the partner on this machine by the connector itself."""

    partner: HttpPartner
    memory: Memory
    send: Send
    options: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    told: Callable[[Heard], Mapping[str, Any]]

    def carry(self, job: bpmn.WaitingJob) -> Mapping[str, Any]:
        """Make the call; what the product tries again later is tried again at once, as long as the
        case lists an answer for it and a channel would not give up."""
        made, later = 0, _BEGAN
        while True:
            try:
                return self._call(job)
            except Transient as failure:
                made += 1
                again = next_attempt(made, _BEGAN, later, 0, retry_after=failure.retry_after)
                if again is None or not self.memory.has_more(job):
                    raise
                later = again

    def _call(self, job: bpmn.WaitingJob) -> Mapping[str, Any]:
        reply, before = self.memory.next(job), len(self.partner.heard)
        self.partner.prepare(_act(reply))
        options = self.partner.options(reply.fails if reply else None)
        try:
            if reply and reply.fails == "timeout":
                return self._wait_in_vain(job, options, before + 1)
            return self.send(job, self.options(options))
        finally:
            heard = self.partner.heard[before:]
            self.memory.sent += [Sent(job.element, self.told(one)) for one in heard]

    def _wait_in_vain(
        self, job: bpmn.WaitingJob, options: Mapping[str, Any], number: int
    ) -> Mapping[str, Any]:
        """Call a partner that says nothing, with so little patience that the case goes on soon."""
        for seconds in _PATIENCE:
            try:
                return self.send(job, self.options({**options, "timeout": seconds}))
            except NotConnected:
                # A machine under load may need longer until the call has gone out.
                continue
            except (Transient, Unknown):
                self.partner.wait_for(number)
                raise
        raise NotConnected


def open_http(open_: ExitStack, memory: Memory, send: Send) -> HttpFake:
    """The fake of ``http``."""
    partner = open_.enter_context(HttpPartner())
    return HttpFake(partner, memory, send, _http_options, told_call)


def open_webhook(open_: ExitStack, memory: Memory, send: Send) -> HttpFake:
    """The fake of ``webhook``."""
    partner = open_.enter_context(HttpPartner())
    return HttpFake(partner, memory, send, _webhook_options, told_message)


def _http_options(found: Mapping[str, Any]) -> Mapping[str, Any]:
    said = dict(found)
    return {"base_url": said.pop("url"), **said}


def _webhook_options(found: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**found, "secrets": SECRET}


def _act(reply: Reply | None) -> Act | None:
    if reply is None:
        return None
    if reply.fails:
        return fails(reply.fails)
    later = {} if reply.after is None else {"Retry-After": str(reply.after)}
    body, media_type = _body(reply)
    return answers(reply.status, body, media_type, {**later, **reply.headers})


def _body(reply: Reply) -> tuple[str, str]:
    if reply.xml is not None:
        return reply.xml, "application/xml; charset=utf-8"
    if reply.text is not None:
        return reply.text, "text/plain; charset=utf-8"
    said = json.dumps(reply.json, ensure_ascii=False) if reply.has_json else ""
    return said, "application/json"


def receive(post: Post) -> tuple[str, Mapping[str, Any], str]:
    """What the connector makes of a webhook that a partner posts to us: the message's name, values
    and correlation key. Raises ``ValueError`` for one that is not let in."""
    kind = registry.kinds()["webhook"]
    said = {"hook_signing": SECRET, "messages": _name(post), "key_field": post.key_field}
    body = json.dumps(post.body, ensure_ascii=False).encode()
    hook = Hook("POST", {}, dict(_headers(post, body)), body)
    try:
        (came,) = kind.read_inbound(hook, kind.Options().load(said))
    except NotGenuine as error:
        raise ValueError(str(error)) from None
    except ValidationError as error:
        raise ValueError(str(error)) from None
    return came.facts["message"], came.facts["data"], str(came.facts["key"])


def _name(post: Post) -> str:
    said = post.body.get("type")
    return said if isinstance(said, str) else ""


def _headers(post: Post, body: bytes) -> Iterator[tuple[str, str]]:
    yield "content-type", "application/json"
    if post.signed:
        keys, now = signing.read_secrets(SECRET), int(time.time())
        yield from signing.headers("test", body, keys, now).items()
