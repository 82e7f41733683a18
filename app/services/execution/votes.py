"""One person, one vote: who completed one of several approvals takes no other of them.

Tasks whose elements carry the same word in the property ``one_vote`` are such approvals, within
one instance. What a diagram excludes by FEEL is worked out when the task comes; approvals that
stand side by side come before anybody has voted, so that who votes is excluded here.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select, update

import bpmn
from app.db import session
from app.models import ProcessInstance, User, UserTask
from app.services.execution.diagrams import Diagrams

VOTE = "one_vote"


def cast_before(
    instance: ProcessInstance, found: Diagrams, tasks: Iterable[bpmn.WaitingTask]
) -> dict[str, list[str]]:
    """The logins of those who voted already, for each word that these tasks carry."""
    words = {word for task in tasks if (word := found.property_of(task, VOTE))}
    return {word: _voters(instance.id, _elements(found, word)) for word in words}


def _voters(instance_id: int, elements: list[str]) -> list[str]:
    query = (
        select(User.login)
        .join(UserTask, UserTask.completed_by == User.id)
        .where(UserTask.instance_id == instance_id, UserTask.element.in_(elements))
        .distinct()
    )
    return sorted(session().scalars(query))


def cast(task: UserTask, found: Diagrams, login: str | None) -> None:
    """Exclude who completes this task from the approvals that stand beside it; what they had
    claimed of them is free again."""
    drawn = found.own.elements.get(task.element)
    word = drawn.properties.get(VOTE) if drawn else None
    if word is None or login is None:
        return
    beside = update(UserTask).where(
        UserTask.instance_id == task.instance_id,
        UserTask.element.in_(_elements(found, word)),
        UserTask.state == "open",
        UserTask.id != task.id,
    )
    excluded = func.array_append(UserTask.excluded_users, login)
    session().execute(beside.values(excluded_users=excluded, revision=UserTask.revision + 1))
    claimed = beside.where(UserTask.assignee_id == task.completed_by)
    session().execute(claimed.values(assignee_id=None, claimed_at=None))


def _elements(found: Diagrams, word: str) -> list[str]:
    return [key for key, one in found.own.elements.items() if one.properties.get(VOTE) == word]
