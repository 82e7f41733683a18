"""A message that is fetched once more takes nothing, not even a number."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from app.models import Channel
from app.services.intake import receiving
from app.services.intake.incoming import Incoming
from tests.support.application import transaction_of
from tests.support.clock import MovingClock


def _keep(app: Flask, incoming: Incoming, clock: MovingClock) -> int | None:
    with transaction_of(app):
        row = receiving.keep(incoming, clock())
        return row.id if row else None


def _first(app: Flask, clock: MovingClock) -> Incoming:
    with transaction_of(app) as session:
        channel = Channel(
            key="box", kind="imap", task_type="", names={}, options={}, enabled=False,
            is_default=False, policy={}, revision=1, created_at=clock(), updated_at=clock(),
        )  # fmt: skip
        session.add(channel)
        session.flush()
        return Incoming(
            channel.id, "1.1", "email", "d" * 64, "a@b.example", "words", message_id="<1@b>",
            raw=b"r\x00", html="<p>", sent_at=clock(),
        )  # fmt: skip


def test_polling_the_same_messages_burns_no_numbers(app: Flask, clock: MovingClock) -> None:
    one = _first(app, clock)
    first = _keep(app, one, clock)
    assert first is not None
    for again in (one, one, replace(one, external_id="2.7"), replace(one, message_id=None)):
        assert _keep(app, again, clock) is None
    assert _keep(app, replace(one, external_id="1.2", message_id="<2@b>"), clock) == first + 1


def test_messages_without_an_id_of_their_own_are_told_apart_by_the_partners(
    app: Flask, clock: MovingClock
) -> None:
    one = replace(_first(app, clock), message_id=None)
    first = _keep(app, one, clock)
    assert first is not None
    assert _keep(app, replace(one, external_id="1.2"), clock) == first + 1
