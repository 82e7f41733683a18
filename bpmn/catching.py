"""Errors and escalations: who around a token catches one, and how it is thrown there.

Both look from the inside out: first the event subprocesses of the scope in which the token
runs, then the boundary events of the activity around it, then the same one level further out,
through subprocesses and call activities (BPMN 2.0.2, 10.5.7). Of the events of one place that
for the very code is preferred to one for any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from bpmn.events import BoundaryEvent, StartEvent
    from bpmn.instance import Token

Kind = Literal["error", "escalation"]


@dataclass(frozen=True)
class Catcher:
    """An event that catches: at the edge of an activity, or the start of an event subprocess."""

    event: BoundaryEvent | StartEvent
    at: Token
    """The activity's token, or the listener of the start event."""

    def catch(
        self, kind: Kind, code: str, variables: Mapping[str, Any], message: str | None = None
    ) -> None:
        """Take effect, with the variables that came along and those that tell what came."""
        told = {"code": code} if message is None else {"code": code, "message": message}
        self.at.workflow.note(kind, self.event, None, **told)
        self.event.strike(self.at, {**variables, **self._kept(kind, told)})

    def _kept(self, kind: Kind, told: Mapping[str, str]) -> dict[str, str]:
        said = self.event.shape.extension.properties
        names = {part: said.get(f"{kind}{part.capitalize()}Variable") for part in told}
        return {name: told[part] for part, name in names.items() if name}


def catcher_of(
    token: Token, code: str, *, own: bool, kind: Kind = "error", family: Sequence[str] = ()
) -> Catcher | None:
    """The nearest catcher of an error or escalation; with ``own`` the token's activity counts.

    An event subprocess does not catch what is thrown inside itself. The ``family`` are wider
    codes of the same error, each of which catches it as well.
    """
    codes = (code, *family)
    return next((c for c in _catchers(token, kind, codes, own) if c is not None), None)


def _catchers(
    token: Token, kind: Kind, codes: Sequence[str], own: bool
) -> Iterator[Catcher | None]:
    if own:
        yield _best(_at_edge(token, kind), codes)
    place: Token | None = token
    while place is not None:
        yield _best(_in_scope(place, kind), codes)
        place = owner_of(place)
        if place is not None:
            yield _best(_at_edge(place, kind), codes)


def _best(found: Iterable[Catcher], codes: Sequence[str]) -> Catcher | None:
    catchers = list(found)
    of_code = (c for wanted in (*codes, None) for c in catchers if c.event.code == wanted)
    return next(of_code, None)


def _at_edge(host: Token, kind: Kind) -> Iterator[Catcher]:
    for event in getattr(host.task_spec, "boundaries", ()):
        if event.wait.kind == kind:
            yield Catcher(event, host)


def _in_scope(token: Token, kind: Kind) -> Iterator[Catcher]:
    """The event subprocesses that still listen in the token's scope; it may be one itself."""
    for other in token.workflow.by_scope.get(token.scope, {}).values():
        node = other.task_spec
        listens = other.memo.get("listens") == "start" and node.wait.kind == kind
        if listens and node.inside != token.task_spec.name:
            yield Catcher(node, other)


def owner_of(token: Token) -> Token | None:
    """The token of the subprocess or multi-instance body around a token."""
    owner = token.workflow.scopes.all[token.scope].owner
    return None if owner is None else token.workflow.live[owner]
