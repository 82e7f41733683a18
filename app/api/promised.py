"""The promises in the answers of one call, read with one question for all that it lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from flask import g

import sla
from app.db import session
from app.i18n import current_zone, format_full
from app.models import ServiceRequest
from app.services.desk.task_lists import TaskLine
from app.services.service_levels import sla_story, sla_words, standing
from app.services.service_levels.sla_story import Story
from app.services.service_levels.standing import Standing


def gather(request_ids: Iterable[int | None]) -> None:
    """Read the promises of all requests that the answer is going to name."""
    g.promised = standing.of_requests([one for one in request_ids if one is not None], g.now)


def gather_tasks(tasks: Sequence[TaskLine]) -> None:
    """The same for tasks; those of one request have brought its clocks along."""
    clocks = tasks[0].clocks if tasks else None
    if clocks is None:
        gather(one.request_id for one in tasks)
    else:
        g.promised = standing.of_columns(clocks, g.now)


def of(request_id: int | None) -> Sequence[Standing]:
    """The promises of one request; none for a task without one."""
    if request_id is None:
        return ()
    found: standing.Found | None = g.get("promised")
    if found is None:
        session().flush()
        found = standing.of_requests([request_id], g.now)
    return found.of(request_id)


def stories(request: ServiceRequest) -> list[dict[str, Any]]:
    """The whole story of each promise, with its words in the reader's language."""
    return [_story(one) for one in sla_story.of_request(request, g.now)]


def _story(one: Story) -> dict[str, Any]:
    facts = {field.name: getattr(one, field.name) for field in fields(one)}
    return facts | {
        "why": sla_words.why(one.rule, one.names_of, g.language),
        "stands": sla_words.stands(one, g.language, _moment),
        "entries": [_entry(one, told) for told in one.told],
        "steps_done": one.done,
        "steps_coming": one.coming,
    }


def _entry(one: Story, told: sla.Told) -> dict[str, Any]:
    facts = {field.name: getattr(told, field.name) for field in fields(told)}
    return facts | {"words": sla_words.entry(one, told, g.language, _moment)}


def _moment(instant: datetime) -> str:
    return format_full(instant, g.language, current_zone())
