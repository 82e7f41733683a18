"""All that is wrong in a file is told at once, and nothing that is not."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

import sla
from sla import AllWrong, SettingsRefused

FOLDER = Path(sla.__file__).parent
LOAD: dict[str, Callable[..., Any]] = {
    "policies": sla.load_policy, "ladders": sla.load_ladder, "calendars": sla.load_calendar,
}  # fmt: skip
FILES = [file for folder in LOAD for file in sorted((FOLDER / folder).glob("*.toml"))]


def told(load: Callable[..., Any], source: str) -> dict[str, str]:
    """What is wrong, by key."""
    every = AllWrong()
    with pytest.raises(SettingsRefused) as refused:
        load(source.encode(), "x.toml", every)
    assert refused.value is every.found[0]
    for one in every.found:
        assert not re.search("نادرست است:|is none of|is not|is neither", one.messages["fa"]), one
    return {one.key: one.messages["en"] for one in every.found}


def test_of_a_policy() -> None:
    found = told(
        sla.load_policy,
        """
        key = "Calls!"
        odd = 1
        [names]
        fa = ""
        [metrics.answer]
        start = "sometimes"
        stop = "closed"
        target = "soon"
        reopen = "perhaps"
        names = {fa = "پاسخ", en = "Answer"}
        late = {fa = "دیر", en = "Late"}
        [metrics.solve]
        start = "submitted"
        stop = ["submitted", "closed"]
        pause = "entered:ask"
        names = {fa = "حل", en = "Solve"}
        customer_names = {fa = "حل", en = "Solve"}
        late = {fa = "دیر", en = "Late"}
        ladder = 3
        [[metrics.solve.rules]]
        priority = "huge"
        target = "P1D"
        [[metrics.solve.rules]]
        tier = "gold"
        target = "long"
        colour = "red"
        [metrics.solve.targets]
        urgent = "P1D"
        high = "x"
        low = "P5D"
        """,
    )
    assert found.keys() == {
        "key", "names.fa", "names.en", "calendar", "odd",
        "metrics.answer.customer_names", "metrics.answer.start", "metrics.answer.reopen",
        "metrics.answer.target",
        "metrics.solve.stop", "metrics.solve.resume", "metrics.solve.ladder",
        "metrics.solve.targets.high", "metrics.solve.targets.normal",
        "metrics.solve.rules.1.priority", "metrics.solve.rules.2.target",
        "metrics.solve.rules.2.colour",
    }  # fmt: skip


def test_of_a_ladder() -> None:
    found = told(
        sla.load_ladder,
        """
        key = "calls"
        names = {fa = "تماس", en = "Calls"}
        [[steps]]
        key = "half"
        at = "half"
        names = {fa = "نیم"}
        actions = [{notify = "nobody", template = "x"}, {raise_priority = "+9"}, {}]
        [[steps]]
        key = "half"
        at = "75%"
        names = {fa = "نیم", en = "Half"}
        actions = []
        [[steps]]
        key = "half"
        at = "80%"
        names = {fa = "نیم", en = "Half"}
        actions = [{notify = "manager", template = "x", odd = 1}]
        """,
    )
    assert found.keys() == {
        "steps.1.at", "steps.1.names.en", "steps.1.actions.1.notify",
        "steps.1.actions.2.raise_priority", "steps.1.actions.3", "steps.2.actions",
        "steps.3.actions.1.odd", "steps.2.key", "steps.3.key",
    }  # fmt: skip


def test_of_a_calendar() -> None:
    found = told(
        sla.load_calendar,
        """
        key = "north"
        time_zone = "Moon/Sea"
        names = {fa = "شمال", en = "North"}
        closures = ["2026-13-01", {when = "2026-05-02", odd = 1}]
        openings = ["2026-05-02"]
        [week]
        monday = "9-17"
        tuesday = ["08:00-12:00", "11:00-13:00"]
        wednesday = "25:00-26:00"
        someday = "08:00-09:00"
        [holidays]
        country = "XX"
        subdivision = "YY"
        known_until = "soon"
        [[seasons]]
        islamic_month = 13
        week = {monday = "x"}
        """,
    )
    assert found.keys() == {
        "time_zone", "closures.1.when", "closures.2.odd", "openings.1.when", "week.monday",
        "week.tuesday", "week.wednesday", "week.someday", "holidays.country",
        "holidays.known_until", "seasons.1.islamic_month", "seasons.1.week.monday",
    }  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_a_file_that_is_right_is_read_as_before(file: Path) -> None:
    every, load = AllWrong(), LOAD[file.parent.name]
    assert load(file.read_bytes(), file.name, every) == load(file.read_bytes(), file.name)
    assert every.found == []


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_changed_the_first_thing_is_among_all(seed: int) -> None:
    draw = random.Random(seed)
    file = draw.choice(FILES)
    values = tomllib.loads(file.read_text("utf-8"))
    for _ in range(draw.randint(1, 4)):
        spoil(values, draw)
    source, load = tomli_w.dumps(values).encode(), LOAD[file.parent.name]
    first, every = first_wrong(load, source), AllWrong()
    if first is None:
        load(source, "x.toml", every)
        assert every.found == []
        return
    with pytest.raises(SettingsRefused):
        load(source, "x.toml", every)
    assert any(first == one.key or first.startswith(f"{one.key}.") for one in every.found)


def first_wrong(load: Callable[..., Any], source: bytes) -> str | None:
    """The key of what is wrong first, where something is."""
    try:
        load(source, "x.toml")
    except SettingsRefused as refused:
        return refused.key
    return None


def spoil(values: Any, draw: random.Random) -> None:
    """Take a value away somewhere, or put another in its place."""
    places: list[tuple[Any, Any]] = []
    waiting = [values]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        places += [(one, key) for key in keys]
        waiting += [one[key] for key in keys if isinstance(one[key], dict | list)]
    holder, key = draw.choice(places)
    if draw.random() < 0.4:
        del holder[key]
    else:
        holder[key] = draw.choice(["", "odd", 7, -1, True, [], {}, ["x"], [3], {"a": 1}, 1.5])
