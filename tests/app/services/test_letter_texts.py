"""Letters worded by the organisation: checked, in versions, in force at once, shown beforehand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import bpmn
import connectors
from app.access import SYSTEM
from app.db import session as current
from app.db import transaction
from app.errors import DeploymentRefused, Invalid, NoSuch
from app.models import Delivery, Event, SlaClock
from app.services.deployment import call_rules, definitions
from app.services.sending import letter_previews, letter_saving, letters, wording
from app.services.sending.letter_saving import ChangedMeanwhile, Draft
from app.services.service_levels import sla_writing
from connectors.messages import said_in
from tests.app.services import story
from tests.app.services.calling import headers
from tests.bpmn.build import end, flows, process, service, start
from tests.support.clock import MovingClock
from tests.support.patience import wait_until

KEY = "complaint-acknowledged"
FA = "Subject: رسید: {{ request.number }}\n{{ customer.name }}، رسید.\n"
EN = "Subject: Here: {{ request.number }}\nDear {{ customer.name }}, it is here.\n"
ZONE = ZoneInfo("Asia/Tehran")


def save(clock: MovingClock, key: str = KEY, **changes: object) -> int:
    facts = {"texts": {"fa": FA, "en": EN}, "base": letters.version_of(key)} | changes
    return letter_saving.save(Draft(key, **facts), story.actor("admin"), clock())  # type: ignore[arg-type]


def wrong(clock: MovingClock, source: str, key: str = KEY, language: str = "en") -> list[str]:
    admin = story.actor("admin")
    draft = Draft(key, {"fa": FA, "en": source}, base=letters.version_of(key))
    with pytest.raises(Invalid) as refused:
        letter_saving.save(draft, type(admin)(**{**vars(admin), "language": language}), clock())
    assert list(refused.value.errors) == ["en"]
    return list(refused.value.errors["en"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("{{ ''.__class__.__mro__ }}", "only variables have parts"),
        ("{{ 'x'.foo }}", "only variables have parts that can be named"),
        ("{{ request.subject[99] }}", "request.subject[…]"),
    ],
)
def test_what_could_never_be_sent_is_not_kept(
    session: Session, clock: MovingClock, words: str, told: str
) -> None:
    """Else the next request would stand in a fault in place of being acknowledged."""
    before = letters.version_of(KEY)
    [found] = wrong(clock, f"{EN}{words}\n")
    assert told in found
    assert "3" in found
    assert letters.version_of(KEY) == before


def test_the_next_letter_says_the_newest_words(session: Session, clock: MovingClock) -> None:
    assert save(clock) == 1
    request = story.submit(clock(), language="en")
    story.run_service_jobs(request, clock())
    [row] = session.scalars(select(Delivery))
    assert (row.subject, row.body) == (
        f"Here: {request.number}", f"Dear {request.contact_name}, it is here.\n",
    )  # fmt: skip
    save(clock, texts={"fa": FA, "en": EN.replace("it is here", "we have it")})
    other = story.submit(clock(), language="en")
    story.run_service_jobs(other, clock())
    assert "we have it" in session.scalars(select(Delivery).order_by(Delivery.id)).all()[-1].body


def test_another_process_knows_a_new_version_within_a_second(
    session: Session, clock: MovingClock, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only what the test takes off it lets the second go by, not a slow machine.
    monkeypatch.setattr(letters, "FRESH_FOR", 3600.0)
    letters.sources(KEY)
    kept = app.extensions["peygir.letters"]
    save(clock)
    app.extensions["peygir.letters"] = kept
    assert letters.sources(KEY)["en"] != EN
    kept.asked_at -= letters.FRESH_FOR
    assert letters.sources(KEY)["en"] == EN


def test_versions_are_numbered_and_told_and_the_same_makes_none(
    session: Session, clock: MovingClock
) -> None:
    assert [save(clock, note="shorter"), save(clock)] == [1, 1]
    assert letter_saving.reset(KEY, "en", story.actor("admin"), clock()) == 2
    assert letters.sources(KEY) == {"fa": FA, "en": letters.shipped_sources(KEY)["en"]}
    assert letter_saving.reset(KEY, "fa", story.actor("admin"), clock()) == 3
    assert letters.worded(KEY) == frozenset()
    assert [(row.version, sorted(row.texts)) for row in letters.versions(KEY)] == [
        (3, []), (2, ["fa"]), (1, ["en", "fa"]),
    ]  # fmt: skip
    told = list(session.scalars(select(Event).where(Event.kind == letters.CHANGED)))
    assert [(one.element, one.data["version"]) for one in told] == [(KEY, n) for n in (1, 2, 3)]
    with pytest.raises(ChangedMeanwhile):
        save(clock, base=1)
    with pytest.raises(NoSuch):
        letter_saving.reset("own", "fa", story.actor("admin"), clock())


@pytest.mark.parametrize("act", ["save", "reset"])
def test_of_two_who_change_a_letter_at_once_nobody_overwrites_the_other(
    app: Flask, clock: MovingClock, act: str
) -> None:
    with app.app_context():
        admin = story.actor("admin")

    def change() -> str:
        with app.app_context(), transaction():
            if act == "reset":
                return str(letter_saving.reset(KEY, "fa", admin, clock()))
            with pytest.raises(ChangedMeanwhile):
                letter_saving.save(Draft(KEY, {"fa": FA, "en": EN}), admin, clock())
            return "refused"

    with ThreadPoolExecutor(1) as pool, app.app_context():
        with transaction():
            letters.hold()
            other = pool.submit(change)
            wait_until(lambda: bool(current().scalar(text(_WAITING))))
            assert letters.keep(KEY, {"fa": FA, "en": EN.replace("it is", "IT IS")}, admin, clock())
        assert other.result(60) == {"save": "refused", "reset": "2"}[act]
        assert "IT IS" in letters.find(KEY)["en"]


_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{{ request.nubmer }}", "Line 2: no letter knows “request.nubmer”."),
        ("\n{{ customer.phone }}", "Line 3: no letter knows “customer.phone”."),
        ("{{ secret_key }}", "Line 2: no letter knows “secret_key”."),
        ("{{ organisation.x }}", "Line 2: no letter knows “organisation.x”."),
        ("{{ request.number.x }}", "Line 2: no letter knows “request.number.x”."),
        (
            "{% if vars.x is defined %}{{ customer.name['a'].b }}{% endif %}",
            "Line 2: no letter knows “customer.name.a”.",
        ),
        ("{{ request.number | date }}", "Line 2: “request.number” is not the date or list"),
        ("{% for one in request.subject %}x{% endfor %}", "Line 2: “request.subject” is not"),
        ("{{ request }}", "Line 2: no letter knows “request”."),
        ("{{ promises.nothing | date }}", "Line 2: no letter knows “promises.nothing”."),
        ("{{ request.number.__class__.x }}", "Line 2: "),
        ("{{ request.number() }}", "Line 2: “call” is not allowed in a message"),
        ("{% include 'x' %}", "Line 2: "),
        ("{{ ''.join(x) }}", "Line 2: "),
    ],
)
def test_what_no_letter_knows_is_named_with_its_line(
    session: Session, clock: MovingClock, body: str, told: str
) -> None:
    if "__class__" in body:
        # What looks into a value finds nothing there: data has only keys.
        with pytest.raises(connectors.BadTemplate):
            connectors.render_source(
                f"Subject: x\n{body}", "t", "en", {"request": {"number": "1"}}, ZONE
            )
        return
    assert wrong(clock, f"Subject: x\n{body}\n")[0].startswith(told)
    assert "خط" in wrong(clock, f"Subject: x\n{body}\n", language="fa")[0]


def test_both_languages_are_needed_and_checked(session: Session, clock: MovingClock) -> None:
    with pytest.raises(Invalid) as refused:
        save(clock, "own-letter", texts={"fa": FA, "en": " "})
    assert list(refused.value.errors) == ["en"]
    with pytest.raises(Invalid) as refused:
        save(clock, texts={"fa": "no subject", "en": "Subject: \n"})
    assert sorted(refused.value.errors) == ["en", "fa"]
    with pytest.raises(Invalid) as refused:
        save(clock, "Bad Key")
    assert list(refused.value.errors) == ["key"]
    # A shipped letter is there in both, so that one may stay as it is.
    save(clock, texts={"fa": FA, "en": ""})
    assert letters.worded(KEY) == {"fa"}


def asking(template: str, *inputs: str) -> bytes:
    mapped = "".join(f'<zeebe:input source="=1" target="{one}"/>' for one in inputs)
    mapping = f"<zeebe:ioMapping>{mapped}</zeebe:ioMapping>" if inputs else ""
    return process(
        start(), service("tell", headers(template=template) + mapping, kind="notify"), end(),
        flows("start > tell > end"), key="plan",
    )  # fmt: skip


def test_a_variable_that_the_sending_process_does_not_give_is_doubted_until_seen(
    session: Session, clock: MovingClock
) -> None:
    texts = {"fa": FA, "en": f"{EN}{{{{ vars.amuont }}}}\n"}
    with pytest.raises(Invalid) as refused:
        save(clock, "complaint-decision", texts=texts)
    [told] = refused.value.errors["en"]
    assert "“vars.amuont”" in told
    assert save(clock, "complaint-decision", texts=texts, may_doubt=True) == 1


def test_a_letter_of_our_own_may_be_named_and_its_variables_are_judged_at_deployment(
    session: Session, clock: MovingClock
) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        definitions.deploy("plan.bpmn", asking("repair-planned"), SYSTEM, clock())
    assert {one.rule for one in refused.value.findings} == {"reference.template"}
    text = "Subject: Repair\n\n{{ vars.day | date }}\n"
    save(clock, "repair-planned", texts={"fa": text, "en": text})
    [told] = _lacks(asking("repair-planned"))
    assert "(repair-planned.en.txt (v1):3)" in told.message["en"]
    assert "vars.day" in told.message["fa"]
    assert told.remedy is not None
    assert _lacks(asking("repair-planned", "day")) == []
    definitions.deploy("plan.bpmn", asking("repair-planned", "day"), SYSTEM, clock())
    [plan] = [one for one in definitions.list_latest() if one.key == "plan"]
    assert definitions.warnings_of(plan) == ()
    # The process is known now, so that another variable is judged by it.
    other = text.replace("vars.day", "vars.hour")
    with pytest.raises(Invalid):
        save(clock, "repair-planned", texts={"fa": text, "en": other})
    letters.keep("repair-planned", {"fa": text, "en": other}, SYSTEM, clock())
    assert [one.rule for one in definitions.warnings_of(plan)] == ["template.variable"]


def _lacks(source: bytes) -> list[bpmn.Finding]:
    made = bpmn.parse(source, "plan.bpmn")
    return list(call_rules.judge(made, frozenset(), letters.said_by))


def test_a_shipped_letter_names_file_and_line_of_what_is_missing() -> None:
    made = bpmn.parse(asking("complaint-question"), "plan.bpmn")
    found = [
        one for one in call_rules.judge(made, frozenset()) if "vars.question" in one.message["en"]
    ]
    assert "complaint-question.en.txt:" in found[0].message["en"]
    assert (found[0].line > 1, found[0].element) == (True, "tell")


def test_a_ladder_may_send_a_letter_of_our_own(session: Session, clock: MovingClock) -> None:
    ladder = """
        key = "complaint"
        names = {fa = "x", en = "x"}
        [[steps]]
        key = "first"
        at = "50%"
        names = {fa = "x", en = "x"}
        actions = [{notify = ["manager"], template = "wake-up"}]
    """
    with pytest.raises(Invalid):
        sla_writing.save("ladder", "complaint", ladder, story.actor("admin"), clock())
    text = "Subject: {{ vars.promise }}\n{{ vars.url }}\n"
    save(clock, "wake-up", texts={"fa": text, "en": text})
    sla_writing.save("ladder", "complaint", ladder, story.actor("admin"), clock())
    with pytest.raises(Invalid):
        save(clock, "wake-up", texts={"fa": text, "en": text.replace("url", "link")})


def test_the_words_for_texts_stand_in_the_second_line(session: Session, clock: MovingClock) -> None:
    source = "Subject: s\nSMS: {{ request.number }} رسید. {{ request.tracking_url }}\n\nbody\n"
    made = connectors.render_source(
        source, "t", "fa", {"request": {"number": "R-1", "tracking_url": "u"}}, ZONE
    )
    assert (made.subject, made.short, made.body) == ("s", "R-1 رسید. u", "body\n")
    with pytest.raises(connectors.BadTemplate) as bad:
        connectors.render_source(
            source.replace("body", "{{ x.y }}"), "t", "fa", {"request": {}}, ZONE
        )
    assert bad.value.line in (2, 4)
    assert [one.mention.line for one in said_in(source, "t")] == [2, 2]


def test_the_words_of_staff_reach_the_customer_whatever_frame_is_written_around_them(
    session: Session, clock: MovingClock
) -> None:
    request = story.submit(clock(), language="en")
    shipped = wording.reply(request, "Long words.")
    assert shipped.subject == f"{request.number}: {request.subject}"
    assert shipped.body.startswith("Long words.\n\nAnswer and follow up: http")
    texts = {"fa": "Subject: x\n{{ vars.body }}\n", "en": "Subject: x\nNothing.\n"}
    with pytest.raises(Invalid) as refused:
        save(clock, wording.REPLY, texts=texts)
    assert refused.value.errors == {"en": ["The letter must say “vars.body”."]}
    promised = "Subject: x\n{{ vars.body }} {{ promises.first_response | date }}\n"
    save(clock, wording.REPLY, texts=texts | {"en": promised})
    # Such a promise is not known where a reply is written, and the words must not be lost.
    assert wording.reply(request, "Long words.") == shipped
    save(clock, wording.REPLY, texts=texts | {"en": "Subject: Re\n{{ vars.body }}\n"})
    assert wording.reply(request, "Long words.") == connectors.Message("Re", "Long words.\n")


class TestPreview:
    """A letter filled with a real request."""

    def test_both_languages_as_mail_and_text_without_the_customers_key(
        self, session: Session, clock: MovingClock
    ) -> None:
        request = story.submit(clock())
        found = letter_previews.of_request(
            KEY, letters.find(KEY), request.number, story.actor("admin"), clock()
        )
        assert sorted(found) == ["en", "fa"]
        for language, made in found.items():
            assert request.number in made.subject
            assert request.tracking_code not in made.subject + made.body
            assert made.sms is not None
            assert request.tracking_code not in made.sms.text
            assert "/portal/track/XXXXXXXXXXXX" in made.body
            assert "/portal/track/XXXXXXXXXXXX" in made.sms.text
            assert made.sms.count == (2 if language == "fa" else 1)
            assert (made.missing, made.wrong) == ((), "")

    def test_what_the_request_does_not_know_is_named_and_the_rest_shown(
        self, session: Session, clock: MovingClock
    ) -> None:
        request = story.submit(clock(), language="en")
        made = letter_previews.of_request(
            "complaint-question", letters.find("complaint-question"), request.number,
            story.actor("admin"), clock(),
        )["en"]  # fmt: skip
        assert "vars.question" in made.missing
        assert "‹question›" in made.body
        assert made.wrong == ""

    def test_every_shipped_letter_can_be_shown(self, session: Session, clock: MovingClock) -> None:
        request = story.submit(clock(), language="en")
        for key in sorted(letters.all_keys()):
            made = letter_previews.of_request(
                key, letters.find(key), request.number, story.actor("admin"), clock()
            )
            assert {one: shown.wrong for one, shown in made.items()} == {"en": "", "fa": ""}, key

    def test_a_request_that_the_reader_may_not_see_is_not_there(
        self, session: Session, clock: MovingClock
    ) -> None:
        request = story.submit(clock())
        request.confidential = True
        session.flush()
        for number in (request.number, "R-0"):
            with pytest.raises(NoSuch):
                letter_previews.of_request(
                    KEY, letters.find(KEY), number, story.actor("admin"), clock()
                )

    def test_a_template_that_cannot_be_filled_says_where(
        self, session: Session, clock: MovingClock
    ) -> None:
        request = story.submit(clock())
        texts = {"en": "Subject: x\n\n{{ request.subject | date }}\n"}
        made = letter_previews.of_request(KEY, texts, request.number, story.actor("admin"), clock())
        assert made["en"].wrong.startswith("Line 3: ")


def test_what_a_template_says_is_told_with_the_kind_of_value_it_needs(tmp_path: Path) -> None:
    (tmp_path / "a.en.txt").write_text("Subject: {{ vars.x }}\n{{ request.number }}{{ vars.y }}\n")
    (tmp_path / "a.fa.txt").write_text(
        "Subject: s\n{% if vars.z %}{{ vars.y }}{% endif %}"
        "{% for row in vars.rows %}{{ row.name }}{% endfor %}{{ vars.day | date }}\n"
    )
    found = [one.mention for one in connectors.messages.said_by("a", folder=tmp_path)]
    shapes = {one.name: one.shape for one in found if one.context == "vars"}
    assert shapes == {"x": "text", "y": "text", "z": "text", "rows": "list", "day": "moment"}
    assert {one.context for one in found} == {"vars", "request"}


def test_a_letter_about_a_promise_names_it_in_any_language_before_its_key(session: Session) -> None:
    clock: object = SlaClock(metric="first_response", names={"fa": "پاسخ"}, instance_id=1)
    facts = ("promise-half", None, clock, {"fa": "نیمی از زمان"}, "en")
    message = wording.escalation(*facts)  # type: ignore[arg-type]
    assert "“پاسخ”: نیمی از زمان" in message.subject
    assert "first_response" not in message.body
