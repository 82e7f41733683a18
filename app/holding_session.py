"""The session, which writes what is held back before anything else.

``app.held_back`` tells why a step may wait with what it writes.
"""

from __future__ import annotations

from typing import Any

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

HELD = "held back"
"""Under which the session keeps what is to be written before the next statement, or with it."""


def write_held(work: Session) -> None:
    """Write what ``app.held_back.hold_back`` has kept back, if anything."""
    held = work.info.pop(HELD, None)
    if held is not None:
        held.write()


class HoldingSession(FlaskSession):
    """The session of Flask-SQLAlchemy, which writes what is held back before it asks the server
    for anything, and lets go of what was noted in it when it ends.

    Else the notes hold it, and it the notes: all that a request has read would wait for the
    garbage collector.
    """

    def close(self) -> None:
        """End the transaction, let go of all objects and notes."""
        super().close()
        self.info.clear()

    def rollback(self) -> None:
        """Undo everything, also what was held back (``app.held_back.hold_back``)."""
        self.info.pop(HELD, None)
        super().rollback()

    def flush(self, objects: Any = None) -> None:
        """Write what has changed."""
        write_held(self)
        super().flush(objects)

    def execute(self, *args: Any, **options: Any) -> Any:
        """The result of a statement."""
        write_held(self)
        return super().execute(*args, **options)

    def scalar(self, *args: Any, **options: Any) -> Any:
        """The first value of a statement."""
        write_held(self)
        return super().scalar(*args, **options)

    def scalars(self, *args: Any, **options: Any) -> Any:
        """The first column of a statement."""
        write_held(self)
        return super().scalars(*args, **options)

    def connection(self, *args: Any, **options: Any) -> Connection:
        """The connection of the transaction."""
        write_held(self)
        return super().connection(*args, **options)

    def begin_nested(self) -> SessionTransaction:
        """A savepoint."""
        write_held(self)
        return super().begin_nested()


event.listen(HoldingSession, "before_commit", write_held)
