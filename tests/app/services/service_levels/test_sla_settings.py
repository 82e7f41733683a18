"""Settings of service levels: versions, what a source may name, and what is shipped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import sla
from app.errors import Invalid, NoSuch
from app.models import Event, SlaSetting
from app.services.service_levels import sla_settings, sla_writing
from tests.app.services.story import actor
from tests.support.clock import MovingClock


def source_of(kind: sla_settings.Kind, key: str) -> str:
    return sla_settings.versions(kind, key)[0].source


def jobs_waiting(session: Session) -> list[dict[str, str]]:
    query = "SELECT args FROM procrastinate_jobs WHERE task_name = 'reclock' ORDER BY id"
    return list(session.scalars(text(query)))


def test_what_is_shipped_is_there_as_the_first_version(session: Session) -> None:
    assert set(sla_settings.keys("calendar")) == set(sla.calendars())
    assert set(sla_settings.keys("policy")) == set(sla.policies())
    assert set(sla_settings.keys("ladder")) == set(sla.ladders())
    assert sla_settings.policy("complaint") == sla.policies()["complaint"]
    assert sla_settings.calendar("iran@1") == sla.calendars()["iran"]
    assert sla_settings.reference("calendar", "iran") == "iran@1"
    assert all(row.shipped for row in session.scalars(select(SlaSetting)))


def test_an_edit_makes_a_version_of_its_own(session: Session, clock: MovingClock) -> None:
    admin = actor("admin")
    changed = source_of("policy", "complaint").replace('target = "PT4H"', 'target = "PT2H"', 1)
    row = sla_writing.save("policy", "complaint", changed, admin, clock(), " faster ")
    assert (row.version, row.by, row.note, row.shipped) == (2, admin.id, "faster", False)
    hours = timedelta(hours=1)
    newest = sla_settings.policy("complaint").metrics["acknowledgement"]
    first = sla_settings.policy("complaint@1").metrics["acknowledgement"]
    assert (newest.target(None), first.target(None)) == (2 * hours, 4 * hours)
    assert [one.version for one in sla_settings.versions("policy", "complaint")] == [2, 1]
    assert jobs_waiting(session) == [{"kind": "policy", "key": "complaint"}]
    event = session.scalars(select(Event).where(Event.kind == "setting_changed")).one()
    assert event.data == {"kind": "policy", "key": "complaint", "version": 2, "note": "faster"}
    same = sla_writing.save("policy", "complaint", changed, admin, clock())
    assert same.version == 2
    assert len(jobs_waiting(session)) == 1


def test_a_new_release_replaces_only_what_came_with_an_old_one(
    session: Session, clock: MovingClock
) -> None:
    assert sla_writing.install(clock()) == []
    older = session.scalars(select(SlaSetting).where(SlaSetting.key == "england")).one()
    older.source, older.sha256 = "of an older release", "0"
    own = source_of("calendar", "always").replace("Day and night", "Always")
    sla_writing.save("calendar", "always", own, actor("admin"), clock())
    session.flush()
    made = sla_writing.install(clock())
    assert [(row.kind, row.key, row.version) for row in made] == [("calendar", "england", 2)]
    assert jobs_waiting(session)[-1] == {"kind": "calendar", "key": "england"}
    assert sla_settings.calendar("always").names["en"] == "Always"


@pytest.mark.parametrize(
    ("kind", "key", "old", "new", "word"),
    [
        ("policy", "complaint", 'calendar = "iran"', 'calendar = "moon"', "calendar moon"),
        ("policy", "complaint", 'key = "complaint"', 'key = "other"', "key"),
        ("policy", "complaint", 'target = "PT4H"', 'target = "4h"', "metrics.acknowledgement"),
        ("ladder", "complaint", '"promise-half"', '"nothing"', "template nothing"),
        ("ladder", "complaint", '"group:managers"', '"group:cooks"', "group cooks"),
        ("ladder", "complaint", 'raise_priority = "+1"', 'reassign = "user:nobody"', "nobody"),
        ("ladder", "complaint", 'raise_priority = "+1"', 'start_process = "no"', "process no"),
        ("calendar", "iran", "Asia/Tehran", "Asia/Tehrun", "time_zone"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused(
    session: Session, clock: MovingClock, kind: sla_settings.Kind, key: str, old: str, new: str,
    word: str,
) -> None:  # fmt: skip
    source = source_of(kind, key)
    assert old in source
    with pytest.raises(Invalid) as caught:
        sla_writing.save(kind, key, source.replace(old, new, 1), actor("admin"), clock())
    [message] = caught.value.errors["source"]
    assert word.split()[-1] in message
    assert sla_settings.newest(kind, key) == 1


def test_a_version_that_nobody_has_is_named(session: Session) -> None:
    for ask in (sla_settings.calendar, sla_settings.policy, sla_settings.ladder):
        for key in ("nothing", "complaint@9"):
            with pytest.raises(NoSuch):
                ask(key)


def test_a_number_that_was_rolled_back_may_be_given_to_another_source(
    session: Session, clock: MovingClock
) -> None:
    source = source_of("calendar", "always")
    admin = actor("admin")
    with session.begin_nested() as point:
        sla_writing.save("calendar", "always", source.replace("Day", "One"), admin, clock())
        assert sla_settings.calendar("always").names["en"] == "One and night"
        point.rollback()
    sla_writing.save("calendar", "always", source.replace("Day", "Two"), admin, clock())
    assert sla_settings.calendar("always@2").names["en"] == "Two and night"


def test_a_process_that_has_met_a_newer_version_looks_for_it(
    session: Session, clock: MovingClock
) -> None:
    assert sla_settings.newest("calendar", "iran") == 1
    row = sla_settings.versions("calendar", "iran")[0]
    facts = {"kind": "calendar", "key": "iran", "source": row.source, "sha256": "1", "note": ""}
    session.add(SlaSetting(**facts, version=2, shipped=False, at=clock()))
    session.flush()
    assert sla_settings.newest("calendar", "iran") == 1
    assert sla_settings.reference("calendar", "iran", besides="iran@2") == "iran@2"
    assert sla_settings.reference("calendar", "always", besides="iran@2") == "always@1"
