"""The floor: the least that a durable step must do, served by the very same web server.

One row is locked, its 12 kB rewritten and three small rows added, in one transaction. Whatever
completing a task costs above that is ours.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Blueprint, Flask
from sqlalchemy import text

from app.access import anyone
from app.db import session, transaction
from app.guard import csrf
from app.routes import RULES

ROWS = 400
SIZE = 12_000

TABLES = f"""
    CREATE TABLE bench_floor (
        id bigint PRIMARY KEY, revision bigint NOT NULL, state bytea NOT NULL);
    CREATE TABLE bench_floor_note (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, floor_id bigint NOT NULL
            REFERENCES bench_floor, kind text NOT NULL, at timestamptz NOT NULL DEFAULT now());
    INSERT INTO bench_floor SELECT n, 0, '' FROM generate_series(1, {ROWS}) n;
"""  # noqa: S608  # A number of ours.

_LOCK = text("SELECT id, revision FROM bench_floor WHERE id = :id FOR UPDATE")
_WRITE = text("UPDATE bench_floor SET revision = :revision, state = :state WHERE id = :id")
_NOTE = text("INSERT INTO bench_floor_note (floor_id, kind) VALUES (:id, :kind)")

blueprint = Blueprint("floor", __name__)


def init_floor(app: Flask) -> None:
    """Serve ``/floor``; open to all, since it measures what comes without any check."""
    app.register_blueprint(blueprint)
    csrf.exempt(blueprint)
    RULES.update({"floor.step": anyone, "floor.worker": anyone})


@blueprint.post("/floor/<int:row_id>")
def step(row_id: int) -> dict[str, Any]:
    """One durable step without anything in it."""
    state = os.urandom(SIZE)
    with transaction():
        work = session()
        row = work.execute(_LOCK, {"id": row_id}).one()
        work.execute(_WRITE, {"id": row_id, "revision": row.revision + 1, "state": state})
        for kind in ("left", "entered", "noted"):
            work.execute(_NOTE, {"id": row_id, "kind": kind})
    return {"revision": row.revision + 1}


@blueprint.get("/floor/worker")
def worker() -> dict[str, Any]:
    """Which process of the server answers, so that clients can spread evenly."""
    return {"pid": os.getpid()}
