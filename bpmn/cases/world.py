"""What surrounds a process while its cases run: tables, called processes, functions, forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bpmn import engine
from bpmn.cases.model import Case, Post, Sent
from bpmn.cases.stuck import Stuck
from bpmn.commands import Command
from bpmn.decision import DecisionModel
from bpmn.definition import Definition
from bpmn.model import Outcome, WaitingJob

Functions = Mapping[str, Callable[..., Any]]
Errors = Mapping[str, Any]
"""What is wrong with answers, by field; empty when nothing is."""


class Answer(Protocol):
    """Checks answers as a form would; gives them clean, and what is wrong with them."""

    def __call__(
        self, form: str, data: Mapping[str, Any], known: Mapping[str, Any], now: datetime
    ) -> tuple[Mapping[str, Any], Errors]:
        """The clean answers of a form and the errors; of an unknown form the data itself."""


def take_as_given(
    form: str, data: Mapping[str, Any], known: Mapping[str, Any], now: datetime
) -> tuple[Mapping[str, Any], Errors]:
    """No form is known: whatever is answered is taken."""
    return data, {}


def no_functions(now: datetime) -> Functions:
    """Only FEEL's own."""
    return {}


def no_more(case: Case) -> None:
    """There is nothing to forget."""


def hear_nothing() -> Sequence[Sent]:
    """There are no partners that hear anything."""
    return ()


def take_no_post(post: Post) -> tuple[str, Mapping[str, Any], str]:
    """No partner posts anything."""
    raise Stuck("Nobody takes webhooks: name “webhook” among the partners of the file.")


def leave_waiting(job: WaitingJob) -> Command | None:
    """There are no partners."""
    return None


@dataclass(frozen=True)
class World:
    """Everything that a case may meet beside the diagram itself."""

    decisions: Mapping[str, DecisionModel] = field(default_factory=dict)
    processes: tuple[Definition, ...] = ()
    """The processes that may be called; of the same key the last is the newest."""
    functions: Callable[[datetime], Functions] = no_functions
    """The FEEL functions that diagrams use, for an instant."""
    carry_out: Callable[[WaitingJob], Command | None] = leave_waiting
    """What a fake partner makes of a job to which the case gives nothing; None without one."""
    begin: Callable[[Case], None] = no_more
    """Called before each case: what fake partners remember of the one before is forgotten."""
    sent: Callable[[], Sequence[Sent]] = hear_nothing
    """What fake partners heard since the case began, in order."""
    receive: Callable[[Post], tuple[str, Mapping[str, Any], str]] = take_no_post
    """Name, values and correlation key of the message that a posted webhook brings; raises
    ``ValueError`` for one that is not let in."""
    check_start: Answer = take_as_given
    check_answers: Answer = take_as_given
    start: Callable[..., Outcome] = engine.start
    step: Callable[..., Outcome] = engine.step
    """What takes the steps: saved after each and restored before the next, as in the product."""
