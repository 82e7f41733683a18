"""What is typed in the fields of settings, and how little of their text it changes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import ndiff
from pathlib import Path

import pytest

import sla
from app.services.service_levels import sla_fields, sla_patch, sla_shown, sla_typed
from app.services.service_levels.sla_settings import Kind

ROOM = Path(sla.__file__).parent
FILES: Mapping[Kind, tuple[str, ...]] = {
    "calendar": ("iran", "england", "always"),
    "policy": ("complaint", "incident", "service-request"),
    "ladder": ("complaint", "incident"),
}


def source_of(kind: Kind, key: str) -> str:
    folder = {"calendar": "calendars", "policy": "policies", "ladder": "ladders"}[kind]
    return (ROOM / folder / f"{key}.toml").read_text("utf-8")


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, with ``+`` and ``-``."""
    told = ndiff(before.splitlines(), after.splitlines())
    return [line for line in told if line[:1] in "+-"]


@pytest.mark.parametrize(("kind", "key"), [(k, one) for k, keys in FILES.items() for one in keys])
def test_fields_that_are_sent_as_shown_change_nothing(kind: Kind, key: str) -> None:
    source = source_of(kind, key)
    assert sla_fields.apply(kind, source, sla_shown.flatten(kind, source)) == source


@pytest.mark.parametrize(
    ("kind", "key", "typed", "expected"),
    [
        ("calendar", "iran", {"week.thursday": "۸:۰۰ تا ۱۳:۰۰"},
         ['- thursday = ["08:00-12:00"]', '+ thursday = ["08:00-13:00"]']),
        ("calendar", "iran", {"closures": "۱۴۰۵/۰۹/۰۱"}, ['+ closures = ["2026-11-22"]']),
        ("calendar", "iran", {"add": "1405/09/01\n2026-12-01"},
         ["+ add = [2026-11-22, 2026-12-01]"]),
        ("policy", "complaint", {"first_response.0.target": "p۲d"},
         ['- urgent = "P1D"', '+ urgent = "P2D"']),
        ("policy", "complaint", {"acknowledgement.ladder": ""}, ['- ladder = "notice"']),
        ("ladder", "complaint", {"steps.0.at": "۴۰٪"}, ['- at = "50%"', '+ at = "40%"']),
        ("ladder", "complaint", {"names.en": "Another"},
         ['- en = "Escalation of complaints"', '+ en = "Another"']),
    ],
)  # fmt: skip
def test_a_changed_field_changes_its_line_alone(
    kind: Kind, key: str, typed: dict[str, str], expected: list[str]
) -> None:
    source = source_of(kind, key)
    after = sla_fields.apply(kind, source, {**sla_shown.flatten(kind, source), **typed})
    assert changed(source, after) == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("08:00-12:00", "08:00-12:00"), ("۸:۳۰–۱۲:۰۰", "08:30-12:00"),
        ("۲۲:۰۰ تا ۶:۰۰", "22:00-06:00"), ("nonsense", "nonsense"),
    ],
)  # fmt: skip
def test_hours_are_read_from_any_keyboard(typed: str, meant: str) -> None:
    assert sla_typed.hours(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-12-24", "2026-12-24"), ("۱۴۰۵/۰۹/۰۱", "2026-11-22"),
        ("۱۴۰۵/۰۹/۰۱ تا ۱۴۰۵/۰۹/۰۳", "2026-11-22 to 2026-11-24"),
        ("۱۴۰۵/۹/۱ از ۱۲:۰۰", "2026-11-22 from 12:00"),
        ("۱۴۰۵/۰۹/۰۱ تا ۸:۰۰", "2026-11-22 until 08:00"),
        ("۱۴۰۵/۰۹/۰۱ ۹:۰۰-۱۲:۰۰", "2026-11-22 09:00-12:00"),
        ("۱۴۰۵/۰۹/۰۱ از ۹:۰۰ تا ۱۲:۰۰", "2026-11-22 09:00-12:00"),
        ("2026-12-24 12:00 to 2026-12-27 09:00", "2026-12-24 12:00 to 2026-12-27 09:00"),
        ("2026-10-25 from 01:30+00:00", "2026-10-25 from 01:30+00:00"),
        ("1405/13/01", "1405/13/01"),
    ],
)  # fmt: skip
def test_stretches_are_read_in_both_calendars(typed: str, meant: str) -> None:
    assert sla_typed.stretch(typed) == meant


def test_a_name_with_a_bar_in_it_stays_one_name() -> None:
    source = source_of("calendar", "iran").replace(
        "[week]",
        '[[closures]]\nwhen = "2026-12-24"\nnames = {fa = "یک | دو", en = "a | b"}\n[week]',
    )
    typed = dict(sla_shown.flatten("calendar", source))
    typed["closures"] += "\n2026-12-25"
    [first, _] = tomllib.loads(sla_fields.apply("calendar", source, typed))["closures"]
    assert first["names"] == {"fa": "یک | دو", "en": "a | b"}


def test_a_text_that_cannot_be_changed_by_lines_is_written_anew() -> None:
    source = 'a = {b = "1", c = "2"}\nd = """x = 1\n"""\n'
    wanted = {"a": {"b": "3", "c": "2"}, "d": "x = 1\n", "e": {"f": 1}}
    assert tomllib.loads(sla_patch.patched(source, wanted)) == wanted
