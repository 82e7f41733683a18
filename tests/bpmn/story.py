"""Drives an instance by element names, and saves it "elsewhere" after every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import bpmn

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)


class Story:
    """One instance: what is told to it, what it answers, and all that happened so far."""

    def __init__(
        self,
        source: bytes,
        variables: Mapping[str, Any] | None = None,
        *,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        decisions: Mapping[str, Any] | None = None,
        deployed: bpmn.Deployed | None = None,
        **begin: Any,
    ) -> None:
        self.definition = bpmn.parse(source, "story.bpmn")
        self.functions, self.decisions = functions or {}, decisions or {}
        self.deployed = deployed
        self.now = NOON
        self.trace: list[bpmn.Trace] = []
        self._take(
            bpmn.start(
                self.definition, variables or {}, self.now, functions=self.functions,
                decisions=self.decisions, deployed=deployed, **begin,
            )
        )  # fmt: skip

    def tell(self, command: bpmn.Command) -> bpmn.Outcome:
        """Take any step."""
        return self._take(
            bpmn.step(
                self.definition, self.outcome.state, command, self.now, functions=self.functions,
                decisions=self.decisions, deployed=self.deployed,
            )
        )  # fmt: skip

    def _take(self, outcome: bpmn.Outcome) -> bpmn.Outcome:
        self.outcome, self.last = outcome, outcome.trace
        self.trace += outcome.trace
        self._survives_elsewhere(outcome)
        return outcome

    def _survives_elsewhere(self, outcome: bpmn.Outcome) -> None:
        """What is read from the state alone equals what the step said."""
        seen = bpmn.inspect(self.definition, outcome.state, deployed=self.deployed)
        for part in ("status", "user_tasks", "timers", "messages", "jobs", "faults", "tokens",
                     "variables", "places", "signals", "activatable"):  # fmt: skip
            assert getattr(seen, part) == getattr(outcome, part), part

    def complete(self, element: str, by: str | None = None, **variables: Any) -> bpmn.Outcome:
        """A person completes the (first) user task of an element."""
        return self.tell(bpmn.CompleteTask(self.task(element).key, variables, by))

    def task(self, element: str) -> bpmn.WaitingTask:
        """The first waiting user task of an element."""
        return next(t for t in self.outcome.user_tasks if t.element == element)

    def job(self, element: str) -> bpmn.WaitingJob:
        """The first parked job of an element."""
        return next(j for j in self.outcome.jobs if j.element == element)

    def done(self, element: str, **variables: Any) -> bpmn.Outcome:
        """The worker gives the result of a job."""
        return self.tell(bpmn.CompleteJob(self.job(element).key, variables))

    def activate(self, element: str) -> bpmn.Outcome:
        """Somebody asks for an element of the ad-hoc subprocess that runs."""
        (running,) = self.outcome.activatable
        return self.tell(bpmn.ActivateElement(running.key, element))

    def deliver(self, element: str, **variables: Any) -> bpmn.Outcome:
        """A message reaches an element."""
        key = next(m.key for m in self.outcome.messages if m.element == element)
        return self.tell(bpmn.DeliverMessage(key, variables))

    def signal(self, element: str, **variables: Any) -> bpmn.Outcome:
        """A signal from outside reaches an element."""
        key = next(s.key for s in self.outcome.signals if s.element == element)
        return self.tell(bpmn.DeliverSignal(key, variables))

    def wait(self, **duration: float) -> None:
        """Time passes; nothing fires by itself."""
        self.now += timedelta(**duration)

    def ring(self, element: str) -> bpmn.Outcome:
        """The clock comes for a timer, at its instant or later."""
        timer = next(t for t in self.outcome.timers if t.element == element)
        self.now = max(self.now, timer.due_at)
        return self.tell(bpmn.FireTimer(timer.key))

    def retry(self, element: str, **variables: Any) -> bpmn.Outcome:
        """An operator tries a fault again."""
        key = next(f.key for f in self.outcome.faults if f.element == element)
        return self.tell(bpmn.RetryFault(key, variables))

    @property
    def tasks(self) -> list[str]:
        """Elements of the waiting user tasks, sorted."""
        return sorted(t.element for t in self.outcome.user_tasks)

    @property
    def waiting(self) -> tuple[list[str], list[str]]:
        """Elements of the waiting timers and messages, sorted."""
        return (
            sorted(t.element for t in self.outcome.timers),
            sorted(m.element for m in self.outcome.messages),
        )

    @property
    def signals(self) -> list[str]:
        """Elements that wait for a signal, sorted."""
        return sorted(s.element for s in self.outcome.signals)

    @property
    def happened(self) -> list[str]:
        """The last step as short words, ``entered a``."""
        return [f"{t.kind} {t.element}" if t.element else t.kind for t in self.last]

    @property
    def path(self) -> list[str]:
        """The sequence flows taken since the start."""
        return [t.flow for t in self.trace if t.flow]

    @property
    def is_over(self) -> bool:
        """Whether the instance is completed and nothing waits any more."""
        o = self.outcome
        empty = not (o.user_tasks or o.timers or o.messages or o.jobs or o.faults or o.tokens)
        return o.status == "completed" and empty
