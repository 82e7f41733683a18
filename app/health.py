"""What machines ask: is the process alive, and may it be given work?"""

from __future__ import annotations

from flask import Blueprint, Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db import session

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Serve ``/healthz`` and ``/readyz``."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def healthz() -> tuple[dict[str, str], int]:
    """Alive: this process answers."""
    return {"status": "ok"}, 200


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Ready: the database answers too; 503 while it is away."""
    try:
        session().execute(text("SELECT 1"))
    except (DBAPIError, PoolTimeout):
        return {"status": "the database does not answer"}, 503
    return {"status": "ready"}, 200
