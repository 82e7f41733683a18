"""Values in and out, as JSON holds them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import feel

STORABLE = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
"""What a table can store: U+0000 is refused, as the test below says."""

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
    | st.text(STORABLE, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(STORABLE, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_what_goes_in_comes_out(value: Any) -> None:
    back = feel.to_json(feel.evaluate("value", {"value": value}))
    assert back == value
    json.dumps(back, allow_nan=False)


@pytest.mark.parametrize("value", ["a\x00b", ["\x00"], {"\x00": 1}, {"k": {"x": "\x00"}}])
def test_what_no_table_can_store_is_refused(value: Any) -> None:
    with pytest.raises(feel.FeelError):
        feel.to_json(feel.evaluate("value", {"value": value}))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1", 1),
        ("1.50", 1.5),
        ("9007199254740991", 9007199254740991),
        ("9007199254740993", "9007199254740993"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("1e-400", "1E-400"),
    ],
)
def test_a_number_keeps_its_digits(number: str, shown: Any) -> None:
    assert feel.to_json(Decimal(number)) == shown


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_null(number: object) -> None:
    assert feel.evaluate("n", {"n": number}) is None


def test_other_values_become_texts() -> None:
    assert feel.to_json(feel.evaluate("[1..5)", {})) == "[1..5)"
    assert feel.to_json(feel.evaluate("(> 5)", {})) == "> 5"
    assert feel.to_json(feel.evaluate("count", {})) == "function count"
