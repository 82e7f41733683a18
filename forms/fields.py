"""One marshmallow field per component type: from what was sent to clean JSON values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import phonenumbers
import re2  # type: ignore[import-untyped]
from marshmallow import ValidationError, fields

from forms.dates import parse_date, parse_datetime, parse_time, show_date
from forms.messages import tell, tell_missing
from forms.model import LISTED, Field, say
from forms.setting import Setting
from forms.text import has_control, normalise, to_ascii_digits

MAX_FILES = 20
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_EMAIL = re.compile(
    r"[^@\s<>\"(),:;\\\[\]]{1,64}@(?:[^@\s.<>\"(),:;\\\[\]]{1,63}\.)+[^@\s.\d]{2,63}"
)
_TRUE = frozenset({"true", "on", "1", "yes"})
_FALSE = frozenset({"false", "off", "0", "no", ""})


def build(field: Field, setting: Setting) -> Answer:
    """The marshmallow field that checks answers to that component."""
    kinds = _CHECKS.get(field.type, Choice)
    return kinds(field, setting)


class Answer(fields.Field[Any]):
    """An answer to one component: normalised, checked, told about in the reader's language."""

    def __init__(self, rule: Field, setting: Setting) -> None:
        self.rule = rule
        self.setting = setting
        missing = tell_missing(rule, setting.language)
        told: dict[str, Any] = {"required": missing, "null": missing}
        required = rule.required and rule.default is None
        given: dict[str, Any] = {} if required else {"load_default": self._absent()}
        super().__init__(
            required=required,
            allow_none=True,
            data_key=rule.key,
            attribute=rule.key,
            error_messages=told,
            metadata={"description": say(rule.labels, setting.language)},
            **given,
        )

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        """The clean answer. Sent but empty is the same as not answered: no default applies."""
        if self.is_blank(value):
            return self.settle_blank()
        return super().deserialize(value, attr, data, **more)

    def is_blank(self, value: Any) -> bool:
        return value is None or value == [] or (isinstance(value, str) and not normalise(value))

    def settle_blank(self) -> Any:
        if self.rule.required:
            raise self.make_error("required")
        return self.empty()

    def empty(self) -> Any:
        return [] if self.rule.type in LISTED else None

    def fail_with(self, code: str, n: object = "") -> ValidationError:
        return ValidationError(tell(code, self.setting.language, n=n))

    def _absent(self) -> Any:
        return self.empty() if self.rule.default is None else self.rule.default


class Text(Answer):
    """Free text on one line or several, an e-mail address, or a phone number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        if not isinstance(value, str):
            raise self.fail_with("text")
        if len(value) > 4 * self.rule.max_length + 1000:
            raise self.fail_with("too_long", self.rule.max_length)
        text = normalise(value, lines=self.rule.type == "textarea")
        if has_control(text):
            raise self.fail_with("control")
        return self._check_length(self._check_shape(text))

    def _check_length(self, text: str) -> str:
        if len(text) > self.rule.max_length:
            raise self.fail_with("too_long", self.rule.max_length)
        if len(text) < self.rule.min_length:
            raise self.fail_with("too_short", self.rule.min_length)
        return text

    def _check_shape(self, text: str) -> str:
        if self.rule.kind == "email":
            text = self._check_email(to_ascii_digits(text))
        elif self.rule.kind == "phone":
            text = self._check_phone(text)
        return self._check_pattern(text) if self.rule.pattern else text

    def _check_email(self, text: str) -> str:
        if len(text) > 254 or not _EMAIL.fullmatch(text):
            raise self.fail_with("email")
        name, _, host = text.rpartition("@")
        return f"{name}@{host.lower()}"

    def _check_phone(self, text: str) -> str:
        number = read_phone(text)
        if number is None:
            raise self.fail_with("phone")
        return number

    def _check_pattern(self, text: str) -> str:
        plain = to_ascii_digits(text)
        if re2.search(self.rule.pattern, plain) is None:
            raise self._tell_pattern()
        return plain

    def _tell_pattern(self) -> ValidationError:
        own = self.rule.messages.get("pattern")
        return (
            ValidationError(say(own, self.setting.language)) if own else self.fail_with("pattern")
        )


def read_phone(text: str) -> str | None:
    """The number as ``+989121234567``; None when it cannot be one. Without a country: Iran."""
    plain = to_ascii_digits(text)
    if not re.fullmatch(r"\+?[0-9 ()./\-]{3,30}", plain):
        return None
    try:
        number = phonenumbers.parse(plain, "IR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class Number(Answer):
    """A number; whole ones are int, others float, at most 15 digits so that none is bent."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int | float:
        number = self._read(value)
        if abs(number) >= 10**15 or len(number.as_tuple().digits) > 15:
            raise self.fail_with("too_many_digits")
        self._check_range(self._check_decimals(number))
        return int(number) if number == number.to_integral_value() else float(number)

    def _read(self, value: Any) -> Decimal:
        if isinstance(value, str) and len(value) <= 60:
            plain = to_ascii_digits(normalise(value)).translate(_SEPARATORS)
            if _NUMBER.fullmatch(plain):
                return _trim(Decimal(plain.replace(",", "")))
        elif isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value if abs(value) < 10**15 else 10**15)
        elif isinstance(value, float) and math.isfinite(value):
            return _trim(Decimal(repr(value)))
        raise self.fail_with("number")

    def _check_decimals(self, number: Decimal) -> Decimal:
        places = self.rule.decimals
        if places is not None and number != round(number, places):
            raise self.fail_with("whole") if places == 0 else self.fail_with("decimals", places)
        return number

    def _check_range(self, number: Decimal) -> None:
        if self.rule.minimum is not None and number < self.rule.minimum:
            raise self.fail_with("min", f"{self.rule.minimum:f}")
        if self.rule.maximum is not None and number > self.rule.maximum:
            raise self.fail_with("max", f"{self.rule.maximum:f}")


_SEPARATORS = str.maketrans({"٬": ",", "،": ",", "٫": ".", "−": "-", " ": None, "\u00a0": None})


def _trim(number: Decimal) -> Decimal:
    """The number without the zeros at its end, so that 1.50 counts two digits."""
    return number.normalize() if number else Decimal(0)


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
