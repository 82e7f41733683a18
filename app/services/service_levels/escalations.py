"""What a step of a ladder does: tell people, raise the priority, pass work on, wake a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import bpmn
import sla
from app import jobs
from app.access import SYSTEM
from app.errors import Conflict
from app.models import Delivery, ProcessInstance, ServiceRequest, SlaClock, User, UserTask
from app.services import history
from app.services.accounts import people
from app.services.deployment import definitions
from app.services.desk import absences, task_changes, task_giving
from app.services.execution import broadcasts, listening, processes
from app.services.sending import deliveries
from app.services.sending.staff_ways import Reader, may_read, reachable
from app.services.service_levels import clocks, promise_letters

MANAGER, ASSIGNEE, GROUP, CUSTOMER = "manager", "assignee", "group", "customer"
MOST_IN_A_ROW = 5
"""Processes that escalations of escalations begin, one because of the other."""
Done = dict[str, Any]


class NoRequest(Conflict):
    """The work belongs to no request."""

    fa = "این کار به درخواستی تعلق ندارد."


class TooManyInARow(Conflict):
    """{most} processes in a row were begun by escalations; no further one is."""

    fa = "{most} فرایند پی‌درپی را پیگیری‌ها آغاز کرده‌اند؛ دیگر آغاز نمی‌شود."


class HasLeft(Conflict):
    """{login} works here no longer and nobody stands in."""

    fa = "{login} دیگر همکار نیست و جانشینی ندارد."


@dataclass(frozen=True)
class Case:
    """The clock whose step has come, locked with all it may change."""

    clock: SlaClock
    request: ServiceRequest | None
    instances: Sequence[ProcessInstance]
    step: sla.LadderStep
    now: datetime

    def tasks(self) -> list[UserTask]:
        """The open work that it is about: the clock's own task, else all of the request."""
        return task_changes.open_of(
            [one.id for one in self.instances], self.clock.instance_id, self.clock.task_key
        )

    def held_tasks(self) -> list[UserTask]:
        """The same as it stands now, locked for being changed."""
        return task_changes.held_of(
            [one.id for one in self.instances], self.clock.instance_id, self.clock.task_key
        )

    def facts(self) -> dict[str, Any]:
        """What processes are told."""
        return {
            "promise": self.clock.metric,
            "step": self.step.key,
            "due_at": self.clock.due_at.isoformat() if self.clock.due_at else None,
            "request": self.request.number if self.request else None,
            "priority": self.request.priority if self.request else None,
        }


def act(case: Case, action: sla.Action) -> Done:
    """Do one action; what came of it, for the history. Raises PeygirError when it cannot be."""
    return _ACTIONS[action.kind](case, action)


def _notify(case: Case, action: sla.Action) -> Done:
    told: dict[str, Mapping[str, str]] = {}
    rows: list[Delivery] = []
    for recipient in action.to:
        if recipient == CUSTOMER:
            written = _to_customer(case, action.template)
            if written is not None:
                told[CUSTOMER] = _of_customer(case)
                rows.append(written)
            continue
        readers = _readers(case, recipient)
        letters = [(one.user, _to_user(case, action.template, one)) for one in readers]
        told |= {f"user:{user.login}": user.names for user, letter in letters if letter}
        rows += [letter for _, letter in letters if letter]
    sent = list(deliveries.by_mailbox(rows).values())
    deliveries.keep(sent)
    jobs.defer_all([jobs.Order(jobs.SEND_DELIVERY, {"delivery_id": one.id}) for one in sent])
    return {"people": list(told.values()), "letters": len(sent)}


def _of_customer(case: Case) -> Mapping[str, str]:
    """The customer by the name that was given with the request, which no language changes."""
    name = _request(case).contact_name
    return {"fa": name, "en": name}


def _readers(case: Case, recipient: str) -> list[Reader]:
    """Whom a word of the ladder means, of those who may know of the request.

    Work that nobody has taken yet is told to its group; a group of which nobody can be written
    to, to the managers.
    """
    found = _readers_of(case, _meant(case, recipient))
    return found or _readers_of(case, people.managers())


def _meant(case: Case, recipient: str) -> list[User]:
    work = case.tasks()
    groups = {key for task in work for key in task.candidate_groups}
    named = {login for task in work for login in task.candidate_users}
    if recipient == ASSIGNEE:
        holders = {task.assignee_id for task in work if task.assignee_id is not None}
        return people.of_ids(holders) if holders else _meant(case, GROUP)
    if recipient == GROUP:
        return people.members(groups) or people.of_logins(named)
    if recipient == MANAGER:
        heads = people.managers()
        near = [one for one in heads if groups & {group.key for group in one.groups}]
        return near or heads
    return people.members([recipient.removeprefix("group:")])


def _readers_of(case: Case, users: Iterable[User]) -> list[Reader]:
    """Those to whom a letter goes. A program reads none, so nobody was told by writing to it."""
    request, persons = case.request, reachable(u for u in users if "integration" not in u.roles)
    return [one for one in persons if request is None or may_read(one.user, request)]


def _to_user(case: Case, template: str, reader: Reader) -> Delivery | None:
    return promise_letters.to_user(reader, case.request, case.clock, case.step, template, case.now)


def _to_customer(case: Case, template: str) -> Delivery | None:
    request = _request(case)
    return promise_letters.to_customer(request, case.clock, template, case.now)


def _raise_priority(case: Case, action: sla.Action) -> Done:
    request = _request(case)
    wanted = _raised(request.priority, action.to[0])
    if wanted == request.priority:
        return {"priority": wanted, "raised": False}
    active = [one for one in case.instances if one.status == "active"]
    for instance in active:
        command = bpmn.SetVariables({"priority": wanted})
        cause = {"kind": "escalated", "promise": case.clock.names, "step": dict(case.step.names)}
        processes.advance(instance, command, cause, SYSTEM, case.now)
    if request.priority != wanted:
        request.priority = wanted
        clocks.renew(request, case.now)
    return {"priority": wanted, "raised": True}


def _raised(now: str, wanted: str) -> str:
    """The priority that is asked for; one that is no more urgent changes nothing."""
    at = sla.PRIORITIES.index(now) if now in sla.PRIORITIES else sla.PRIORITIES.index("normal")
    if wanted == sla.ONE_MORE:
        return sla.PRIORITIES[max(at - 1, 0)]
    return wanted if sla.PRIORITIES.index(wanted) < at else now


def _reassign(case: Case, action: sla.Action) -> Done:
    kind, _, key = action.to[0].partition(":")
    user = _present(key, case.now) if kind == "user" else None
    given = [task for task in case.held_tasks() if task_giving.pass_on(task, key, user, case.now)]
    names = user.names if user else people.group_names(key)
    return {"names": dict(names), "tasks": len(given)}


def _present(login: str, now: datetime) -> User:
    """The user, or who stands in while that one is away; raises HasLeft."""
    user = people.by_login(login)
    present = absences.substitutes_of([user.login], now).get(user.login, user)
    if not present.is_active:
        raise HasLeft(login=user.login)
    return present


def _signal(case: Case, action: sla.Action) -> Done:
    sent = broadcasts.send(action.to[0], case.facts(), case.now)
    return {"reached": sent.reached, "begun": sent.begun}


def _tell(case: Case, action: sla.Action) -> Done:
    request = _request(case)
    heard = listening.deliver(action.to[0], request, case.facts(), SYSTEM, case.now)
    return {"heard": heard}


def _start_process(case: Case, action: sla.Action) -> Done:
    turn = _turn(case.clock) + 1
    if turn > MOST_IN_A_ROW:
        raise TooManyInARow(most=MOST_IN_A_ROW)
    told = {"promise": case.clock.names, "step": dict(case.step.names), "escalations": turn}
    row = definitions.latest(action.to[0])
    begun = processes.start(row, {"escalation": case.facts()}, SYSTEM, case.now, told=told)
    return {"instance": begun.id, "names": dict(row.names)}


def _turn(clock: SlaClock) -> int:
    """How many escalations in a row have led to the process of this clock."""
    if clock.instance_id is None:
        return 0
    begun = history.of_instance(clock.instance_id, limit=1)
    cause = begun[0].data.get("cause", {}) if begun else {}
    return int(cause.get("escalations", 0))


def _request(case: Case) -> ServiceRequest:
    if case.request is None:
        raise NoRequest
    return case.request


_ACTIONS: Mapping[str, Callable[[Case, sla.Action], Done]] = {
    "notify": _notify,
    "raise_priority": _raise_priority,
    "reassign": _reassign,
    "signal": _signal,
    "message": _tell,
    "start_process": _start_process,
}
