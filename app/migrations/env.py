"""Alembic's entry: runs on the connection that ``app.migrate`` hands over."""

from __future__ import annotations

from alembic import context

import app.models  # noqa: F401  # Importing the package registers every table.
from app.db import db

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=db.metadata,
    compare_type=True,
    include_name=lambda name, kind, _: (
        not (kind == "table" and str(name).startswith("procrastinate_"))
    ),
)
with context.begin_transaction():
    context.run_migrations()
