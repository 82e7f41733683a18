"""What people send becomes clean data, or errors that say what to do."""

from __future__ import annotations

import gc
import json
import unicodedata
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from forms import Form, gather, schema, validate
from forms.text import has_control
from forms.validation import _load_right
from tests.forms.samples import EVERY_TYPE, ask, make
from tests.forms.test_reader import JSON

TEHRAN = ZoneInfo("Asia/Tehran")
FEW = 10


def take(component: dict[str, Any], value: Any, **how: Any) -> Any:
    """The clean value of one field; fails when there is an error."""
    clean, errors = validate(make(component), {"x": value}, "en", **how)
    assert errors == {}
    return clean["x"]


def refuse(component: dict[str, Any], value: Any, language: str = "en", **how: Any) -> str:
    """What is said about the value of one field."""
    clean, errors = validate(make(component), {"x": value}, language, **how)
    assert "x" not in clean
    return errors["x"][0]


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("  سلام  ", "سلام"),
        ("كتاب علي", "کتاب علی"),
        ("می\u200cشود", "می\u200cشود"),
        ("a\u202eb\u200fc", "abc"),
        ("۱۲ قطعه", "۱۲ قطعه"),
        ("e\u0301", "é"),
        ("two\nlines", "two lines"),
        ("", None),
        (" \u200f ", None),
        (None, None),
    ],
)
def test_text_is_brought_to_one_form(written: Any, clean: Any) -> None:
    assert take(ask("textfield"), written) == clean


def test_a_long_text_keeps_its_lines() -> None:
    assert take(ask("textarea"), " a\r\n\r\nb\rc ") == "a\n\nb\nc"


@pytest.mark.parametrize("value", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_control_characters_are_refused(value: str) -> None:
    assert "control" in refuse(ask("textarea"), value)


def test_every_control_character_and_half_pair_is_known() -> None:
    signs = [chr(code) for code in range(0x110000)]
    wanted = {sign for sign in signs if unicodedata.category(sign) in ("Cc", "Cs")}
    assert {sign for sign in signs if has_control(sign, lines=False)} == wanted
    assert {sign for sign in signs if has_control(sign)} == wanted - {"\n", "\t"}


@pytest.mark.parametrize("value", [1, True, [], ["a"], {"a": 1}])
def test_text_must_be_text(value: Any) -> None:
    clean, errors = validate(make(ask("textfield")), {"x": value}, "en")
    assert errors or clean["x"] is None


def test_lengths_are_told_in_the_readers_digits() -> None:
    field = ask("textfield", validate={"minLength": 3, "maxLength": 5})
    assert refuse(field, "ab") == "Write at least 3 characters"
    assert refuse(field, "abcdef", "fa") == "کوتاه‌تر بنویسید، حداکثر ۵ نویسه"
    assert refuse(ask("textfield"), "x" * 501).startswith("Shorten this to 500")
    assert refuse(ask("textarea"), "x" * 1_000_000).startswith("Shorten this to 5000")


def test_patterns_see_latin_digits() -> None:
    field = ask("textfield", validate={"pattern": "^[0-9]{10}$"}, properties={
        "label_fa": "کد", "pattern": "Ten digits", "pattern_fa": "ده رقم بنویسید"})  # fmt: skip
    assert take(field, "۱۲۳۴۵۶۷۸۹۰") == "1234567890"
    assert take(field, "٠١٢٣٤٥٦٧٨٩") == "0123456789"
    assert refuse(field, "12345", "fa") == "ده رقم بنویسید"


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567"),
        ("0912-123-4567", "+989121234567"),
        ("(021) 8888 0000", "+982188880000"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_phones_become_international(written: str, clean: str) -> None:
    assert take(ask("textfield", validate={"validationType": "phone"}), written) == clean


@pytest.mark.parametrize("value", ["12", "call me", "0912", "+", "0" * 40, "+99999999999999"])
def test_what_is_no_phone_is_refused(value: str) -> None:
    assert "phone" in refuse(ask("textfield", validate={"validationType": "phone"}), value)


def test_mail_addresses() -> None:
    field = ask("textfield", validate={"validationType": "email"})
    assert take(field, " Maryam@Example.COM ") == "Maryam@example.com"
    for wrong in (
        "maryam",
        "a@b",
        "a b@c.de",
        "a@b..de",
        "a@b.de\nBcc: c@d.de",
        "@b.de",
        "a@@b.de",
    ):
        assert "e-mail" in refuse(field, wrong)


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("۱٬۲۰۰٬۰۰۰", 1200000),
        ("1,200", 1200),
        ("٣٫٥", 3.5),
        ("-7", -7),
        (12, 12),
        (2.50, 2.5),
        ("1.50", 1.5),
        ("007", 7),
        ("", None),
    ],
)
def test_numbers_as_people_write_them(written: Any, clean: Any) -> None:
    assert take(ask("number"), written) == clean


@pytest.mark.parametrize(
    "value", ["1,5", "12a", "1e9", "٫", "NaN", True, [1], {}, "1.2.3", float("inf"), float("nan")]
)
def test_what_is_no_number_is_refused(value: Any) -> None:
    assert refuse(ask("number"), value) == "Enter a number, like 1200"


@pytest.mark.parametrize("value", [10**15, -(10**400), "9" * 16, "0.1234567890123456", 1e300])
def test_numbers_that_would_bend_are_refused(value: Any) -> None:
    assert "15 digits" in refuse(ask("number"), value)


def test_number_ranges() -> None:
    field = ask("number", validate={"min": 1, "max": "99.5"}, decimalDigits=1)
    assert take(field, "99.5") == 99.5
    assert refuse(field, 0, "fa") == "عدد ۱ یا بزرگ‌تر بنویسید"
    assert refuse(field, "100") == "Enter 99.5 or less"
    assert refuse(field, "1.25") == "Enter a number with 1 decimal places or fewer"
    assert refuse(ask("number", decimalDigits=0), "1.5") == "Enter a whole number"


def test_a_required_box_must_be_ticked() -> None:
    field = ask("checkbox", validate={"required": True})
    assert take(field, True) is True
    assert take(field, "on") is True
    assert refuse(field, False) == "Tick “Label 0” to continue"
    assert refuse(field, "maybe") == "Answer yes or no (true or false)"
    assert take(ask("checkbox"), None) is False


def test_choices_come_from_the_list() -> None:
    assert take(ask("select"), "b") == "b"
    assert take(ask("select"), "") is None
    for wrong in ("z", 1, ["a"], {"a": 1}, True):
        assert refuse(ask("radio"), wrong) == "Choose one of the options in the list"


def test_lists_keep_the_files_order() -> None:
    assert take(ask("checklist"), ["c", "a", "c"]) == ["a", "c"]
    assert take(ask("taglist"), "b") == ["b"]
    assert take(ask("taglist"), None) == []
    for wrong in (["z"], [["a"]], {"a": 1}, 5, [None]):
        assert refuse(ask("checklist"), wrong) == "Choose options from the list"
    required = ask("checklist", validate={"required": True})
    assert refuse(required, []) == "Choose at least one option for “Label 0”"


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("۱۴۰۵/۰۸/۳۰", "2026-11-21"),
        ("1405-08-30", "2026-11-21"),
        ("1405.8.30", "2026-11-21"),
        ("٢٠٢٦-١١-٢١", "2026-11-21"),
        ("2026-11-21", "2026-11-21"),
        ("۱۴۰۳/۱۲/۳۰", "2025-03-20"),
        ("1699/01/01", "2320-03-21"),
        ("1700-01-01", "1700-01-01"),
    ],
)
def test_dates_jalali_or_gregorian(written: str, clean: str) -> None:
    assert take(ask("datetime"), written) == clean


@pytest.mark.parametrize(
    "value",
    ["1404/12/30", "2026-02-30", "1405/13/01", "05/08/30", "0900/01/01", "9999-01-01", "soon",
     "2026-11-21T10:00", 20261121, [], {"a": 1}, "۱۴۰۵/۰۸"],
)  # fmt: skip
def test_what_is_no_date_is_refused(value: Any) -> None:
    component = ask("datetime", validate={"required": True})
    said = refuse(component, value, "fa")
    assert said in ("تاریخ را کامل بنویسید، مانند ۱۴۰۵/۰۸/۳۰", "یکی", "«برچسب 0» را بنویسید")


def test_times_and_moments() -> None:
    assert take(ask("datetime", subtype="time"), "۹:۰۵") == "09:05"
    assert "14:30" in refuse(ask("datetime", subtype="time"), "24:00")
    both = ask("datetime", subtype="datetime")
    expected = "2026-11-21T14:30:00+03:30"
    assert take(both, "۱۴۰۵/۰۸/۳۰ ۱۴:۳۰", zone=TEHRAN) == expected
    assert take(both, "2026-11-21T14:30", zone=TEHRAN) == expected
    assert take(both, "2026-11-21T11:00:00Z", zone=TEHRAN) == expected
    assert take(both, expected, zone=TEHRAN) == expected
    assert "whole date and time" in refuse(both, "2026-11-21")


def test_days_that_have_passed() -> None:
    field = ask("datetime", disallowPassedDates=True)
    today = date(2026, 11, 21)
    assert take(field, "2026-11-21", today=today) == "2026-11-21"
    assert (
        refuse(field, "2026-11-20", today=today) == "That day has passed. Enter 2026-11-21 or later"
    )
    assert "۱۴۰۵/۰۸/۳۰" in refuse(field, "2026-11-20", "fa", today=today)


def test_file_names() -> None:
    field = ask("filepicker", multiple=True)
    assert take(field, ["a.png", "عکس.jpg"]) == ["a.png", "عکس.jpg"]
    for wrong in (["../a"], ["a\\b"], [""], [1], "x" * 300, {"a": 1}, ["a"] * 21):
        assert refuse(field, wrong) == "Choose the file again"
    assert refuse(ask("filepicker"), ["a", "b"]) == "Send one file only"


@pytest.mark.parametrize(
    ("kind", "label", "said"),
    [
        ("textfield", "شهر", "«شهر» را بنویسید"),
        ("textarea", "چه شد؟", "به پرسش «چه شد؟» پاسخ دهید"),
        ("select", "رنگ", "یکی از گزینه‌های «رنگ» را انتخاب کنید"),
        ("filepicker", "رسید", "برای «رسید» فایلی بیفزایید"),
    ],
)
def test_what_is_missing_is_asked_for(kind: str, label: str, said: str) -> None:
    field = ask(kind, validate={"required": True}, properties={"label_fa": label})
    assert refuse(field, None, "fa") == said
    assert validate(make(field), {}, "fa")[1] == {"x": [said]}


def test_the_files_own_words_come_first() -> None:
    own = {"label_fa": "ل", "required": "Enter the day", "required_fa": "روز را بنویسید"}
    field = ask("datetime", validate={"required": True}, properties=own)
    assert refuse(field, "") == "Enter the day"
    assert refuse(field, "", "fa") == "روز را بنویسید"


def test_a_default_stands_for_what_was_not_sent_but_not_for_what_was_cleared() -> None:
    form = make(ask("textfield", defaultValue="usual", validate={"required": True}))
    assert validate(form, {}, "en") == ({"x": "usual"}, {})
    assert validate(form, {"x": ""}, "en")[1] == {"x": ["Enter “Label 0”"]}


def test_readonly_answers_are_not_taken_back() -> None:
    form = make(ask("textfield", "shown", readonly=True), ask("textfield", "x"))
    assert validate(form, {"shown": "forged", "x": "a"}, "en") == ({"x": "a"}, {})


def test_unknown_keys_are_errors() -> None:
    clean, errors = validate(make(ask("textfield")), {"x": "a", "Meta": 1, "": 2}, "en")
    assert clean == {"x": "a"}
    assert errors.keys() == {"Meta", ""}


@pytest.mark.parametrize("data", [None, [], "x", 5, True])
def test_answers_are_an_object(data: Any) -> None:
    assert validate(make(ask("textfield")), data, "fa")[1] == {
        "_schema": ["پاسخ‌ها را به صورت نام و مقدار بفرستید"]
    }


def test_keys_may_be_any_word() -> None:
    words = ("Meta", "fields", "load", "context", "class", "self", "opts", "dump", "_schema_")
    form = make(*(ask("textfield", word) for word in words))
    assert validate(form, dict.fromkeys(words, "a"), "en") == (dict.fromkeys(words, "a"), {})


def refund_form() -> Form:
    return make(
        ask("radio", "remedy"),
        ask("number", "amount", validate={"required": True}, conditional={"hide": "=not refund"}),
        ask("checkbox", "told", conditional={"hide": "=no amount"}),
    )


def evaluate(text: str, context: Any) -> Any:
    return {"not refund": context["remedy"] != "a", "no amount": context["amount"] is None}[text]


def test_a_hidden_field_is_neither_required_nor_kept() -> None:
    hidden = validate(refund_form(), {"remedy": "b", "amount": 5, "told": True}, "en",
                      evaluate=evaluate)  # fmt: skip
    assert hidden == ({"remedy": "b", "amount": None, "told": False}, {})
    asked = validate(refund_form(), {"remedy": "a"}, "en", evaluate=evaluate)
    assert asked[1].keys() == {"amount"}


def test_conditions_see_the_data_around() -> None:
    form = make(ask("textfield", validate={"required": True}, conditional={"hide": "=low"}))

    def low(_: str, context: Any) -> bool:
        return bool(context["priority"] == "low")

    for priority, wrong in (("low", set()), ("high", {"x"})):
        _, errors = validate(form, {}, "en", evaluate=low, context={"priority": priority})
        assert errors.keys() == wrong


def test_what_is_shown_only_is_judged_where_an_answer_hangs_on_it() -> None:
    shown = {"readonly": True, "conditional": {"hide": "=gone"}}
    form = make(
        ask("textfield", "note", **shown),
        ask("textfield", "part", **shown),
        ask("textfield", "why", validate={"required": True}, conditional={"hide": "=no part"}),
    )
    asked = []

    def judge(text: str, context: Any) -> bool:
        asked.append(text)
        return text == "gone" or context["part"] is None

    known = {"note": "n", "part": "p"}
    assert validate(form, {}, "en", evaluate=judge, context=known) == ({"why": None}, {})
    assert [field.key for field in form.deciding] == ["part", "why"]
    assert asked == ["gone", "no part"]


def test_a_condition_of_several_fields_is_judged_anew_once_an_answer_is_taken_away() -> None:
    form = make(
        ask("textfield", "a", conditional={"hide": "=b"}),
        ask("textfield", "b", conditional={"hide": "=b"}),
        ask("textfield", "c", conditional={"hide": "=b"}),
    )
    asked = []

    def answered(_: str, context: Any) -> bool:
        asked.append(context["b"])
        return context["b"] is not None

    sent = {"a": None, "b": "x", "c": "y"}
    assert validate(form, sent, "en", evaluate=answered) == ({"a": None, "b": None, "c": "y"}, {})
    assert asked == ["x", None]


def test_a_posted_form_is_gathered() -> None:
    posted = {
        "d.name": ["مریم"], "d.fruits": ["a", "b"], "d.agreed": ["true"], "csrf_token": ["t"],
        "d.visit": ["۱۴۰۵/۰۸/۳۰"], "d.visit-time": ["۱۴:۳۰"], "d.one": ["a"],
    }  # fmt: skip
    form = make(*EVERY_TYPE)
    data = gather(form, posted, "d.")
    assert data["visit"] == "۱۴۰۵/۰۸/۳۰ ۱۴:۳۰"
    clean, errors = validate(form, data, "fa", zone=TEHRAN)
    assert errors == {}
    assert clean["fruits"] == ["a", "b"]
    assert clean["tags"] == []
    assert clean["agreed"] is True
    assert clean["visit"] == "2026-11-21T14:30:00+03:30"
    assert validate(form, gather(form, {}), "fa")[1].keys() == {"name", "one"}


def test_clean_data_is_clean_again() -> None:
    form = make(*EVERY_TYPE)
    data = {"name": "علي", "phone": "09121234567", "amount": "۱٬۵۰۰٫۲۵", "one": "a",
            "since": "1405/08/30", "visit": "1405/08/30 9:00", "proof": ["a.png"],
            "serial": "AB۱۲۳", "mail": "a@b.de", "hour": "8:00"}  # fmt: skip
    clean, errors = validate(form, data, "fa", zone=TEHRAN)
    assert errors == {}
    assert validate(form, json.loads(json.dumps(clean)), "en", zone=TEHRAN) == (clean, {})


def test_the_schema_alone_loads_sound_answers() -> None:
    loaded = schema(make(ask("number")), "en").load({"x": "۵"})
    assert loaded == {"x": 5}


FORM = make(*EVERY_TYPE)
NEAR = st.dictionaries(st.sampled_from([field.key for field in FORM.fields]), JSON, max_size=8)
DIGITS = st.text("۰۱۲۳٤٥678/-.:,٬٫+eT ", max_size=24)
WRITTEN = st.dictionaries(st.sampled_from([field.key for field in FORM.fields]), DIGITS, max_size=8)


@settings(max_examples=400, deadline=None)
@given(JSON | NEAR | WRITTEN, st.sampled_from(["fa", "en"]))
def test_anything_is_clean_or_wrong_but_never_fails(data: Any, language: str) -> None:
    clean, errors = validate(FORM, data, language, zone=TEHRAN, today=date(2026, 11, 21))
    assert not clean.keys() & errors.keys()
    assert all(isinstance(said, str) and said for told in errors.values() for said in told)
    again, wrong = validate(FORM, {"name": "ab", "one": "a", **clean}, language, zone=TEHRAN)
    assert wrong == {}
    assert {key: again[key] for key in clean} == clean


SOUND = {"name": "علي", "one": "a"}


@settings(max_examples=200, deadline=None)
@given(JSON | NEAR | WRITTEN | WRITTEN.map(SOUND.__or__) | NEAR.map(SOUND.__or__))
def test_sound_answers_are_read_as_the_schema_reads_them(data: Any) -> None:
    checks = schema(FORM, "fa", zone=TEHRAN)
    try:
        expected = checks.load(data)
    except ValidationError:
        expected = None
    assert _load_right(checks, data) == expected


def test_a_whole_form_is_read_as_its_schema_reads_it() -> None:
    checks = schema(FORM, "fa", zone=TEHRAN)
    assert _load_right(checks, SOUND) == checks.load(SOUND)
    assert _load_right(checks, {**SOUND, "unknown": 1}) is None


def test_wrong_answers_leave_nothing_to_the_garbage_collector() -> None:
    for _ in range(2):
        # The second time nothing is made for the first time any more.
        gc.collect()
        refuse(ask("number", "x"), "not a number")
        left = gc.collect()
    # Other threads may leave something meanwhile.
    assert left < FEW
