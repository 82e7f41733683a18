"""Raw mails are removed when their time is over, and what they said stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from app import jobs, work, work_mail
from app.models import Channel, InboundMessage
from app.services.intake import mail_keeping
from app.worker import TASKS
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

STATES = ("joined", "opened", "triage", "quarantined", "automatic", "bounce", "dropped")


@pytest.fixture
def keep(app: Flask, clock: MovingClock) -> Callable[[], list[str]]:
    """A mail in each state; ``keep()`` gives the states of those whose bytes are kept."""
    with transaction_of(app) as session:
        channel = Channel(
            key="box", kind="imap", task_type="", names={}, options={}, enabled=False,
            is_default=False, policy={}, revision=1, created_at=clock(), updated_at=clock(),
        )  # fmt: skip
        session.add(channel)
        session.flush()
        for state in STATES:
            session.add(
                InboundMessage(
                    channel_id=channel.id, external_id=state, medium="email", digest=state,
                    sender="a@b.example", sender_name="", recipient="", subject="s", body="words",
                    raw=b"r" * 1000, received_at=clock(), state=state, why="",
                )
            )  # fmt: skip

    def kept() -> list[str]:
        with app.app_context():
            work_mail.forget_old()
        with transaction_of(app) as session:
            rows = session.scalars(select(InboundMessage).order_by(InboundMessage.id))
            return [row.state for row in rows if row.raw is not None]

    return kept


def test_raw_mails_go_when_they_are_old_and_decided(
    app: Flask, clock: MovingClock, keep: Callable[[], list[str]]
) -> None:
    assert keep() == list(STATES)
    clock.move(hours=30 * 24 + 1)
    assert keep() == ["joined", "opened", "triage", "quarantined"]
    clock.move(hours=60 * 24)
    assert keep() == ["triage", "quarantined"]
    clock.move(hours=3650 * 24)
    assert keep() == ["triage", "quarantined"]
    with transaction_of(app) as session:
        row = session.scalars(select(InboundMessage).filter_by(state="joined")).first()
        assert row is not None
        assert (row.body, row.sender, row.subject) == ("words", "a@b.example", "s")
        assert row.raw_gone_at is not None
        sizes = mail_keeping.sizes()
    assert (sizes.count, sizes.size) == (2, 2000)


def test_the_days_are_settings(
    app: Flask,
    clock: MovingClock,
    keep: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = app.extensions["peygir.settings"]
    longer = replace(settings, keep_mail_days=10, keep_dropped_mail_days=3650)
    monkeypatch.setitem(app.extensions, "peygir.settings", longer)
    clock.move(hours=11 * 24)
    assert keep() == ["triage", "quarantined", "automatic", "bounce", "dropped"]


def test_many_go_in_batches(
    clock: MovingClock, keep: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    forget = mail_keeping.forget_some

    def forgotten(*given: Any) -> int:
        counts.append(forget(*given))
        return counts[-1]

    monkeypatch.setattr(mail_keeping, "BATCH", 2)
    monkeypatch.setattr(mail_keeping, "forget_some", forgotten)
    clock.move(hours=91 * 24)
    left = keep()
    assert (left, counts) == (["triage", "quarantined"], [2, 2, 1, 0])


def test_the_clock_has_it_done_by_a_worker(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    deferred: list[str] = []
    monkeypatch.setattr(jobs, "defer", lambda task, **_: deferred.append(task))
    with app.app_context():
        work.tidy()
    assert jobs.FORGET_MAILS in deferred
    assert TASKS[jobs.FORGET_MAILS] is work_mail.forget_old


def test_those_that_are_kept_for_longer_are_not_read(
    app: Flask, clock: MovingClock, keep: Callable[[], list[str]]
) -> None:
    asked: list[tuple[str, Any]] = []
    with transaction_of(app) as session:
        engine = session.connection().engine
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))

        @event.listens_for(engine, "before_cursor_execute")
        def note(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> None:
            asked.append((statement, values))

        mail_keeping.forget_some(app.extensions["peygir.settings"], clock())
        event.remove(engine, "before_cursor_execute", note)
        assert len(asked) == 2
        for statement, values in asked:
            said = session.connection().exec_driver_sql(f"EXPLAIN {statement}", values).scalars()
            plan = "\n".join(said)
            condition = next(line for line in plan.splitlines() if "Index Cond" in line)
            assert "ix_inbound_message_raw" in plan and "Sort" not in plan
            assert "state" in condition and "received_at" in condition
