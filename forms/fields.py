"""One marshmallow field per component type: from what was sent to clean JSON values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from forms.answer import Answer
from forms.dates import parse_date, parse_datetime, parse_time, show_date
from forms.model import Field
from forms.setting import Setting
from forms.text import has_control, normalise
from forms.written import Number, Text

MAX_FILES = 20
_TRUE = frozenset({"true", "on", "1", "yes"})
_FALSE = frozenset({"false", "off", "0", "no", ""})


def build(field: Field, setting: Setting) -> Answer:
    """The marshmallow field that checks answers to that component."""
    kinds = _CHECKS.get(field.type, Choice)
    return kinds(field, setting)


class Tick(Answer):
    """A checkbox: true or false; when required, only true will do."""

    def is_blank(self, value: Any) -> bool:
        return value is None

    def empty(self) -> bool:
        return False

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        ticked = self._read(value)
        if self.rule.required and not ticked:
            raise self.make_error("required")
        return ticked

    def _read(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else None
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise self.fail_with("boolean")


class Choice(Answer):
    """One option's value (radio, select)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        if not isinstance(value, str) or value not in _values(self.rule):
            raise self.fail_with("option")
        return value


class Choices(Answer):
    """Several options' values, in the file's order (checklist, taglist)."""

    def is_blank(self, value: Any) -> bool:
        return value is None or value == [] or value == ""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> list[str]:
        chosen = [value] if isinstance(value, str) else value
        known = _values(self.rule)
        if not isinstance(chosen, list) or not all(
            isinstance(one, str) and one in known for one in chosen
        ):
            raise self.fail_with("options")
        return [one for one in known if one in chosen]


def _values(rule: Field) -> tuple[str, ...]:
    return tuple(option.value for option in rule.options)


class Moment(Answer):
    """A date, a time of day or both, as ISO 8601."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        if not isinstance(value, str) or len(value) > 60:
            raise self.fail_with(self.rule.subtype)
        read = {"date": self._read_date, "time": self._read_time, "datetime": self._read_both}
        return read[self.rule.subtype](normalise(value))

    def _read_date(self, text: str) -> str:
        day = parse_date(text)
        if day is None:
            raise self.fail_with("date")
        self._check_passed(day)
        return day.isoformat()

    def _read_time(self, text: str) -> str:
        hour = parse_time(text)
        if hour is None:
            raise self.fail_with("time")
        return f"{hour:%H:%M}"

    def _read_both(self, text: str) -> str:
        moment = parse_datetime(text, self.setting.zone)
        if moment is None:
            raise self.fail_with("datetime")
        local = self._localise(moment)
        self._check_passed(local.date())
        return local.isoformat(timespec="seconds")

    def _localise(self, moment: datetime) -> datetime:
        return moment.astimezone(UTC).astimezone(self.setting.zone)

    def _check_passed(self, day: date) -> None:
        today = self.setting.today
        if self.rule.not_past and today is not None and day < today:
            raise self.fail_with("past", show_date(today, self.setting.language))


class FileNames(Answer):
    """The names of files that the page itself took in."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> list[str]:
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or len(names) > MAX_FILES:
            raise self.fail_with("files")
        clean = [self._read_name(name) for name in names]
        if len(clean) > 1 and not self.rule.multiple:
            raise self.fail_with("one_file")
        return clean

    def _read_name(self, name: Any) -> str:
        text = normalise(name) if isinstance(name, str) else ""
        if not 0 < len(text) <= 200 or has_control(text) or "/" in text or "\\" in text:
            raise self.fail_with("files")
        return text


_CHECKS: dict[str, type[Answer]] = {
    "textfield": Text,
    "textarea": Text,
    "number": Number,
    "checkbox": Tick,
    "checklist": Choices,
    "taglist": Choices,
    "datetime": Moment,
    "filepicker": FileNames,
}
