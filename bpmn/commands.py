"""What the engine is told to do: one command is one step of an instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CompleteTask:
    """A person finished a user task."""

    key: str
    variables: Mapping[str, Any]
    completed_by: str | None = None
    """The login; seen by output mappings as ``completed_by``."""


@dataclass(frozen=True)
class ActivateElement:
    """Somebody asks for an element of a running ad-hoc subprocess."""

    key: str
    """Of the subprocess, as in ``Activatable``."""
    element: str


@dataclass(frozen=True)
class FireTimer:
    """A due timer fires."""

    key: str


@dataclass(frozen=True)
class DeliverMessage:
    """A message reaches one subscription."""

    key: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class DeliverSignal:
    """A signal from outside reaches one place that waits for it."""

    key: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class CompleteJob:
    """A parked service task has its result."""

    key: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class ThrowError:
    """A parked service task failed with a BPMN error; uncaught, it becomes a fault there."""

    key: str
    code: str
    message: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    persian: str | None = None
    """The message in Persian, where there are words for it."""
    family: tuple[str, ...] = ()
    """Wider codes of the same error, such as ``not_delivered``: an event for one of them catches
    it, too, where none is there for ``code`` itself."""


@dataclass(frozen=True)
class FailJob:
    """A parked service task failed for good without a BPMN error: a fault stands there."""

    key: str
    code: str
    message: str
    persian: str | None = None
    """As of a BPMN error."""


@dataclass(frozen=True)
class RetryFault:
    """An operator tries a faulted element again, with variables changed if given."""

    key: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SkipFault:
    """An operator takes a faulted element as done, with the values that it should have given.

    The values are written as they are, past the output mappings, which may be what failed.
    """

    key: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    flow: str | None = None
    """By which flow a gateway is left; without it by its default or its only one."""


@dataclass(frozen=True)
class SetVariables:
    """An operator changes variables of the process, or of one open scope in it."""

    variables: Mapping[str, Any]
    scope: str | None = None
    """The element, or the key of the token, whose own variables are meant."""


@dataclass(frozen=True)
class MoveToken:
    """An operator takes a token away, with all that it holds, and puts one before an element."""

    token: str
    """The key of the token, or the element where the only one stands."""
    to: str


@dataclass(frozen=True)
class Terminate:
    """An operator ends the instance at once."""

    reason: str


Command = (
    CompleteTask
    | ActivateElement
    | FireTimer
    | DeliverMessage
    | DeliverSignal
    | CompleteJob
    | ThrowError
    | FailJob
    | RetryFault
    | SkipFault
    | SetVariables
    | MoveToken
    | Terminate
)
