"""How lists of tasks for programs are asked for."""

from __future__ import annotations

import re
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services.desk import task_lists
from tests.app.services.story import actor


@pytest.mark.parametrize("narrowed", ["request", "instance"])
def test_the_tasks_of_one_are_found_by_it_however_many_stand_open(
    session: Session, narrowed: str
) -> None:
    who = actor("narges")
    seen_by = (who.kind, who.id, who.login, who.roles, who.groups)
    query = task_lists._query(seen_by, frozenset({narrowed, "state"}))
    asked, number = str(query.compile(dialect=session.connection().dialect)), count(1)
    for unwanted in ("seqscan", "bitmapscan"):
        session.execute(text(f"SET LOCAL enable_{unwanted} = off"))
    # A plan that serves for all values is made of the text alone.
    asked = re.sub(r"%\(\w+\)s", lambda _: f"${next(number)}", asked)
    plan = "\n".join(
        session.connection().exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {asked}").scalars()
    )
    assert "ix_user_task_state_id" not in plan
    assert re.search("ix_user_task_request_id|uq_user_task_instance_id", plan)
