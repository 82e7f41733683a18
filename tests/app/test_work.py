"""What the worker does around a job: no network inside a transaction."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app import work_sending
from app.db import transaction
from connectors import Letter, address
from tests.support.clock import START

LETTER = Letter("d-1", address("us@example.org"), (address("a@example.org"),), "x", "y", START)


def test_a_letter_goes_out_between_transactions_only(session: Session, data: Path) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction():
        work_sending.send(LETTER)
    assert not list((data / "outbox").glob("*d-1*"))
    assert work_sending.send(LETTER) is None
    assert list((data / "outbox").glob("*d-1*"))
