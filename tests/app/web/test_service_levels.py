"""Administrators see and change calendars, policies and ladders, each change a new version."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.service_levels import sla_settings, sla_writing
from connectors import transport
from tests.app.web.conftest import Case, read, said
from tests.support.application import transaction_of

Login = Callable[..., FlaskClient]
HOUSE = "/service-levels"


def fields_of(page: Any) -> dict[str, str]:
    """What the form of an editing page would send."""
    [form] = page.xpath("//main//form[.//input[@name='how']]")
    return {name: value or "" for name, value in form.form_values()}


def test_the_list_names_what_is_in_force(login: Login) -> None:
    told = said(login("admin").get(HOUSE))
    for name in ("Iranian working week", "Complaints", "Escalation of complaints"):
        assert name in told
    assert "shipped with Peygir" in told


def test_a_calendar_is_seen_as_a_week_with_holidays_in_both_languages(login: Login) -> None:
    told = said(login("admin").get(f"{HOUSE}/calendar/iran"))
    assert "08:00–12:00" in told
    assert "نوروز" in told
    assert "Nowruz" in told


def test_policies_and_ladders_are_seen_in_words(login: Login) -> None:
    admin = login("admin")
    policy = said(admin.get(f"{HOUSE}/policy/complaint"))
    assert "priority urgent" in policy
    assert "any request" in policy
    ladder = said(admin.get(f"{HOUSE}/ladder/notice"))
    assert "Three quarters of the time are used" in ladder
    assert "Tell: who does it, the group" in ladder


@pytest.mark.parametrize(
    ("kind", "key"), [("calendar", "iran"), ("policy", "complaint"), ("ladder", "complaint")]
)
def test_a_form_that_is_sent_unchanged_means_the_same(
    app: Flask, login: Login, kind: sla_settings.Kind, key: str
) -> None:
    admin, path = login("admin"), f"{HOUSE}/{kind}/{key}/edit"
    sent = fields_of(read(admin.get(path)))
    answer = admin.post(path, data={**sent, "action": "save", "note": "the same"})
    assert answer.status_code == 303
    with transaction_of(app):
        assert len(sla_settings.versions(kind, key)) == 1
    other = {**sent, "names.en": "Another name", "action": "save"}
    assert admin.post(path, data=other).status_code == 303
    with transaction_of(app):
        new, old = sla_settings.versions(kind, key)
        lines = zip(new.source.splitlines(), old.source.splitlines(), strict=True)
        assert len([one for one, other in lines if one != other]) == 1
        read_new, read_old = (
            sla_writing.parse(kind, key, one.source, "en", new.at) for one in (new, old)
        )
        assert read_new.key == read_old.key
        assert said_by(read_new) == said_by(read_old)


def said_by(parsed: Any) -> Any:
    """What must be the same in two texts of one setting."""
    if hasattr(parsed, "week"):
        return parsed.week, parsed.country, parsed.closures, parsed.zone, parsed.added
    if hasattr(parsed, "steps"):
        return parsed.steps
    return {
        key: [(dict(rule.when), rule.target) for rule in sorted(metric.rules, key=str)]
        for key, metric in parsed.metrics.items()
    }


def test_a_preview_says_when_a_request_would_be_due_by_the_edited_text(
    login: Login, case: Case
) -> None:
    # The clock of the tests stands at half past nine on a Saturday.
    admin, path = login("admin"), f"{HOUSE}/policy/complaint/edit"
    sent = fields_of(read(admin.get(path)))
    sent |= {"acknowledgement.0.target": "PT2H", "case.day": "2026-05-07", "case.time": "11:00"}
    told = said(admin.post(path, data={**sent, "action": "preview"}))
    # One hour on Thursday, the second on Saturday.
    assert "Sat 9 May 2026, 09:00" in told
    assert "Version" not in said(admin.get(f"{HOUSE}/policy/complaint/edit"))
    calendar = f"{HOUSE}/calendar/iran/edit"
    sent = fields_of(read(admin.get(calendar)))
    sent |= {"week.thursday": "08:00-12:00, 13:00-20:00", "case.day": "2026-05-07",
             "case.time": "11:00", "case.service": "complaint"}  # fmt: skip
    told = said(admin.post(calendar, data={**sent, "action": "preview"}))
    assert "Thu 7 May 2026, 16:00" in told


def test_a_change_is_a_version_with_its_difference_and_a_way_back(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/ladder/notice"
    sent = fields_of(read(admin.get(f"{path}/edit")))
    sent |= {"steps.0.at": "60%", "action": "save", "note": "Warn sooner"}
    told = said(admin.post(f"{path}/edit", data=sent, follow_redirects=True))
    assert "version 2" in told
    assert "Warn sooner" in told
    assert '+ at = "60%"' in told
    assert '− at = "75%"' in told
    told = said(admin.post(f"{path}/back", data={"version": "1"}, follow_redirects=True))
    assert "version 3" in told
    assert "Back to version 1" in told


def test_what_is_wrong_is_told_with_key_and_line(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/calendar/iran/edit"
    sent = fields_of(read(admin.get(path))) | {"week.monday": "8-16"}
    answer = admin.post(path, data={**sent, "action": "save"})
    assert answer.status_code == 422
    assert "week.monday: '8-16' is not a shift such as 08:00-16:00" in said(answer)
    assert fields_of(read(answer))["week.monday"] == "8-16"
    ladder = f"{HOUSE}/policy/complaint/edit"
    text = fields_of(read(admin.get(f"{ladder}?how=text")))
    text["source"] = text["source"].replace('ladder = "notice"', 'ladder = "moon"')
    answer = admin.post(ladder, data={**text, "action": "save"})
    assert answer.status_code == 422
    assert "line 18, ladder: ladder moon is not known" in said(answer)
    broken = admin.post(ladder, data={**text, "source": "key = ", "action": "save"})
    assert broken.status_code == 422
    assert "line 1: not TOML" in said(broken)


def test_fields_and_text_are_two_ways_to_the_same_draft(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/calendar/iran/edit"
    sent = fields_of(read(admin.get(path))) | {"week.friday": "09:00-10:00"}
    as_text = fields_of(read(admin.post(path, data={**sent, "action": "text"})))
    assert "09:00-10:00" in as_text["source"]
    back = fields_of(read(admin.post(path, data={**as_text, "action": "fields"})))
    assert back["week.friday"] == "09:00-10:00"


def test_nobody_writes_over_what_another_kept_meanwhile(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/ladder/notice/edit"
    sent = fields_of(read(admin.get(path))) | {"action": "save"}
    admin.post(path, data={**sent, "steps.0.at": "60%"})
    late = admin.post(path, data={**sent, "steps.0.at": "50%"})
    assert late.status_code == 409
    assert "Somebody kept version 2 meanwhile" in said(late)


def test_closures_of_a_feed_are_added_to_the_draft(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/calendar/iran"
    sent: dict[str, Any] = fields_of(read(admin.get(f"{path}/edit")))
    feed = (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Move\r\n"
            b"DTSTART;VALUE=DATE:20260601\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")  # fmt: skip
    answer = admin.post(f"{path}/closures", data={**sent, "file": (io.BytesIO(feed), "a.ics")})
    assert "2026-06-01 | Move | Move" in fields_of(read(answer))["closures"]
    wrong = admin.post(f"{path}/closures", data={**sent, "file": (io.BytesIO(b"?"), "a.ics")})
    assert wrong.status_code == 422


def test_a_new_setting_begins_with_the_text_of_another(login: Login) -> None:
    admin = login("admin")
    page = admin.post(f"{HOUSE}/ladder/new", data={"key": "quick", "like": "notice"})
    sent = fields_of(read(page)) | {"names.en": "Quick", "action": "save"}
    told = said(admin.post(f"{HOUSE}/ladder/quick/edit", data=sent, follow_redirects=True))
    assert "Quickversion 1" in told
    assert admin.get(f"{HOUSE}/ladder/nowhere").status_code == 404
    assert admin.get(f"{HOUSE}/thing/iran").status_code == 404


@pytest.mark.parametrize("source", ["key = ", "metrics = 1", "metrics = {a = 1}", "[" * 5000])
def test_a_text_that_no_field_can_show_is_shown_as_text(login: Login, source: str) -> None:
    sent = {"how": "fields", "source": source, "action": "preview", "x.rows": "9" * 30}
    answer = login("admin").post(f"{HOUSE}/policy/complaint/edit", data=sent)
    assert answer.status_code == 422
    assert fields_of(read(answer))["how"] == "text"


def test_what_open_requests_would_lose_is_seen_before_it_is_saved(
    app: Flask, login: Login, case: Case
) -> None:
    admin, path = login("admin"), f"{HOUSE}/policy/complaint/edit"
    sent = fields_of(read(admin.get(f"{path}?how=text")))
    sent["source"] = sent["source"].replace("metrics.resolution", "metrics.settled")
    first = admin.post(path, data={**sent, "action": "save"})
    assert first.status_code == 422
    told = said(first)
    assert "no longer promised to 1 open requests" in told
    assert "Save it all the same" in told
    with transaction_of(app):
        assert sla_settings.newest("policy", "complaint") == 1
    seen = fields_of(read(first))
    assert admin.post(path, data={**seen, "action": "save"}).status_code == 303
    with transaction_of(app):
        assert sla_settings.newest("policy", "complaint") == 2


def test_a_policy_says_in_words_when_its_clocks_run(login: Login) -> None:
    told = said(login("admin").get(f"{HOUSE}/policy/complaint"))
    assert "the request was submitted" in told
    assert "waiting for the customer or waiting for a partner" in told
    assert "left:acknowledge" not in told.partition("The text of this version")[0]
    ladder = said(login("admin").get(f"{HOUSE}/ladder/complaint"))
    assert "when 75% of the time is used" in ladder
    assert "1 working day after the end" in ladder


def test_a_season_shows_its_days_and_hours(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/calendar/iran/edit"
    sent = fields_of(read(admin.get(f"{path}?how=text")))
    sent["source"] += (
        '\n[[seasons]]\njalali_from = "04-01"\njalali_to = "06-31"\n'
        '[seasons.week]\nsaturday = ["07:00-13:00"]\n'
    )
    assert admin.post(path, data={**sent, "action": "save"}).status_code == 303
    told = said(admin.get(f"{HOUSE}/calendar/iran"))
    assert "Other hours" in told
    assert "every Jalali year, 04/01 to 06/31" in told
    assert "07:00–13:00" in told


def test_what_nobody_opened_before_is_not_written_over(app: Flask, login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/calendar/iran/edit"
    sent = fields_of(read(admin.get(path)))
    other = {**sent, "names.en": "Another", "base": "", "action": "save"}
    assert admin.post(path, data=other).status_code == 409
    with transaction_of(app):
        assert sla_settings.newest("calendar", "iran") == 1


def test_what_nothing_uses_yet_is_previewed_as_if_it_were_used(login: Login) -> None:
    admin = login("admin")
    draft = admin.post(f"{HOUSE}/calendar/new", data={"key": "mornings", "like": "iran"})
    sent = fields_of(read(draft))
    days = {key: "09:00-10:00" for key in sent if key.startswith("week.")}
    told = said(admin.post(f"{HOUSE}/calendar/mornings/edit", data={**sent, **days}))
    assert "does not count by this calendar yet" in told
    assert "Iranian working week" in told


def test_a_preview_says_what_it_could_not_read(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/calendar/iran/edit"
    sent = fields_of(read(admin.get(path)))
    for name, typed in {"case.day": "99999", "case.time": "77:99"}.items():
        told = said(admin.post(path, data={**sent, name: typed, "action": "preview"}))
        assert f"“{typed}” is no" in told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.com/a.ics", "must begin with https://"),
        ("https://127.0.0.1/a.ics", "calls may not go to"),
        ("", "must begin with https://"),
    ],
)
def test_a_feed_is_fetched_from_the_public_internet_alone(
    login: Login, url: str, told: str
) -> None:
    admin = login("admin")
    sent = fields_of(read(admin.get(f"{HOUSE}/calendar/iran/edit")))
    asked = {**sent, "feed": "fetch", "feed_url": url}
    answer = admin.post(f"{HOUSE}/calendar/iran/closures", data=asked)
    assert answer.status_code == 422
    assert told in said(answer)


def test_the_closures_of_a_feed_come_into_the_draft(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: transport.Request) -> transport.Reply:
        assert request.url == "https://example.com/closed.ics"
        return transport.Reply(200, {}, FEED)

    monkeypatch.setattr(transport, "fetch", answer)
    admin = login("admin")
    sent = fields_of(read(admin.get(f"{HOUSE}/calendar/iran/edit")))
    asked = {**sent, "feed": "fetch", "feed_url": "https://example.com/closed.ics"}
    page = read(admin.post(f"{HOUSE}/calendar/iran/closures", data=asked))
    assert "2026-12-24" in fields_of(page)["closures"]


FEED = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;VALUE=DATE:20261224\r
SUMMARY:Closed\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_all_that_is_wrong_is_told_at_once(login: Login) -> None:
    admin, path = login("admin"), f"{HOUSE}/ladder/complaint/edit"
    source = "\n".join([
        'key = "complaint"', 'odd = 1', '[names]', 'fa = "پیگیری"', '[[steps]]', 'key = "half"',
        'at = "half"', 'names = {fa = "نیم", en = "Half"}', 'actions = [{notify = "nobody"}]',
    ])  # fmt: skip
    for language, missing in (("en", "is missing"), ("fa", "نیامده است")):
        page = read(admin.post(path, data={"how": "text", "source": source, "action": "save"},
                               headers={"Accept-Language": language}))  # fmt: skip
        [told] = page.xpath("//*[@role='alert']")
        lines = [one.text_content() for one in told.xpath(".//li")]
        for key in ("odd", "names.en", "steps.1.at", "steps.1.actions.1.notify"):
            assert any(key in one for one in lines), (key, lines)
        assert any(missing in one for one in lines)
