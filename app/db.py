"""The database session and the one place that commits.

An edge (handler, command, job) opens exactly one transaction with ``with transaction():``;
services never commit. Returning commits, raising rolls everything back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, registry

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


TYPES: dict[Any, Any] = {
    datetime: DateTime(timezone=True),
    int: BigInteger,
    dict[str, Any]: JSONB,
    dict[str, str]: JSONB,
    list[Any]: JSONB,
}
"""UTC instants, 64-bit keys and JSONB documents wherever a model does not say otherwise."""


class Base(DeclarativeBase):
    """What Flask-SQLAlchemy derives the models' base from."""

    registry = registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map=TYPES)


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"expire_on_commit": False},
)

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """Base of every table (Flask-SQLAlchemy builds the real one at run time)."""

else:
    Model = db.Model


def session() -> Session:
    """The session of the running request, command or job."""
    return db.session()


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction around the work of one edge.

    Opening a second one inside it is a mistake of the caller, since the inner commit
    would tear the outer work in two.
    """
    work = session()
    if work.info.get("transaction"):
        raise RuntimeError("a transaction is already open at this edge")
    work.info["transaction"] = True
    try:
        yield work
        work.commit()
    except BaseException:
        work.rollback()
        raise
    finally:
        work.info.pop("transaction", None)
