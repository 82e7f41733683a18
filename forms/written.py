"""Answers that are written: texts, addresses, phone numbers, numbers."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

import phonenumbers
import re2
from marshmallow import ValidationError

from forms.answer import Answer
from forms.model import say
from forms.text import has_control, normalise, to_ascii_digits

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_NAME = r"[^@\s<>\"(),:;\\\[\]]{1,64}"
_LABEL = r"[^@\s.<>\"(),:;\\\[\]]{1,63}"
_EMAIL = re.compile(rf"{_NAME}@(?:{_LABEL}\.)+[^@\s.\d<>\"]{{2,63}}")


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
    if len(str(number.national_number)) < 7 or not phonenumbers.is_possible_number(number):
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
