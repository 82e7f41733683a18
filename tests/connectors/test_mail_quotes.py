"""Quotations of Persian and English programs are folded; what people say never is."""

from __future__ import annotations

import time

import pytest

from connectors.mail_quotes import MARKS, fold

SAID = "با سپاس، مشکل هنوز هست.\nلطفاً پیگیری کنید."
OURS = "شکایت شما رسید.\nشمارهٔ پیگیری: ABC"


def marked(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


QUOTING = {
    "gmail_fa": "\u202bدر تاریخ سه‌شنبه ۲۴ نوامبر ۲۰۲۶ ساعت ۱۰:۱۵ سازمان نمونه "
    "<\u202arequests@x.org\u202c> نوشت:\u202c\n\n" + marked(OURS),
    "gmail_fa_wrapped": "در تاریخ سه‌شنبه ۲۴ نوامبر ۲۰۲۶ ساعت ۱۰:۱۵ سازمان نمونه <\n"
    "requests@x.org> نوشت:\n\n" + marked(OURS),
    "fa_plain": "در ۱۴۰۵/۰۹/۰۳ ساعت ۱۰:۱۵، سازمان نمونه نوشت:\n" + OURS,
    "fa_written": "در تاریخ ۳ آذر ۱۴۰۵ سازمان نمونه نوشته است:\n\n" + OURS,
    "arabic_letters": "در تاريخ ۳ آذر ۱۴۰۵ سازمان نوشت:\n" + OURS,
    "gmail_en": "On Tue, 24 Nov 2026 at 10:15, Sample <requests@x.org> wrote:\n\n" + marked(OURS),
    "gmail_en_wrapped": "On Tue, 24 Nov 2026 at 10:15, Sample organisation <requests@x.org>\n"
    "wrote:\n\n" + marked(OURS),
    "gmail_old": "2026-11-24 10:15 GMT+03:30 Sample <requests@x.org> wrote:\n\n" + marked(OURS),
    "apple": "> On 24 Nov 2026, at 10:15, Sample <requests@x.org> wrote:\n> \n" + marked(OURS),
    "outlook_en": "From: Sample <requests@x.org>\nSent: Tuesday, November 24, 2026 10:15\n"
    "To: Ali\nSubject: Your complaint\n\n" + OURS,
    "outlook_bold": "*From:* Sample <requests@x.org>\n*Sent:* Tuesday\n*To:* Ali\n"
    "*Subject:* x\n\n" + OURS,
    "outlook_rule": "________________________________\nFrom: Sample <requests@x.org>\n"
    "Sent: Tuesday\nTo: Ali\nSubject: x\n\n" + OURS,
    "outlook_fa": "از: سازمان نمونه <requests@x.org>\nارسال: سه‌شنبه ۳ آذر ۱۴۰۵ ۱۰:۱۵\n"
    "به: علی\nموضوع: شکایت شما\n\n" + OURS,
    "outlook_fa_marks": "\u200fاز:\u200e سازمان\n\u200fتاریخ:\u200e ۳ آذر\n\u200fبه:\u200e علی\n"
    "\u200fموضوع:\u200e شکایت\n\n" + OURS,
    "sender_fa": "فرستنده: سازمان\nتاریخ ارسال: ۳ آذر\nگیرنده: علی\nعنوان: شکایت\n" + OURS,
    "original_en": "-----Original Message-----\nFrom: Sample\n\n" + OURS,
    "original_fa": "------- پیام اصلی -------\n" + OURS,
    "mark_fa": MARKS["fa"] + "\n\n" + OURS,
    "mark_en": MARKS["en"] + "\n\n" + OURS,
    "gmail_forwarded_fa": "---------- پیام بازارسال‌شده ---------\nاز: سازمان\n\n" + OURS,
    "yahoo": "    On Tuesday, November 24, 2026 at 10:15:00\u202fAM GMT+3:30, Sample "
    "<requests@x.org> wrote:  \n \n " + OURS,
    "yahoo_android": "  On Tue, 24 Nov 2026 at 10:15, Sample<requests@x.org> wrote:   " + OURS,
    "yahoo_android_fa": "  در سه‌شنبه ۳ آذر ساعت ۱۰:۱۵، سازمان<requests@x.org> نوشت:   " + OURS,
    "thunderbird_old": "Sample organisation wrote:\n" + marked(OURS),
    "thunderbird_fa": "در ۲۴ نوامبر ۲۰۲۶ ۱۰:۱۵، سازمان نمونه نوشت:\n" + marked(OURS),
    "gmail_arabic": "في الثلاثاء، 24 نوفمبر 2026 في 10:15 ص تمت كتابة ما يلي بواسطة "
    "Sample <requests@x.org>:\n\n" + marked(OURS),
    "outlook_old_rule": "  _____  \n\nFrom: Sample [mailto:requests@x.org] \nSent: Tuesday\n"
    "To: Ali\nSubject: x\n\n" + OURS,
    "outlook_fa_sent": "از: سازمان <requests@x.org>\nارسال شد: سه‌شنبه\nبه: علی\nموضوع: x\n" + OURS,
    "mark_bold": f"*{MARKS['en']}*\n\n{OURS}",
    "mark_dashes": MARKS["en"].replace("---", "—") + "\n\n" + OURS,
    "mark_without_tanwin": MARKS["fa"].replace("\u064b", "") + "\n\n" + OURS,
    "mark_wrapped": MARKS["fa"].replace("را بالای", "را\nبالای") + "\n\n" + OURS,
    "mark_wrapped_quoted": marked(MARKS["en"].replace("above ", "above\n")) + "\n" + OURS,
    "marked_lines": marked(OURS),
    "mark_quoted": marked(MARKS["fa"] + "\n\n" + OURS),
}


@pytest.mark.parametrize("program", QUOTING)
def test_what_a_program_quotes_is_folded(program: str) -> None:
    found = fold(f"{SAID}\n\n{QUOTING[program]}\n")
    assert found.said == SAID
    assert OURS.split("\n")[0] in found.quoted


def test_an_answer_below_the_quotation_is_what_is_said() -> None:
    found = fold(f"On Tue, 24 Nov 2026, Sample <a@x.org> wrote:\n{marked(OURS)}\n\n{SAID}")
    assert found.said == SAID


def test_answers_between_the_lines_keep_the_lines_they_answer() -> None:
    text = "> آیا رسید؟\nبله\n\n> خراب است؟\nخیر"
    assert fold(text).said == text


PLAIN = (
    "سلام\nاز: پنج‌شنبه یخچال خراب است.\nبه: امید پاسخ",
    "در نامهٔ خود نوشت:\nمن مقصر نیستم",
    "همکار شما نوشت:\n> خراب نیست\nولی خراب است.",
    "Your colleague wrote: nothing",
    "On 5 May Ali wrote: it is fine\nIt is not.",
    "____\nخط بالا را خودم کشیدم",
    "Please write your answer above\nand send it.",
    "On the phone your colleague wrote:\nnothing",
    "در تاریخ ۳ آذر آمدم و کسی نبود.\nدوباره هم می‌آیم.",
    "قیمت‌ها:\n- یخچال: ۱۰\n- اجاق: ۲۰",
    "From: Tehran\nI want a refund",
    "-- \nعلی رضایی\n۰۹۱۲۳۴۵۶۷۸۹",
    "____________________\nخط بالا را خودم کشیدم",
    "",
)


@pytest.mark.parametrize("text", PLAIN)
def test_what_people_say_is_not_folded(text: str) -> None:
    assert fold(text).said == text
    assert not fold(text).quoted


def test_a_mail_that_only_quotes_is_shown_whole() -> None:
    text = marked(OURS)
    assert fold(text).said == text


@pytest.mark.parametrize("line", ["On 1 ", "در ۱ ", ">", "از: x", "_" * 25, "a@b> " * 90, "\n"])
def test_hostile_texts_are_folded_soon(line: str) -> None:
    began = time.process_time()
    fold((line + "\n") * (200_000 // (len(line) + 1)))
    assert time.process_time() - began < 6


@pytest.mark.parametrize(
    "line", [">", "> a\n", "@" * 240 + ")" * 240 + ":", "On 1 " + "@" * 200 + ")" * 280 + ":"]
)
def test_hostile_texts_with_words_below_are_folded_soon(line: str) -> None:
    text = (line + "\n") * (200_000 // (len(line) + 1)) + "x"
    began = time.process_time()
    assert fold(text).said == text
    assert time.process_time() - began < 6
