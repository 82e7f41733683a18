"""What every kind of answer shares: missing, empty, and told about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from forms.messages import tell, tell_missing
from forms.model import LISTED, Field, say
from forms.setting import Setting
from forms.text import normalise


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
