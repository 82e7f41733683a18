"""The parts of a statement that write what becomes of clocks and of their due moments."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import TextClause, text

from app.models import SlaClock
from app.saving import each_of
from app.services.execution import moments

_NAMES = ", ".join(name for name in SlaClock.__table__.c.keys() if name != "id")  # noqa: SIM118
_MADE = f"""made AS (
        INSERT INTO sla_clock ({_NAMES}) SELECT {_NAMES}
          FROM jsonb_populate_recordset(CAST(NULL AS sla_clock), CAST(:clocks AS jsonb))
        RETURNING id, metric, cycle, task_key, request_id
    )"""  # noqa: S608  # All parts are our own names, here and below.
_PLANNED = """planned AS (
        SELECT * FROM jsonb_to_recordset(CAST(:planned AS jsonb)) AS one (
            clock_id bigint, metric text, cycle bigint, task_key text, request_id bigint,
            key text, due_at timestamptz)
    )"""
_OF_NEW = """LEFT JOIN made ON planned.clock_id IS NULL AND made.metric = planned.metric
            AND made.cycle = planned.cycle AND made.task_key IS NOT DISTINCT FROM planned.task_key
            AND made.request_id IS NOT DISTINCT FROM planned.request_id"""


@lru_cache(maxsize=256)
def parts(new: bool, planned: bool, known: int, gone: int) -> str:
    """What writes new clocks, so many due moments of known clocks and so many that go.

    A clock has at most one due moment, that of its next step: it is moved or made. A new clock is
    found by what it is called within its step, since it has no id yet.
    """
    found = [_MADE] if new else []
    of_gone = enumerate(each_of("clock_id", "gone", gone))
    found += [f"gone{n} AS (DELETE FROM due_moment WHERE {one})" for n, one in of_gone]  # noqa: S608
    if planned:
        of_known = each_of("clock_id", "known", known)
        moved = [_moved(number, one) for number, one in enumerate(of_known)]
        found += [_PLANNED, *moved, _climbing(len(moved), new=new)]
    return ", ".join(found)


def _climbing(moved: int, *, new: bool) -> str:
    of_new = _OF_NEW if new else ""
    clock = "coalesce(planned.clock_id, made.id)" if new else "planned.clock_id"
    others = " AND ".join(
        f"planned.clock_id NOT IN (SELECT clock_id FROM moved{number})"  # noqa: S608
        for number in range(moved)
    )
    behind = f"{of_new} WHERE planned.clock_id IS NULL OR {others}" if moved else of_new
    return f"""climbing AS (
        INSERT INTO due_moment (kind, clock_id, key, due_at)
        SELECT '{moments.LADDER}', {clock}, planned.key, planned.due_at FROM planned {behind}
    )"""  # noqa: S608


def _moved(number: int, of: str) -> str:
    return f"""moved{number} AS (
        UPDATE due_moment SET key = planned.key, due_at = planned.due_at, queued_at = NULL
          FROM planned WHERE due_moment.clock_id = planned.clock_id AND due_moment.{of}
        RETURNING due_moment.clock_id
    )"""  # noqa: S608


@lru_cache(maxsize=256)
def whole(parts: str) -> TextClause:
    """The statement of these parts alone."""
    return text(f"WITH {parts} SELECT")
