"""Errors: who around a token catches one, and how it is thrown there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpmn.events import BoundaryEvent
    from bpmn.instance import Token


def catcher_of(token: Token, code: str, *, own: bool) -> tuple[Token, BoundaryEvent] | None:
    """The nearest activity around a token that catches an error, with its boundary event.

    With ``own`` the token's own activity is asked first. An event for the very code is
    preferred to one for any error.
    """
    host = token if own else owner_of(token)
    while host is not None:
        events = getattr(host.task_spec, "boundaries", [])
        for wanted in (code, None):
            for event in events:
                if event.wait.kind == "error" and event.code == wanted:
                    return host, event
        host = owner_of(host)
    return None


def owner_of(token: Token) -> Token | None:
    """The token of the subprocess or multi-instance body around a token."""
    owner = token.workflow.scopes.all[token.scope].owner
    return None if owner is None else token.workflow.live[owner]


def throw_to(
    host: Token, event: BoundaryEvent, code: str, message: str, variables: Mapping[str, Any]
) -> None:
    """Let a boundary event catch an error, with the variables that came with it."""
    host.workflow.note("error", event, None, code=code, message=message)
    event.strike(host, variables)
