"""Message templates: what they can say, how their mistakes are named, what they cannot do."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors import (
    BadTemplate,
    Message,
    MissingVariable,
    UnknownTemplate,
    check_source,
    one_line,
    render,
    render_source,
    shipped,
)
from connectors.messages import FOLDER, shipped_source, title_of
from connectors.templates import compile_template
from connectors.wording import in_groups

TEHRAN = ZoneInfo("Asia/Tehran")
CONTEXT: dict[str, Any] = {
    "request": {"number": "R-12", "items": "چیزها", "customer": {"name": "علی"}},
    "at": datetime(2026, 11, 21, 20, 50, tzinfo=UTC),
    "rows": ["یک", "دو"],
    "long": ["x"] * 200,
    "text": "y" * 5000,
}


def say(source: str, language: str = "fa") -> Message:
    return render_source(source, f"t.{language}.txt", language, CONTEXT, TEHRAN)


def test_an_amount_keeps_its_thousands_apart_in_the_readers_digits() -> None:
    for value, fa, en in [
        (50_000_000, "۵۰٬۰۰۰٬۰۰۰", "50,000,000"), ("1234.5", "۱٬۲۳۴٫۵", "1,234.5"),
        (-4, "-۴", "-4"), ("0.25", "۰٫۲۵", "0.25"), ("12 or so", "۱۲ or so", "12 or so"),
    ]:  # fmt: skip
        assert in_groups(value, "fa") == fa
        assert in_groups(value, "en") == en
    source = "Subject: x\n{{ n | amount }} rial"
    made = render_source(source, "pay", "en", {"n": 50_000_000}, TEHRAN)
    assert made == Message("x", "50,000,000 rial\n")


def test_a_message_speaks_the_readers_language_in_digits_and_dates() -> None:
    source = "Subject: {{ request.number|digits }}\n{{ at|date }}، {{ at|time }}\n"
    assert say(source) == Message("R-۱۲", "۱ آذر ۱۴۰۵، ۰۰:۲۰\n")
    assert say(source, "en") == Message("R-12", "22 November 2026، 00:20\n")


@pytest.mark.parametrize(
    ("value", "persian"),
    [
        (date(2026, 3, 21), "۱ فروردین ۱۴۰۵"),
        ("2026-03-20", "۲۹ اسفند ۱۴۰۴"),
        ("2026-03-20T20:29:59Z", "۲۹ اسفند ۱۴۰۴"),
        ("2026-03-20T20:30:00+00:00", "۱ فروردین ۱۴۰۵"),
    ],
)
def test_days_are_those_of_the_given_time_zone(value: object, persian: str) -> None:
    message = render_source("Subject: {{ d|date }}\n", "t", "fa", {"d": value}, TEHRAN)
    assert message.subject == persian


def test_choices_and_repetition() -> None:
    source = (
        "Subject: x\n{% for r in rows %}\n- {{ r }}\n{% endfor %}\n"
        "{% if request.number == 'R-12' %}\nبله\n{% endif %}\n{{ rows|join('، ') }}"
    )
    assert say(source).body == "- یک\n- دو\nبله\nیک، دو\n"


def test_a_key_of_the_data_wins_over_a_method_of_the_mapping() -> None:
    assert say("Subject: {{ request.items }}\n").subject == "چیزها"


def test_a_line_break_in_a_value_stays_out_of_the_subject() -> None:
    message = render_source("Subject: {{ s }}\nb", "t", "en", {"s": "a\r\nBcc: b"}, TEHRAN)
    assert message.subject == "a Bcc: b"


def test_blanks_within_a_subject_stay_as_they_are() -> None:
    subject = "قبض  «مهر»  دیر رسید"
    assert (
        render_source("Subject: {{ s }}\nb", "t", "fa", {"s": subject}, TEHRAN).subject == subject
    )
    assert one_line(f" {subject}\r\n") == subject
    assert one_line("a\r\n b\x00\u2028c") == "a  b c"


@pytest.mark.parametrize(
    ("source", "line", "variable"),
    [
        ("Subject: {{ nope }}\n", 1, "nope"),
        ("Subject: x\n\n{{ request.nubmer }}", 3, "request.nubmer"),
        ("Subject: x\n{{ request.customer.phone|digits }}", 2, "request.customer.phone"),
        ("Subject: x\n\n\n{% if nope %}a{% endif %}", 4, "nope"),
        ("Subject: x\n{% for r in nope %}a{% endfor %}", 2, "nope"),
        ("Subject: x\n{{ nope.deeper }}", 2, "nope"),
        ("Subject: x\n{{ nope|date }}", 2, "nope"),
        ("Subject: x\n{{ request.__class__ }}", 2, "request.__class__"),
    ],
)
def test_a_missing_variable_is_named_with_its_template_and_line(
    source: str, line: int, variable: str
) -> None:
    with pytest.raises(MissingVariable) as caught:
        say(source)
    error = caught.value
    assert (error.template, error.line, error.variable) == ("t.fa.txt", line, variable)


def test_an_optional_variable_has_a_default() -> None:
    assert say("Subject: {{ nope|default('—') }}\n").subject == "—"


def test_a_value_that_is_there_but_empty_writes_nothing() -> None:
    source = "Subject: x {{ n }}{{ n|digits }}{% if n %}y{% endif %}\n"
    assert render_source(source, "t", "fa", {"n": None}, TEHRAN).subject == "x"


HOSTILE = [
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ request.update({}) }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ text.format }}",
    "{% for a in range(9) %}{% endfor %}",
    "{% for a in 'abc' %}{% endfor %}",
    "{% for a in text %}{% endfor %}",
    "{% for a in long %}{% for b in long %}{% for c in long %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}",
    "{% include 'x' %}",
    "{% extends 'x' %}",
    "{% import 'x' as y %}",
    "{% macro m() %}{% endmacro %}",
    "{% set a = 1 %}",
    "{% block a %}{% endblock %}",
    "{{ '%1000000000s'|format(1) }}",
    "{{ text|center(1000000000) }}",
    "{{ rows|join(text) }}",
    "{{ _zone.key }}",
    "{{ text ~ text }}",
    "{{ at|attr('__class__') }}",
    "{{ [1,2,3] }}",
    "{{ rows[0:1] }}",
    "{% for a in long %}{% for b in long %}{{ text }}{% endfor %}{% endfor %}",
    "{{" + "(" * 3000 + "1" + ")" * 3000 + "}}",
    "{{ a" + ".b" * 3000 + " }}",
    "{% if 1 %}" * 1500 + "{% endif %}" * 1500,
    "x" * 30_000,
    "{{ rows|date }}",
    "{{ unfinished",
    "{% frobnicate %}",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_template_is_refused_quickly(body: str) -> None:
    before = time.process_time()
    with pytest.raises(BadTemplate):
        say(f"Subject: x\n{body}")
    assert time.process_time() - before < 6


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("{{ ''.__class__.__mro__ }}", "only variables have parts"),
        ("{{ 'x'.foo }}", "only variables have parts"),
        ("{{ 1[0] }}", "only variables have parts"),
        ("{{ (text|upper).foo }}", "only variables have parts"),
        ("{% if 'x'.foo is defined %}{% endif %}", "only variables have parts"),
    ],
)
def test_what_can_never_be_written_is_told_before_it_is_sent(body: str, problem: str) -> None:
    with pytest.raises(BadTemplate) as told:
        compile_template(body, "x")
    assert (told.value.problem, told.value.line) == (problem, 1)
    assert re.search("[آ-ی]", told.value.text("fa").replace("«", ""))


def test_a_file_must_begin_with_its_subject() -> None:
    for source in ("سلام\n", "Subject:\nb", ""):
        with pytest.raises(BadTemplate, match="line 1"):
            check_source(source, "t.fa.txt")


def test_a_template_serves_in_the_language_it_has(tmp_path: Path) -> None:
    (tmp_path / "hello.fa.txt").write_text("Subject: سلام {{ n|digits }}\nمتن", "utf-8")
    (tmp_path / "Not A Template.txt").write_text("x", "utf-8")
    assert shipped(tmp_path) == {"hello": frozenset({"fa"})}
    message = render("hello", "en", {"n": 5}, TEHRAN, folder=tmp_path)
    assert message.subject == "سلام ۵"
    for key in ("nope", "../hello", ""):
        with pytest.raises(UnknownTemplate):
            render(key, "fa", {}, TEHRAN, folder=tmp_path)


def test_every_shipped_template_can_be_used_and_speaks_both_languages() -> None:
    for key, languages in shipped().items():
        assert languages == {"fa", "en"}, key
        for language in languages:
            name = f"{key}.{language}.txt"
            check_source((FOLDER / name).read_text("utf-8"), name)


def test_a_name_is_for_lists_and_sent_to_nobody() -> None:
    source = (
        "Subject: {{ a }}: “{{ b }}”\nName: The half\nSMS: Short {{ a }}\n\nBody {{ a }}\n{{ c.d }"
    )
    assert title_of(source) == ("{{ a }}: “{{ b }}”", "The half", True)
    with pytest.raises(BadTemplate) as refused:
        check_source(source, "x")
    assert refused.value.line == 6
    message = render_source(source.rpartition("\n")[0], "x", "en", {"a": 1, "b": 2}, TEHRAN)
    assert message == Message("1: “2”", "Body 1\n", "Short 1")


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("Subject: Hello {{ a }}\n\nName: no", ("Hello {{ a }}", "", False)),
        ("Subject: {% if a %}{{ a }}{% endif %}\nName: {{ a }}", None),
        ("Subject: {{ a }}\r\nName: نام\r\n", ("{{ a }}", "نام", True)),
        ("Subject: {{ a }}", ("{{ a }}", "", True)),
    ],
)
def test_what_lists_call_a_letter(source: str, title: tuple[str, str, bool] | None) -> None:
    if title is None:
        # A line with a variable is said to somebody.
        assert title_of(source).name == ""
        assert "Sara" in render_source(source, "x", "en", {"a": "Sara"}, TEHRAN).body
    else:
        assert title_of(source) == title


def test_every_shipped_letter_can_be_told_from_others() -> None:
    for key, languages in shipped().items():
        for language in languages:
            title = title_of(shipped_source(key, language))
            assert title.name or not title.is_all_variable, f"{key}.{language}"
