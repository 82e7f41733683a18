"""What a process meets while its test cases run: our forms, working time and decision tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import forms
import sla
from app.services.deployment import form_conditions
from app.services.service_levels.working_time import functions_of
from bpmn import cases

Beside = Callable[[str], bytes | None]
"""The bytes of a file beside the diagram, by its name; None when there is none."""


def world_of(suite: cases.Suite, calendar: str, zone: ZoneInfo) -> cases.World:
    """The world of one file of cases; the calendar it names comes before the organisation's.

    Raises KeyError for a calendar that is not known.
    """
    own = suite.file.calendar if suite.file else None
    days = sla.calendars()[own or calendar]
    desk = _Desk(suite.beside, days.zone if own else zone)
    return cases.World(
        decisions=suite.decisions,
        processes=suite.processes,
        functions=lambda now: functions_of(days, now),
        check_start=desk.check_start,
        check_answers=desk.check,
    )


@dataclass
class _Desk:
    """The forms that answers go through: those beside the diagram, else the shipped ones."""

    beside: Beside
    zone: ZoneInfo
    known: dict[str, forms.Form | None] = field(default_factory=dict)

    def form(self, key: str) -> forms.Form | None:
        """The form of that key; raises ``forms.FormRefused`` for a bad file beside."""
        if key not in self.known:
            source = self.beside(f"{key}.form")
            own = forms.load(source, key, form_conditions.judge) if source is not None else None
            self.known[key] = own or forms.shipped().get(key)
        return self.known[key]

    def check(
        self, form: str, data: Mapping[str, Any], known: Mapping[str, Any], now: datetime
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The clean answers and the errors; without such a form the data as it is."""
        found = self.form(form)
        if found is None:
            return data, {}
        return forms.validate(
            found, data, "en", zone=self.zone, today=now.astimezone(self.zone).date(),
            evaluate=form_conditions.evaluate, context=known,
        )  # fmt: skip

    def check_start(
        self, form: str, data: Mapping[str, Any], known: Mapping[str, Any], now: datetime
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The same for a start: the request itself stands beside the form's fields."""
        answers = {name: value for name, value in data.items() if name != "request"}
        clean, errors = self.check(form, answers, data, now)
        return ({**data, **clean} if self.form(form) else data), errors
