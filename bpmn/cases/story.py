"""One instance while its case is told: the clock, the last outcome, and all that happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bpmn.cases.giving import Giving
from bpmn.cases.model import Case, Step
from bpmn.cases.stuck import Stuck
from bpmn.cases.world import Answer, World
from bpmn.commands import Command, DeliverMessage, FireTimer
from bpmn.definition import Definition
from bpmn.deployed import DeployedTogether
from bpmn.errors import BpmnError
from bpmn.model import Outcome, Trace, WaitingJob, WaitingMessage, WaitingTask, WaitingTimer
from bpmn.nearness import nearness


class Story:
    """The instance of one case."""

    def __init__(self, definition: Definition, case: Case, world: World) -> None:
        self.definition, self.case, self.world = definition, case, world
        self.now = case.now
        self.outcome: Outcome | None = None
        self.deployed = DeployedTogether((definition, *world.processes), world.decisions)
        self.trace: list[Trace] = []
        self.ends: list[str] = []
        self.giving = Giving(case)
        self.rest: tuple[Step, ...] = case.steps
        """The steps that are still to come; what they name is not given without them."""

    @property
    def at(self) -> Outcome:
        """The last outcome; there is one as soon as the instance has begun."""
        if self.outcome is None:
            raise Stuck("The process has not begun.")
        return self.outcome

    def begin(self) -> None:
        """Start the instance as the case says."""
        start, form = self.case.start, self.definition.start_form
        data: Mapping[str, Any] = start.data
        if form and not (start.message or start.signal):
            data = self._checked(self.world.check_start, form, data, {}, "The start")
        ways = {"message": start.message, "signal": start.signal, "at": start.at}
        said = {name: way for name, way in ways.items() if way is not None}
        self._take(
            lambda: self.world.start(self.definition, data, self.now, **self._given(), **said)
        )

    def tell(self, command: Command) -> None:
        """Take any step."""
        state = self.at.state
        self._take(
            lambda: self.world.step(self.definition, state, command, self.now, **self._given())
        )

    def _given(self) -> dict[str, Any]:
        return {
            "decisions": self.world.decisions, "functions": self.world.functions(self.now),
            "deployed": self.deployed,
        }  # fmt: skip

    def _take(self, step: Any) -> None:
        try:
            outcome: Outcome = step()
        except BpmnError as error:
            raise Stuck(str(error)) from error
        self.outcome = outcome
        self.trace += outcome.trace
        self.ends += outcome.end_elements

    def answers(
        self, task: WaitingTask, data: Mapping[str, Any], by: str | None
    ) -> Mapping[str, Any]:
        """The answers as the task's form takes them; Stuck when a person could not give them."""
        if by is not None:
            _check_person(task, by)
        if task.form is None:
            return data
        check = self.world.check_answers
        return self._checked(check, task.form, data, task.variables, f"“{task.element}”")

    def _checked(
        self, check: Answer, form: str, data: Mapping[str, Any], known: Mapping[str, Any], who: str
    ) -> Mapping[str, Any]:
        clean, errors = check(form, data, known, self.now)
        if errors:
            told = "; ".join(f"{name}: {_words(said)}" for name, said in errors.items())
            raise Stuck(f"{who} cannot be answered like this, by its form {form}: {told}")
        return clean

    def task(self, element: str) -> WaitingTask | None:
        """The first user task that waits at an element."""
        return next((t for t in self.at.user_tasks if t.element == element), None)

    def job(self, name: str) -> WaitingJob | None:
        """The first job that waits at an element, or of a type."""
        return next((j for j in self.at.jobs if name in (j.element, j.type)), None)

    def subscription(self, message: str, correlation: str | None) -> WaitingMessage | None:
        """Where a message goes: to a token that stands and waits for it, else to a listener."""
        heard = [
            m for m in self.at.messages
            if m.message == message and correlation in (None, m.correlation)
        ]  # fmt: skip
        return min(heard, key=self._distance, default=None)

    def _distance(self, waiting: WaitingMessage) -> tuple[int, int]:
        known = (self.definition, *self.world.processes)
        home = next((one for one in known if one.sha256 == waiting.definition), self.definition)
        return nearness(home.elements[waiting.element])

    def deliver(self, message: str, data: Mapping[str, Any], correlation: str | None) -> None:
        """Let a message arrive."""
        waiting = self.subscription(message, correlation)
        if waiting is None:
            key = f" with the correlation key {correlation}" if correlation else ""
            raise Stuck(f"Nothing waits for the message “{message}”{key}.")
        self.tell(DeliverMessage(waiting.key, data))

    def next_timer(self, until: datetime) -> WaitingTimer | None:
        """The timer that comes due first, if it does by then."""
        due = [timer for timer in self.at.timers if timer.due_at <= until]
        return min(due, key=lambda timer: timer.due_at, default=None)

    def timer(self, element: str) -> WaitingTimer:
        """The timer of an element that comes first."""
        own = [timer for timer in self.at.timers if timer.element == element]
        if not own:
            raise Stuck(f"No timer waits at “{element}”.")
        return min(own, key=lambda timer: timer.due_at)

    def fire(self, timer: WaitingTimer) -> None:
        """Go on to a timer's instant, unless it lies in the past, and fire it."""
        self.now = max(self.now, timer.due_at)
        self.tell(FireTimer(timer.key))


def _check_person(task: WaitingTask, by: str) -> None:
    """Who is in which group no case knows; but candidate users alone are all there are.

    A mere assignee is not looked at, since a manager may assign the task to somebody else.
    """
    if by in task.excluded_users:
        raise Stuck(f"{by} may not do “{task.element}”: the property excludes names them.")
    named = task.candidate_users
    if named and not task.candidate_groups and by not in (*named, task.assignee):
        raise Stuck(f"{by} may not do “{task.element}”: it is for {', '.join(sorted(named))}.")


def _words(said: Any) -> str:
    return " ".join(map(str, said)) if isinstance(said, list | tuple) else str(said)
