"""What a sentence quotes keeps its own direction; the sentence has the reader's digits."""

from __future__ import annotations

import pytest

from app.i18n.quoting import isolate_codes, isolate_quotes


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("عبارت «=1 / x» اجرا نشد", 'عبارت «<bdi dir="ltr">=1 / x</bdi>» اجرا نشد'),
        ("«=نام + 1» (نویسهٔ 3)", '«<bdi dir="ltr">=نام + 1</bdi>» (نویسهٔ ۳)'),
        ("گام «بررسی 2»", 'گام «<bdi dir="rtl">بررسی 2</bdi>»'),
        ("R-12 و x1 و 7", "R-12 و x1 و ۷"),
        ("«<b>»", '«<bdi dir="ltr">&lt;b&gt;</bdi>»'),
        (
            "«\u2066=نام\u2069» «\u2068a\u2069»",
            '«<bdi dir="ltr">=نام</bdi>» «<bdi dir="ltr">a</bdi>»',
        ),
        ("1 & «", "۱ &amp; «"),
    ],
)
def test_persian(said: str, shown: str) -> None:
    assert str(isolate_quotes(said, "fa")) == shown


def test_english() -> None:
    shown = isolate_quotes("At “بررسی” 3 of “=a”", "en")
    assert str(shown) == 'At “<bdi dir="rtl">بررسی</bdi>” 3 of “<bdi dir="ltr">=a</bdi>”'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("مانند 1, ok, true.", 'مانند <bdi dir="ltr">1, ok, true</bdi>.'),
        ("نشانی /hooks/KEY/SECRET را", 'نشانی <bdi dir="ltr">/hooks/KEY/SECRET</bdi> را'),
        ("روش (Method)", 'روش (<bdi dir="ltr">Method</bdi>)'),
        (
            "خانهٔ data.ids[0]، f(x)",
            'خانهٔ <bdi dir="ltr">data.ids[0]</bdi>، <bdi dir="ltr">f(x)</bdi>',
        ),
        ("«<b>»", '«<bdi dir="ltr">&lt;b&gt;</bdi>»'),
        ("بی هیچ رمزی.", "بی هیچ رمزی."),
    ],
)
def test_latin_codes_in_a_persian_hint_are_read_from_the_left(text: str, told: str) -> None:
    assert isolate_codes(text) == told
