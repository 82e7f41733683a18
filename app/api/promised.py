"""The promises in the answers of one call, read with one question for all that it lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import g

from app.db import session
from app.services import standing
from app.services.standing import Standing


def gather(request_ids: Iterable[int | None]) -> None:
    """Read the promises of all requests that the answer is going to name."""
    g.promised = standing.of_requests([one for one in request_ids if one is not None], g.now)


def of(request_id: int | None) -> Sequence[Standing]:
    """The promises of one request; none for a task without one."""
    if request_id is None:
        return ()
    found: standing.Found | None = g.get("promised")
    if found is None:
        session().flush()
        found = standing.of_requests([request_id], g.now)
    return found.of(request_id)
