"""Guards of the doors: attempts are counted, repeated calls are answered once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.db import session
from app.errors import KeyReused, TooManyAttempts
from app.models import Attempt, IdempotencyKey, Submission

WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=2)


def check_attempts(scope: str, subject: str, most: int, now: datetime) -> None:
    """Raise TooManyAttempts when ``most`` were counted within a quarter of an hour."""
    query = select(func.count(Attempt.id)).where(
        Attempt.scope == scope, Attempt.subject == subject[:254], Attempt.at > now - WINDOW
    )
    if (session().scalar(query) or 0) >= most:
        raise TooManyAttempts(minutes=int(WINDOW.total_seconds() // 60))


def count_attempt(scope: str, subject: str, now: datetime) -> None:
    """Count one attempt: a failed one at a door, any one at a submission."""
    session().add(Attempt(scope=scope, subject=subject[:254], at=now))


def moments(scope: str, subject: str) -> list[datetime]:
    """When the attempts were that are still kept, the newest first."""
    query = select(Attempt.at).where(Attempt.scope == scope, Attempt.subject == subject[:254])
    return list(session().scalars(query.order_by(Attempt.at.desc())))


def answer_once(
    user_id: int,
    key: str | None,
    payload: Mapping[str, Any],
    now: datetime,
    act: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any]]:
    """The status and body of ``act``, or those it gave when this key came before.

    The key's row is written first: a parallel call with the same key waits at the unique
    index until this transaction ends, and then finds the answer. Raises KeyReused when the
    key came with another payload (draft-ietf-httpapi-idempotency-key-header).
    """
    if key is None:
        return act()
    fingerprint = _fingerprint(payload)
    row_id = session().scalar(
        insert(IdempotencyKey)
        .values(user_id=user_id, key=key, fingerprint=fingerprint, created_at=now)
        .values(status=0, body={})
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.id)
    )
    if row_id is None:
        return _answer_again(user_id, key, fingerprint)
    row = session().get_one(IdempotencyKey, row_id)
    row.status, row.body = act()
    return row.status, row.body


def _answer_again(user_id: int, key: str, fingerprint: str) -> tuple[int, dict[str, Any]]:
    query = select(IdempotencyKey).where(
        IdempotencyKey.user_id == user_id, IdempotencyKey.key == key
    )
    row = session().scalars(query).one()
    if row.fingerprint != fingerprint:
        raise KeyReused
    return row.status, row.body


def _fingerprint(payload: Mapping[str, Any]) -> str:
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def prune(now: datetime) -> None:
    """Forget keys, attempts and sent pages that no longer guard anything."""
    session().execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT))
    session().execute(delete(Attempt).where(Attempt.at < now - KEPT))
    session().execute(delete(Submission).where(Submission.created_at < now - KEPT))
