"""What the fake SMS gateway takes, keeps and gives, whatever wire format it speaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Taken:
    """A message that the gateway has taken and bills."""

    id: int
    to: str
    text: str
    line: str = ""
    template: str = ""
    parameters: Any = None
    reference: str = ""
    state: str = "sent"
    """``sent``, ``delivered`` or ``failed``."""


@dataclass(frozen=True)
class Came:
    """A message that somebody has sent to a line of ours."""

    id: int
    sender: str
    line: str
    text: str
    at: int


class Store(Protocol):
    """What the wires need of the gateway."""

    messages: list[Taken]
    inbox: list[Came]

    def take(self, to: str, text: str, **more: Any) -> Taken: ...


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> Mapping[str, str]:
        """The query and the form together."""
        form = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {**self.query, **{name: values[0] for name, values in form.items()}}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Given:
    """What is answered."""

    status: int
    value: Any


@dataclass(frozen=True)
class HookCall:
    """A call that the gateway makes to us."""

    method: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""


def read_target(target: str) -> tuple[str, Mapping[str, str]]:
    """The path and the query of a request."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    return unquote(parts.path), {name: values[0] for name, values in query.items()}


Wire = Callable[[Store, Asked], Given]
"""A gateway's wire format."""
