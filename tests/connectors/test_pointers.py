"""Pointers find one value or none, whatever they and the answer are."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.pointers import BadPointer, pick, steps

VALUE = {"a": {"b.c": [10, {"d": None}], "e": "f"}, "0": 1}


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("$", VALUE), ("", VALUE), ("a.e", "f"), ("$.a.e", "f"), ("a['b.c'][0]", 10),
        ('a["b.c"][-1].d', None), ("a['b.c'][2]", None), ("a.e.f", None), ("[0]", None), ("0", 1),
    ],
)  # fmt: skip
def test_what_a_pointer_finds(pointer: str, found: Any) -> None:
    assert pick(VALUE, pointer) == found


@pytest.mark.parametrize("pointer", ["a..b", "a[", "a[x]", "a]", ".", "a." * 200, "a['b]"])
def test_what_is_no_pointer(pointer: str) -> None:
    with pytest.raises(BadPointer):
        steps(pointer)


@given(st.text(max_size=60))
def test_any_text_is_a_pointer_or_not(text: str) -> None:
    with suppress(BadPointer):
        pick(VALUE, text)
