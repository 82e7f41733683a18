"""In which line of a settings file something stands."""

from __future__ import annotations

import pytest

from sla import SettingsRefused, line_of, line_with, load_ladder

SOURCE = '''\
key = "x"
note = """
[week]
saturday = "not a key"
"""
[names]
fa = "یک"
[week]
saturday = ["08:00-16:00"]
"sunday" = []

[[steps]]
key = "a"
[steps.names]
fa = "الف"
[[steps]]
key = "b"
at = "50%"
[[steps.actions]]
notify = "assignee"
[[steps.actions]]
signal = "s"
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("", 1), ("key", 1), ("names.fa", 7), ("names.en", 6), ("week.saturday", 9),
        ("week.sunday", 10), ("week.monday", 8), ("steps.1.key", 13), ("steps.1.names.fa", 15),
        ("steps.2.at", 18), ("steps.2.actions.2.signal", 22), ("steps.3", 1), ("nothing", 1),
    ],
)  # fmt: skip
def test_a_key_stands_in_a_line(key: str, line: int) -> None:
    assert line_of(SOURCE, key) == line


def test_the_reader_of_toml_names_its_line_itself() -> None:
    source = 'key = "x"\nnames = \n'
    with pytest.raises(SettingsRefused) as refused:
        load_ladder(source.encode(), "x.toml")
    assert line_of(source, refused.value.key, refused.value.messages["en"]) == 2


def test_a_value_is_found_where_it_is_quoted() -> None:
    assert line_with(SOURCE, "50%") == 18
    assert line_with(SOURCE, "5") == 1
