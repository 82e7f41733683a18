"""Channels as administrators make and change them, and as they are found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.doctor.sent import check_channels
from app.errors import Conflict, Invalid, NoSuch
from app.models import Channel, Event
from app.services.sending import channel_settings, channels, keys
from app.services.sending.channel_settings import Draft
from tests.connectors.authorities import Authority
from tests.support.clock import MovingClock
from tests.support.kinds import SECRET, Partner
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("partner")

ENGLISH = Actor("user", names={"en": "Admin"}, language="en")
DRAFT = Draft(
    "birds", "parrot", {"en": "Birds", "fa": "پرندگان"},
    {"place": "garden", "port": "7", "words": ["a", "ب"]}, {"token": SECRET},
)  # fmt: skip


def save(draft: Draft, clock: MovingClock, actor: Actor = SYSTEM) -> Channel:
    return channel_settings.save(draft, actor, clock())


def test_a_channel_is_kept_with_its_secrets_apart_and_encrypted(
    session: Session, clock: MovingClock
) -> None:
    row = save(DRAFT, clock)
    assert row.options == {
        "place": "garden", "port": 7, "mood": "good", "loud": False, "words": ["a", "ب"], "map": {},
    }  # fmt: skip
    assert (row.task_type, row.enabled, row.is_default, row.revision) == ("parrot", True, False, 1)
    assert SECRET.encode() not in (row.secrets or b"")
    opened = channels.open_(channels.find("birds"))
    assert opened.options["token"] == SECRET
    assert opened.options["port"] == 7
    assert opened.secrets == (SECRET,)
    assert SECRET not in repr(opened)


def test_every_change_is_a_revision_in_the_history_without_its_secrets(
    session: Session, clock: MovingClock
) -> None:
    save(DRAFT, clock)
    save(replace(DRAFT, options={"place": "loft"}, secrets={}), clock)
    save(replace(DRAFT, options={"place": "loft"}, secrets={"token": "other-secret"}), clock)
    save(replace(DRAFT, options={"place": "loft"}, secrets={"token": None}), clock)
    told = [event.data for event in channel_settings.revisions("birds")]
    assert [one["revision"] for one in told] == [4, 3, 2, 1]
    assert [one["secrets"] for one in told] == [["token"], ["token"], [], ["token"]]
    assert [one["options"]["place"] for one in told] == ["loft", "loft", "loft", "garden"]
    written = json.dumps([event.data for event in session.scalars(select(Event))])
    assert SECRET not in written
    assert "other-secret" not in written
    assert session.scalars(select(Channel.secrets)).one() is None


def test_what_changes_nothing_makes_no_revision(session: Session, clock: MovingClock) -> None:
    save(DRAFT, clock)
    same = save(replace(DRAFT, secrets={}), clock)
    assert (same.revision, len(channel_settings.revisions("birds"))) == (1, 1)
    assert save(DRAFT, clock).revision == 1


def test_who_opened_an_older_revision_overwrites_nothing(
    session: Session, clock: MovingClock
) -> None:
    save(replace(DRAFT, base=0), clock)
    with pytest.raises(Conflict):
        save(replace(DRAFT, base=0), clock)
    save(replace(DRAFT, base=1, enabled=False), clock)
    with pytest.raises(Conflict):
        save(replace(DRAFT, base=1), clock)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"key": "Birds!"}, {"key"}),
        ({"key": ""}, {"key"}),
        ({"kind": "dodo"}, {"kind"}),
        ({"options": {}}, {"options.place"}),
        ({"options": {"place": "x", "port": "0", "mood": "odd"}}, {"options.port", "options.mood"}),
        ({"options": {"place": "x", "wings": 2}}, {"options.wings"}),
        ({"secrets": {"place": "x"}}, {"options.place"}),
        ({"policy": {"per_minute": 0, "attempts": 99}}, {"policy.per_minute", "policy.attempts"}),
        ({"policy": {"quiet_from": "22:00"}}, {"policy.quiet_to"}),
        ({"policy": {"quiet_from": "25:00", "quiet_to": "8:00"}}, {"policy.quiet_from"}),
        ({"names": {"en": "x" * 101}}, {"names"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_name(
    session: Session, clock: MovingClock, changes: dict[str, Any], wrong: set[str]
) -> None:
    for actor in (SYSTEM, ENGLISH):
        with pytest.raises(Invalid) as refused:
            save(replace(DRAFT, **changes), clock, actor)
        assert set(refused.value.errors) == wrong
        told = " ".join(text for texts in refused.value.errors.values() for text in texts)
        assert told
    assert session.scalars(select(Channel)).all() == []


def test_what_is_wrong_is_told_in_the_reader_s_language(
    session: Session, clock: MovingClock
) -> None:
    bad = replace(DRAFT, options={"port": "1000"})
    with pytest.raises(Invalid) as refused:
        save(bad, clock)
    assert refused.value.errors["options.place"] == ["این را وارد کنید."]
    assert refused.value.errors["options.port"] == ["باید از ۱ تا ۹۹ باشد."]
    with pytest.raises(Invalid) as refused:
        save(bad, clock, ENGLISH)
    assert refused.value.errors["options.place"] == ["Missing data for required field."]


def test_the_kind_of_a_channel_never_changes(session: Session, clock: MovingClock) -> None:
    save(DRAFT, clock)
    with pytest.raises(Invalid) as refused:
        save(replace(DRAFT, kind="email"), clock)
    assert set(refused.value.errors) == {"kind"}


def test_there_is_one_default_for_each_type_of_task(session: Session, clock: MovingClock) -> None:
    first = save(replace(DRAFT, is_default=True), clock)
    second = save(replace(DRAFT, key="more", is_default=True), clock)
    session.refresh(first)
    assert (first.is_default, second.is_default) == (False, True)
    assert channels.default_of("parrot") == channels.find("more")
    channel_settings.switch("more", SYSTEM, clock(), enabled=False)
    assert channels.default_of("parrot") is None
    with pytest.raises(IntegrityError), session.begin_nested():
        first.is_default = True
        session.flush()


def test_finding_a_channel_again_costs_no_statement(session: Session, clock: MovingClock) -> None:
    save(DRAFT, clock)
    channels.find("birds")
    with statements() as sent:
        channels.open_(channels.find("birds"))
        channels.default_of("email")
    assert sent == []
    with pytest.raises(NoSuch):
        channels.find("cats")
    with pytest.raises(NoSuch):
        channels.find_by_id(99)


def test_what_was_read_counts_no_more_after_a_rollback(
    app: Flask, session: Session, clock: MovingClock
) -> None:
    save(DRAFT, clock)
    session.commit()
    save(replace(DRAFT, options={"place": "moon"}), clock)
    assert channels.open_(channels.find("birds")).options["place"] == "moon"
    session.rollback()
    channels.forget()
    assert channels.open_(channels.find("birds")).options["place"] == "garden"


def test_a_channel_whose_kind_is_gone_or_whose_keys_are_lost_says_so(
    app: Flask, session: Session, clock: MovingClock
) -> None:
    row = save(DRAFT, clock)
    settings = app.extensions["peygir.settings"]
    file = settings.data / keys.FILE
    kept = file.read_text()
    try:
        file.unlink()
        with pytest.raises(keys.KeysLost):
            channels.open_(channels.find("birds"))
        # Who enters the secret again has a working channel again.
        save(replace(DRAFT, secrets={"token": "anew"}), clock)
        assert channels.open_(channels.find("birds")).options["token"] == "anew"
    finally:
        file.write_text(kept)
    save(DRAFT, clock)
    row.kind = "dodo"
    session.flush()
    channels.forget()
    with pytest.raises(channels.ChannelUnusable, match="dodo"):
        channels.open_(channels.find("birds"))


def test_options_that_their_kind_refuses_now_are_named_without_their_values(
    session: Session, clock: MovingClock
) -> None:
    row = save(DRAFT, clock)
    row.options = {**row.options, "mood": "so-so"}
    session.flush()
    channels.forget()
    with pytest.raises(channels.ChannelUnusable, match="mood") as unusable:
        channels.open_(channels.find("birds"))
    assert "so-so" not in str(unusable.value)


def test_all_secrets_go_under_the_newest_key(
    session: Session, clock: MovingClock, partner: Partner
) -> None:
    row = save(DRAFT, clock)
    save(replace(DRAFT, key="mute", secrets={}), clock)
    before = row.secrets
    keys.begin_new_key()
    assert channel_settings.encrypt_again(SYSTEM, clock()) == 1
    assert keys.drop_old_keys() >= 1
    session.refresh(row)
    assert row.secrets != before
    assert channels.open_(channels.find("birds")).options["token"] == SECRET


def test_a_certificate_for_tls_is_a_secret_and_its_end_is_told_by_the_doctor(
    session: Session, clock: MovingClock
) -> None:
    ours = Authority()
    pair = ours.sign("peygir.test", clock() + timedelta(days=10, hours=1))
    secrets = {"client_certificate": pair.certificate, "client_key": pair.key}
    draft = Draft("shop", "http", options={"base_url": "https://shop.example"}, secrets=secrets)
    row = save(draft, clock)
    assert not {"client_key", "client_certificate"} & set(row.options)
    kept = str(row.options).encode() + (row.secrets or b"")
    assert b"BEGIN" not in kept and pair.key.splitlines()[1].encode() not in kept
    stolen = replace(draft, secrets={"client_key": ours.sign("other").key})
    with pytest.raises(Invalid) as refused:
        save(stolen, clock, ENGLISH)
    [(field, [told])] = refused.value.errors.items()
    assert field == "options.client_key" and "another certificate" in told

    def said() -> list[str]:
        return [f"{one.state} {one.text}" for one in check_channels(clock()) if "shop" in one.text]

    day = f"{clock() + timedelta(days=10, hours=1):%Y-%m-%d}"
    assert said() == [f"note channel shop: client_certificate ends on {day}, in 10 days"]
    clock.move(days=11)
    assert said() == [f"problem channel shop: client_certificate has ended on {day}"]
    clock.move(days=-60)
    assert said() == []
