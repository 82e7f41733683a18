"""Everything that FEEL says to people is said in English and in Persian, and where."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpmn import feel
from bpmn.bidi import set_apart
from bpmn.feel.persian import SENTENCES

ROOM = Path(feel.__file__).parents[1]
SAYING = {
    "Undefined": 1, "warn": 2, "FeelSyntaxError": 2, "FeelLimitError": 0, "FeelError": 0,
    "Phrase": 0, "fail": 0, "broken": 0,
}  # fmt: skip
"""Who says something, and which of its arguments is the sentence."""
PERSIAN = re.compile("[\u0600-\u06ff]")


def sentences() -> Iterator[str]:
    for path in (*ROOM.glob("feel/**/*.py"), *ROOM.glob("decision/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield from _said(node)


def _said(node: ast.Call) -> Iterator[str]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    place = SAYING.get(name)
    if place is not None and len(node.args) > place:
        said = node.args[place]
        assert not isinstance(said, ast.JoinedStr), ast.unparse(node)
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            yield said.value


def _places(text: str) -> list[tuple[str | None, str | None]]:
    found = [(name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name]
    return sorted(set(found))


def test_every_sentence_has_its_persian() -> None:
    said = {text for text in sentences() if text.strip("{0}")}
    assert len(said) > 100
    assert sorted(said - set(SENTENCES)) == []


def test_no_persian_sentence_is_left_over() -> None:
    source = "".join(path.read_text("utf-8") for path in ROOM.glob("**/*.py"))
    spare = [text for text in SENTENCES if source.count(text.replace("\\", "\\\\")) < 2]
    assert spare == []


def test_both_sentences_hold_the_same_words() -> None:
    for english, persian in SENTENCES.items():
        assert _places(english) == _places(persian), english
        assert PERSIAN.search(persian) or not re.search("[a-z]{3}", english), english


@pytest.mark.parametrize(
    ("text", "code", "position", "english", "persian"),
    [
        ("1 + amount", "NO_VARIABLE", 4, "no variable 'amount'", "«amount»"),
        ('1 + "a"', "OPERANDS", 2, "number and string", "عدد و متن"),
        ("{a: 1}.b", "NO_ENTRY", 6, "no entry 'b'", "«b»"),
        ("1 < true", "ORDER", 2, "no order", "عدد و درست یا نادرست"),
        ("nothing()", "NO_FUNCTION", 7, "no function 'nothing'", "«nothing»"),
        (
            "substring(1, 2)",
            "ARGUMENT_TYPE",
            9,
            "must be string, not number",
            "باید متن باشد، نه عدد",
        ),
        ('abs("x")', "ARGUMENT_TYPE", 3, "number or years", "عدد یا مدت به سال و ماه"),
        ('date("x")', "DATE", 4, "Not a date: 'x'", "این تاریخ نیست"),
        ("[1][7]", "NO_ITEM", 3, "no item 7", "عضو شمارهٔ ۷"),
        ("1 / 0", "ARITHMETIC", 2, "by zero", "تقسیم بر صفر"),
    ],
)
def test_a_warning_tells_what_and_where(
    text: str, code: str, position: int, english: str, persian: str
) -> None:
    told = next(w for w in feel.examine(text, {}).warnings if w.code == code)
    assert told.position == position
    assert english in told.messages["en"]
    assert f"(at character {position + 1})" in told.messages["en"]
    assert persian in told.messages["fa"]
    assert f"(نویسهٔ {set_apart(position + 1)})" in told.messages["fa"]


@pytest.mark.parametrize(
    ("text", "english", "persian"),
    [
        (
            "if 1 then 2",
            "Expected 'else', found the end",
            "این‌جا \u2068'else'\u2069 لازم است؛ به‌جایش پایان عبارت",
        ),
        ("(1", "Expected ), found the end", "لازم است؛ به‌جایش پایان عبارت آمده است"),
        ('"a', "no closing quote", "گیومهٔ پایان"),
    ],
)
def test_a_text_that_cannot_be_read_says_what_was_expected(
    text: str, english: str, persian: str
) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text)
    assert english in caught.value.messages["en"]
    assert persian in caught.value.messages["fa"]


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("1 + count(for i in 1..300000 return i)", 10),
        ("some i in 1..100000000 satisfies false", 0),
        ("{f: function(x) f(x), y: f(1)}.y", 17),
    ],
)
def test_a_limit_is_told_in_both_languages_and_where(text: str, position: int) -> None:
    with pytest.raises(feel.FeelLimitError) as caught:
        feel.evaluate(text, {})
    assert caught.value.code == "LIMIT"
    assert caught.value.position == position
    assert PERSIAN.search(caught.value.messages["fa"])


def test_a_demanded_value_says_all_that_was_wrong() -> None:
    with pytest.raises(feel.FeelValueError) as caught:
        feel.examine("1 + null", {}).require()
    assert caught.value.code == "OPERANDS"
    assert "عدد و هیچ" in caught.value.messages["fa"]
