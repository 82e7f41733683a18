"""The lines of the measurements; nothing timed is asserted here."""

from __future__ import annotations

import json

import pytest

from bench import __main__ as bench
from bench.figure import TARGETS, Figure

SHAPE = {"name": str, "value": float, "unit": str, "target": str, "ok": bool}


@pytest.mark.parametrize("name", TARGETS)
def test_a_figure_is_one_line_of_json(name: str) -> None:
    line = Figure(name, 1.23456).line()

    told = json.loads(line)
    assert "\n" not in line
    assert list(told) == list(SHAPE)
    assert all(isinstance(told[key], kind) for key, kind in SHAPE.items())
    assert (told["name"], told["value"]) == (name, 1.235)


@pytest.mark.parametrize(
    ("name", "value", "ok"),
    [
        ("complete_vs_floor", 0.35, True),
        ("complete_vs_floor", 0.3499, False),
        ("step_vs_memory", 3.0, True),
        ("step_vs_memory", 3.001, False),
    ],
)
def test_a_target_is_met_at_its_bound(name: str, value: float, ok: bool) -> None:
    assert Figure(name, value).ok is ok


def test_every_figure_is_measured_once() -> None:
    measured = [name for names in bench.MEASUREMENTS.values() for name in names]

    assert sorted(measured) == sorted(TARGETS)


def test_only_what_is_asked_for_is_measured_and_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = lambda: iter([Figure("web_rss_mb", 250.0), Figure("web_rss_growth", 1.0)])  # noqa: E731
    names = ("web_rss_mb", "web_rss_growth")
    monkeypatch.setattr(bench, "MEASUREMENTS", {both: names, pytest.fail: ("sql_per_complete",)})
    monkeypatch.setenv("ONLY", "web_rss_growth")

    assert bench.main([]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["name"] == "web_rss_growth"
    assert bench.main(["web_rss_mb"]) == 1


def test_an_unknown_name_is_refused_with_those_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["speed"]) == 2

    assert "step_vs_memory" in capsys.readouterr().err
