"""What a text message wants: a keyword that it begins with, or no more messages."""

from __future__ import annotations

import pytest

from connectors import sms_receiving as receiving


def test_keywords_are_the_words_that_a_text_begins_with() -> None:
    lines = "internet = service:incident\ninternet home = service:home\n۱ = message:yes"
    found = receiving.read_keywords(lines)
    assert receiving.find_keyword("Internet  HOME  does not work", found) is found[1]
    assert receiving.find_keyword("INTERNET.", found) is found[0]
    assert receiving.find_keyword("internets", found) is None
    assert receiving.find_keyword(" 1 ", found) is found[2]


@pytest.mark.parametrize(
    "text",
    [
        "پیش‌فاکتور ۱۲",
        "پیش فاکتور ۱۲",
        "پيشفاكتور:۱۲",
        "«پیش‌فاکتور»",
        "\u202bپیش‌فاکتور\u202c",
        "پِیش فاکتور!",
    ],
)
def test_a_keyword_is_known_however_it_is_typed(text: str) -> None:
    lines = "پیش = message:no\nپیش‌فاکتور = message:yes\nپیش فا = message:no"
    found = receiving.find_keyword(text, receiving.read_keywords(lines))
    assert found is not None and found.key == "yes"
    assert receiving.find_keyword("پیشفاکتورها", receiving.read_keywords(lines)) is None


@pytest.mark.parametrize(
    "text",
    [
        "STOP", " stop. ", "لغو", "لغو۱۱", "لغو 11", "قطع", "Off", "‌لغو!", "«لغو»", "\"STOP\"",
        "(stop)", "STOP 🛑", "لغو_۱۱", "لغو-۱۱", "لغو١١", "\u202bلغو\u202c", "\ufeffلغو", "لَغو",
        "لغـو",
        "\u2067لغو‌۱۱\u2069", "ﻟﻐﻮ", "ＳＴＯＰ", "stop all", "لغو اشتراك", "لغو‌اشتراک", "لغو عضويت",
    ],
)  # fmt: skip
def test_a_wish_for_no_more(text: str) -> None:
    assert receiving.wish(text, {}) == "stop"


@pytest.mark.parametrize(
    "text", ["stop the noise", "لغو نوبت من", "", "!", "بله", "cancel", "۱۱", "لغو۱۲"]
)
def test_no_wish(text: str) -> None:
    assert receiving.wish(text, {}) is None


def test_more_words_may_be_added() -> None:
    more = {"stop_words": "انصراف، cancel", "start_words": "ادامه"}
    assert receiving.wish("Cancel", more) == "stop"
    assert receiving.wish("انصراف", more) == "stop"
    spaced = {"stop_words": "دیگر نمی‌خواهم"}
    for text in ("دیگر نمی‌خواهم", "ديگر نمي خواهم", "دیگر نمیخواهم!"):
        assert receiving.wish(text, spaced) == "stop"
    assert receiving.wish("ادامه", more) == "start"
    assert receiving.wish("شروع", more) == "start"


def test_a_keyword_may_bring_answers_to_the_form() -> None:
    [found] = receiving.read_keywords("شکایت = service:complaint about=product remedy=repair")
    assert (found.key, found.data) == ("complaint", {"about": "product", "remedy": "repair"})
    with pytest.raises(ValueError, match="name=value"):
        receiving.read_keywords("a = service:complaint about")
