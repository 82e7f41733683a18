"""A form as HTML: the kit's markup, every value escaped, errors where they belong."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from lxml import html

from forms import Form, carry, describe, gather, mark_up, render, summarise
from tests.forms.samples import EVERY_TYPE, ask, make

TEHRAN = ZoneInfo("Asia/Tehran")


def draw(form: Form, data: dict[str, Any] | None = None, **how: Any) -> html.HtmlElement:
    errors = how.pop("errors", {})
    language = how.pop("language", "en")
    return html.fromstring(f"<div>{render(form, data or {}, errors, language, **how)}</div>")


def test_every_input_has_a_name_and_a_label() -> None:
    page = draw(make(*EVERY_TYPE), prefix="d.")
    inputs = page.xpath("//input | //select | //textarea")
    assert {one.get("name") for one in inputs} == {
        f"d.{field.key}" for field in make(*EVERY_TYPE).fields
    } | {"d.visit-time"}
    for one in inputs:
        labelled = page.xpath(f"//label[@for='{one.get('id')}']") or one.get("aria-label")
        assert labelled or one.getparent().tag == "label", one.get("name")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_nothing_inline() -> None:
    text = render(make(*EVERY_TYPE), {}, {}, "fa")
    assert not re.search(r"\sstyle=|<script|\son\w+=", text)


def test_values_are_escaped_everywhere() -> None:
    evil = '"><script>alert(1)</script>'
    form = make(
        ask("textfield", label=evil, description=evil),
        ask("textarea", "y"),
        ask("radio", "z", values=[{"value": evil, "label": evil, "description": evil}]),
        {"type": "text", "text": f"# {evil}\n\n**{evil}**"},
    )
    data = {"x": evil, "y": f"</textarea>{evil}", "z": evil}
    for text in (
        render(form, data, {"x": [evil]}, "en"),
        render(form, data, {}, "en", readonly=True),
        summarise(form, {"x": [evil]}, "en", extra=[(evil, evil)]),
        carry(form, data, but=form.pages[0]),
    ):
        assert "<script" not in text


def test_an_error_stands_under_its_field_and_is_announced() -> None:
    page = draw(make(ask("textfield")), errors={"x": ["Enter it"]})
    field = page.get_element_by_id("f-x")
    assert field.get("aria-invalid") == "true"
    assert "is-invalid" in field.get("class")
    assert field.get("aria-describedby") == "f-x-e"
    assert page.get_element_by_id("f-x-e").text_content() == "Enter it"


def test_the_hint_is_described_after_the_error() -> None:
    form = make(ask("number", description="In rial"))
    assert draw(form, errors={"x": ["?"]}).get_element_by_id("f-x").get("aria-describedby") == (
        "f-x-e f-x-h"
    )


def test_the_summary_links_to_an_input_that_exists() -> None:
    form = make(*EVERY_TYPE)
    errors = {field.key: ["Mend this"] for field in form.fields}
    page = draw(form, errors=errors, prefix="d.")
    told = summarise(form, errors, "en", prefix="d.", icons="/icons.svg")
    summary: html.HtmlElement = html.fromstring(told)
    assert "There are 15 things to fix" in summary.text_content()
    for link in summary.xpath("//a/@href"):
        assert page.get_element_by_id(link[1:]).tag in ("input", "select", "textarea")
    assert summarise(form, {}, "en") == ""
    assert "یک مورد را درست کنید" in summarise(form, {"name": ["x"]}, "fa")


def test_clean_values_are_written_the_readers_way() -> None:
    form = make(ask("datetime", "day"), ask("datetime", "at", subtype="datetime"), ask("number"))
    data = {"day": "2026-11-21", "at": "2026-11-21T14:30:00+03:30", "x": 1500.5}

    def values(language: str) -> list[str]:
        return list(draw(form, data, language=language, zone=TEHRAN).xpath("//input/@value"))

    assert values("fa") == ["۱۴۰۵/۰۸/۳۰", "۱۴۰۵/۰۸/۳۰", "۱۴:۳۰", "۱۵۰۰.۵"]
    assert values("en") == ["2026-11-21", "2026-11-21", "14:30", "1500.5"]


def test_what_was_typed_stays_as_typed() -> None:
    form = make(ask("datetime", "day"), ask("datetime", "at", subtype="datetime"), ask("number"))
    data = gather(form, {"day": ["1405-8-99"], "at": ["soon"], "at-time": ["9"], "x": ["پنج"]})
    assert draw(form, data, language="fa").xpath("//input/@value") == [
        "1405-8-99", "soon", "9", "پنج",
    ]  # fmt: skip


def test_choices_are_checked() -> None:
    form = make(ask("radio", "r"), ask("checklist", "c"), ask("select", "s"), ask("checkbox", "k"))
    page = draw(form, {"r": "b", "c": ["a", "c"], "s": "c", "k": True})
    assert page.xpath("//input[@checked]/@value") == ["b", "a", "c", "true"]
    assert page.xpath("//option[@selected]/@value") == ["c"]


def test_defaults_fill_what_was_never_answered() -> None:
    form = make(ask("textfield", defaultValue="usual"))
    assert draw(form).xpath("//input/@value") == ["usual"]
    assert draw(form, {"x": ""}).xpath("//input/@value") == [""]


def test_readonly_answers_are_facts() -> None:
    form = make(
        ask("textarea", "story", readonly=True), ask("select", "s", disabled=True), ask("number")
    )
    page = draw(form, {"story": "It broke", "s": "b"}, language="fa")
    assert [one.text_content() for one in page.xpath("//dl/dd")] == ["It broke", "گلابی"]
    assert page.xpath("//input/@name") == ["x"]
    whole = draw(form, {"x": 5}, readonly=True)
    assert not whole.xpath("//input")
    assert [one.text_content() for one in whole.xpath("//dd")] == ["—", "—", "5"]


def test_optional_fields_say_so() -> None:
    assert "(optional)" in render(make(ask("textfield")), {}, {}, "en")
    required = make(ask("textfield", validate={"required": True}))
    assert "(optional)" not in render(required, {}, {}, "en")


def test_conditions_leave_out_answers_and_mark_what_may_come_back() -> None:
    form = make(
        ask("textfield", "a", readonly=True, conditional={"hide": "=no"}),
        {"type": "text", "id": "t", "text": "Words", "conditional": {"hide": "=no"}},
        ask("textfield", id="q", validate={"required": True}, conditional={"hide": "=no"}),
        ask("textfield", "plain"),
    )
    page = draw(form, {"a": "Secret"}, evaluate=lambda text, context: True)
    assert "Secret" not in page.text_content()
    text, question = page.xpath("//*[@data-part]")
    assert (text.get("data-part"), text.get("hidden")) == ("t", "")
    # Without scripts a question stays to be seen: data-hidden counts only where they run.
    assert (question.get("data-part"), question.get("hidden")) == ("q", None)
    assert question.get("data-hidden") == ""
    assert question.xpath(".//input/@data-required") == [""]
    shown = draw(form, {"a": "Told"}, evaluate=lambda text, context: False)
    assert "Told" in shown.text_content()
    assert not shown.xpath("//*[@data-hidden or @hidden]")


def test_a_date_says_its_calendar() -> None:
    form = make(ask("datetime", "day"), ask("datetime", "visit", disallowPassedDates=True))
    day, visit = draw(form, language="fa").xpath("//input")
    assert (day.get("data-calendar"), day.get("data-not-past")) == ("jalali", None)
    assert visit.get("data-not-past") == ""
    assert draw(form).xpath("//input/@data-calendar") == ["gregorian", "gregorian"]


def paged() -> Form:
    first = ask("textfield", "name", id="f1", label="Name")
    second = [
        ask("checkbox", "ok", id="f2", label="OK"),
        ask("datetime", "at", id="f3", label="At", subtype="datetime"),
    ]
    return make(
        {"type": "group", "id": "g1", "label": "Who", "components": [first]},
        {"type": "group", "id": "g2", "label": "When", "components": second},
    )


def test_a_page_carries_the_answers_of_the_others() -> None:
    form = paged()
    posted = {"name": ["<Mina>"], "ok": ["true"], "at": ["1405/08/30"], "at-time": ["9:00"]}
    data = gather(form, posted)
    page: html.HtmlElement = html.fromstring(
        f"<form>{render(form, data, {}, 'en', page=form.pages[0], layout='column')}"
        f"{carry(form, data, but=form.pages[0])}</form>"
    )
    again = {name: [one.get("value") for one in page.xpath(f"//input[@name='{name}']")]
             for name in page.xpath("//input/@name")}  # fmt: skip
    assert gather(form, again) == data


def test_columns_follow_the_file_on_staff_pages_only() -> None:
    form = make(ask("textfield", layout={"columns": 8, "row": "Row_1"}))
    assert 'class="col-md-6"' in render(form, {}, {}, "en")
    assert "col-md" not in render(form, {}, {}, "en", layout="column")


def test_units_stand_beside_the_input() -> None:
    form = make(ask("number", appearance={"suffixAdder": "rial"},
                    properties={"label_fa": "مبلغ", "suffix_fa": "ریال"}))  # fmt: skip
    assert "ریال</span>" in render(form, {}, {}, "fa")
    assert describe(form, {"x": 1200}, "fa") == [("مبلغ", "۱٬۲۰۰ ریال")]
    assert describe(form, {"x": 1200}, "en") == [("Label 0", "1,200 rial")]


def test_answers_in_words() -> None:
    form = make(*EVERY_TYPE)
    data = {"name": "Mina", "phone": "+989121234567", "amount": 1500.5, "agreed": False,
            "fruits": ["a", "b"], "one": "c", "since": "2026-11-21", "hour": "14:30",
            "visit": "2026-11-21T11:00:00Z", "proof": ["a.png"], "story": None}  # fmt: skip
    assert [text for _, text in describe(form, data, "fa", zone=TEHRAN)] == [
        "Mina", "+۹۸۹۱۲۱۲۳۴۵۶۷", "۱٬۵۰۰٫۵", "خیر", "سیب، گلابی", "به", "شنبه ۳۰ آبان ۱۴۰۵",
        "۱۴:۳۰", "شنبه ۳۰ آبان ۱۴۰۵، ۱۴:۳۰", "a.png",
    ]  # fmt: skip
    assert [text for _, text in describe(form, data, "en", zone=TEHRAN)][6:9] == [
        "Sat 21 Nov 2026", "14:30", "Sat 21 Nov 2026, 14:30",
    ]  # fmt: skip


def test_hidden_answers_are_not_described() -> None:
    form = make(ask("textfield", conditional={"hide": "=no"}))
    assert describe(form, {"x": "a"}, "en", evaluate=lambda text, context: True) == []


def test_the_little_mark_up() -> None:
    assert mark_up("## Title\n\na\nb\n\n- one\n- **two**") == (
        "<h3>Title</h3>\n<p>a<br>b</p>\n<ul><li>one</li><li><b>two</b></li></ul>"
    )


def test_a_date_says_how_it_is_written_beside_its_own_words() -> None:
    form = make(ask("datetime", description="The day it began."))
    assert "The day it began. For example 2026-11-21" in render(form, {}, {}, "en")
    assert "مانند ۱۴۰۵/۰۸/۳۰" in render(form, {}, {}, "fa")
