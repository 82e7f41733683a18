"""What a step writes, held back until the next statement, so that both go out as one.

A service task that follows another in its instance is queued by one step and begun at once: two
statements, of which the second one changes what the first one has just written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.db import session
from app.holding_session import HELD
from app.saving import (
    Added,
    Part,
    Removed,
    State,
    changed_columns,
    changed_rows,
    is_quiet,
    place_of,
    write,
)


class _Held(NamedTuple):
    """What is to be written, with the rows that changed, before the next statement or with it."""

    added: Sequence[Added]
    removed: Sequence[Removed]
    besides: Part | None

    def write(self) -> None:
        """Write it by itself."""
        write(session(), self.take_in(), self.removed, None, self.besides)

    def take_in(self) -> list[Added]:
        """The rows to add, with what became of those meanwhile that the session knows by the ids
        that they will have: of two parts of a statement none sees what the other writes."""
        work = session()
        known = {place_of(state): state for state in changed_rows(work)}
        return [
            (model, [_as_it_is(known, model, row, work) for row in rows])
            for model, rows in self.added
        ]


def _as_it_is(
    known: Mapping[tuple[str, int], State], model: type[Any], row: Mapping[str, Any], work: Session
) -> Mapping[str, Any]:
    state = known.get((model.__tablename__, row["id"])) if "id" in row else None
    if state is None:
        return row
    changed = {name: state.dict[name] for name in changed_columns(state)}
    state._commit_all(state.dict, work.identity_map)
    return {**row, **changed}


def hold_back(added: Sequence[Added], removed: Sequence[Removed], besides: Part | None) -> bool:
    """Let ``save`` wait until the next statement of this transaction, whatever it is, or its end:
    another ``save`` takes it along, so that both are one statement. Anything else is asked after
    it was written. False when it cannot wait, and nothing was done.

    Rows whose ids were fetched beforehand may be changed meanwhile as if they were written.
    """
    work = session()
    if HELD in work.info or not is_quiet(work):
        return False
    work.info[HELD] = _Held(added, removed, besides)
    return True
