"""The fields of which the options of most kinds are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields, validate

from connectors.contract import Texts, told


def text(
    label: Texts,
    hint: Texts | None = None,
    *,
    most: int = 500,
    check: Callable[[str], Any] | None = None,
    default: str = "",
    required: bool = False,
    **marks: Any,
) -> fields.String:
    """A text of at most so many characters, empty unless it must be given or ``default`` says
    otherwise. ``check`` raises ValidationError; ``marks`` are those of ``contract.told``."""
    given: dict[str, Any] = {"required": True} if required else {"load_default": default}
    checks: list[Callable[[str], Any]] = [validate.Length(max=most)]
    checks += [check] if check else []
    return fields.String(**given, validate=checks, metadata=told(label, hint, **marks))


def choice(
    label: Texts, choices: Mapping[str, Texts], hint: Texts | None = None, **marks: Any
) -> fields.String:
    """One of these values, each with what it is called; the first one unless another is given."""
    values = list(choices)
    return fields.String(
        load_default=values[0],
        validate=validate.OneOf(values),
        metadata=told(label, hint, choices=choices, **marks),
    )
