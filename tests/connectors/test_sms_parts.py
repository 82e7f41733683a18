"""How a text falls into parts, for every boundary that costs money or breaks a character."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import sms_parts
from connectors.smpp_parts import decode, pieces, take_apart
from connectors.sms_parts import split
from tests.connectors.mails import random_words

TEXTS = st.text(st.sampled_from("ab €{}پیگیر‌🙂👍🏽é́\n"), max_size=400)


@pytest.mark.parametrize(
    ("text", "encoding", "count", "left"),
    [
        ("", "gsm-7", 1, 160),
        ("a" * 160, "gsm-7", 1, 0),
        ("a" * 161, "gsm-7", 2, 145),
        ("a" * 306, "gsm-7", 2, 0),
        ("a" * 307, "gsm-7", 3, 152),
        ("€" * 80, "gsm-7", 1, 0),
        # Seventy-six pairs in the first part, whose last place stays empty.
        ("€" * 81, "gsm-7", 2, 143),
        ("س" * 70, "ucs-2", 1, 0),
        ("س" * 71, "ucs-2", 2, 63),
        ("س" * 134, "ucs-2", 2, 0),
        ("س" * 135, "ucs-2", 3, 66),
        ("🙂" * 35, "ucs-2", 1, 0),
        ("🙂" * 36, "ucs-2", 2, 61),
    ],
)
def test_the_boundaries(text: str, encoding: str, count: int, left: int) -> None:
    found = split(text)
    assert (found.encoding, found.count, found.left) == (encoding, count, left)


def test_an_escape_pair_is_not_split_and_takes_its_place_in_the_next_part() -> None:
    found = split("a" * 152 + "€" + "b" * 20)
    assert [len(part) for part in found.parts] == [152, 21]
    assert found.parts[1][0] == "€"


@pytest.mark.parametrize("emoji", ["🙂", "👍🏽", "👨‍👩‍👧", "🇮🇷", "é"])
def test_an_emoji_is_not_split(emoji: str) -> None:
    for before in range(60, 72):
        found = split("س" * before + emoji + "س" * 40)
        assert sum(emoji in part for part in found.parts) == 1


def test_an_endless_emoji_cannot_make_a_part_too_long() -> None:
    found = split("س" + "🙂\u200d" * 500)
    assert all(sms_parts.weigh(part, "ucs-2") <= 67 for part in found.parts)


def test_a_thousand_persian_texts_come_back_equal_from_their_parts() -> None:
    draw, counts = random.Random(1405), set()
    for number in range(1000):
        text = "\n".join(random_words(draw, 25) for _ in range(draw.randint(1, 3)))
        found = pieces(text, number)
        draw.shuffle(found)
        apart = [(*take_apart(one.content, one.esm_class), one.coding) for one in found]
        places = [place.number if place else 1 for place, _, _ in apart]
        assert sorted(places) == list(range(1, len(found) + 1))
        contents = [content for _, (_, content, _) in sorted(zip(places, apart, strict=True))]
        assert decode(contents, found[0].coding) == text
        counts.add(len(found))
    assert len(counts) > 3, "texts of one part and of many"


@given(TEXTS)
def test_parts_make_the_text_again_and_none_is_too_long(text: str) -> None:
    found = split(text)
    room = {("gsm-7", True): 160, ("gsm-7", False): 153, ("ucs-2", True): 70, ("ucs-2", False): 67}
    longest = room[found.encoding, found.count == 1]
    assert "".join(found.parts) == text
    for part in found.parts:
        assert sms_parts.weigh(part, found.encoding) <= longest
        bytes_each = 1 if found.encoding == "gsm-7" else 2
        content = sms_parts.encode(part, found.encoding)
        assert len(content) == sms_parts.weigh(part, found.encoding) * bytes_each


@given(st.text(st.sampled_from(sms_parts._BASIC.replace("\x1b", "") + "".join("^{}[]~|€\\\f"))))
def test_gsm_text_comes_back_from_its_bytes(text: str) -> None:
    assert sms_parts.decode_gsm(sms_parts.encode(text, "gsm-7")) == text


def test_bytes_of_no_table_do_not_break_the_reading() -> None:
    assert sms_parts.decode_gsm(b"a\x1b\x01\xffb\x1b") == "a  b"


def test_the_cost_is_counted_by_parts() -> None:
    assert split("س" * 135).cost(Decimal("120.5")) == Decimal("361.5")


def test_the_alphabet_has_a_hundred_and_twenty_eight_places() -> None:
    assert len(sms_parts._BASIC) == 128
    assert sms_parts.encode("@Ä¿à", "gsm-7") == bytes([0x00, 0x5B, 0x60, 0x7F])
