"""Clocks that no calendar can count: nothing fails, and the doctor tells of them."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from app.doctor.examination import check_clocks
from app.errors import Invalid
from app.models import SlaSetting
from app.services.service_levels import promises, reclock, sla_settings, sla_writing, standing
from tests.app.services.story import actor, run_service_jobs, submit
from tests.support.clock import MovingClock


def keep(session: Session, kind: sla_settings.Kind, key: str, source: str) -> None:
    """A version as nobody could save it."""
    version = sla_settings.newest(kind, key) + 1
    digest = hashlib.sha256(source.encode()).hexdigest()
    at = sla_settings.versions(kind, key)[0].at
    session.add(
        SlaSetting(kind=kind, key=key, version=version, source=source, sha256=digest, at=at)
    )
    session.flush()
    sla_settings.forget()


def source_of(kind: sla_settings.Kind, key: str) -> str:
    return sla_settings.versions(kind, key)[0].source


def without_hours() -> str:
    """The calendar of Iran without any hour of work."""
    return re.sub(r'(?m)^(\w+day) = \[".*"\]$', r"\1 = []", source_of("calendar", "iran"))


def problems() -> list[str]:
    return [one.text for one in check_clocks() if one.state == "problem"]


def test_a_request_is_opened_though_its_clocks_cannot_be_counted(
    session: Session, clock: MovingClock
) -> None:
    assert problems() == []
    keep(session, "calendar", "iran", without_hours())
    request = submit(clock())
    run_service_jobs(request, clock())
    found = {one.metric: one for one in standing.of_requests([request], clock()).of(request)}
    assert found["resolution"].state == "uncountable"
    assert found["resolution"].due_at is None
    assert {one.state for one in promises.of_request(request, clock())} == {"uncountable", "kept"}
    assert all(request.number in one for one in problems())
    assert any("“resolution”" in one for one in problems())


def test_what_cannot_be_counted_is_counted_once_the_calendar_is_mended(
    session: Session, clock: MovingClock
) -> None:
    mended = source_of("calendar", "iran")
    keep(session, "calendar", "iran", without_hours())
    request = submit(clock())
    sla_writing.save("calendar", "iran", mended, actor("admin"), clock())
    reclock.bring_batch("calendar", "iran", 0, clock())
    session.flush()
    assert {one.state for one in promises.of_request(request, clock())} == {"on_track"}
    assert request.next_due_at is not None
    assert problems() == []


def test_a_target_beyond_all_working_time_does_not_fail_a_submission(
    session: Session, clock: MovingClock
) -> None:
    minute = re.sub(r'(?m)^(\w+day) = \[".*"\]$', r"\1 = []", source_of("calendar", "iran"))
    minute = minute.replace("saturday = []", 'saturday = ["08:00-08:01"]')
    keep(session, "calendar", "iran", minute)
    keep(session, "policy", "complaint", source_of("policy", "complaint").replace("P10D", "P99D"))
    request = submit(clock())
    states = {one.metric: one.state for one in promises.of_request(request, clock())}
    assert states["resolution"] == "uncountable"


def test_a_calendar_that_is_never_open_is_refused(session: Session, clock: MovingClock) -> None:
    with pytest.raises(Invalid) as wrong:
        sla_writing.save("calendar", "iran", without_hours(), actor("admin"), clock())
    assert "week" in str(wrong.value.errors)
    assert sla_settings.newest("calendar", "iran") == 1


def test_a_calendar_by_which_a_promise_could_never_be_due_is_refused(
    session: Session, clock: MovingClock
) -> None:
    minute = without_hours().replace("saturday = []", 'saturday = ["08:00-08:01"]')
    with pytest.raises(Invalid) as wrong:
        sla_writing.save("calendar", "iran", minute, actor("admin"), clock())
    assert "complaint" in str(wrong.value.errors)


@pytest.mark.parametrize("target", ["P99999D", "PT999999H"])
def test_a_target_that_is_never_due_is_refused(
    session: Session, clock: MovingClock, target: str
) -> None:
    source = source_of("policy", "complaint").replace('"P10D"', f'"{target}"', 1)
    with pytest.raises(Invalid) as wrong:
        sla_writing.save("policy", "complaint", source, actor("admin"), clock())
    assert "metrics.resolution.targets.normal" in str(wrong.value.errors)


def test_a_closure_of_more_than_a_year_is_refused_and_a_season_to_come_is_not(
    session: Session, clock: MovingClock
) -> None:
    source = source_of("calendar", "iran")
    first = clock().date()
    stretches = [first + timedelta(days=number) for number in (0, 300, 600)]
    closed = ", ".join(f'"{a} to {b}"' for a, b in pairwise(stretches))
    with pytest.raises(Invalid):
        sla_writing.save(
            "calendar", "iran", source.replace("[names]", f"closures = [{closed}]\n[names]", 1),
            actor("admin"), clock(),
        )  # fmt: skip
    season = f"""
[[seasons]]
from = {first + timedelta(days=500)}
to = {first + timedelta(days=800)}
[seasons.week]
saturday = ["08:00-16:00"]
sunday = ["08:00-16:00"]
"""
    later = source_of("calendar", "iran").replace('key = "iran"', 'key = "later"')
    later = re.sub(r'(?m)^(\w+day) = \[".*"\]$', r"\1 = []", later)
    sla_writing.save("calendar", "later", later + season, actor("admin"), clock())
