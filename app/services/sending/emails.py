"""The letters of service tasks of the type ``email``: their inputs, read or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import bpmn
import connectors
from app.services.sending import call_inputs

TO = "to"
RULES: Mapping[str, tuple[str, str, str, str]] = {
    "letter.to": (
        "The letter has no input “to”, so there is no address to send it to.",
        "Add an input mapping to “to” that gives an e-mail address.",
        "این نامه ورودی «to» ندارد و نشانی‌ای برای فرستادنش نیست.",
        "نگاشت ورودی‌ای به «to» بیفزایید که نشانی ایمیل بدهد.",
    ),
}
"""What is wrong and the remedy, in English, then in Persian."""


@dataclass(frozen=True)
class Words:
    """Where a letter goes and what it says."""

    to: str
    message: connectors.Message


def read(inputs: Mapping[str, Any]) -> Words:
    """The letter that the inputs ``to``, ``subject`` and ``body`` describe.

    Raises ``connectors.BadAddress`` for what mail cannot be sent to, and ``job_types.Refused``
    (``input``) for what is missing, and for a list or a context in place of a text.
    """
    to = inputs.get(TO)
    if not isinstance(to, str):
        raise connectors.BadAddress("" if to is None else json.dumps(to, ensure_ascii=False)[:80])
    connectors.address(to)
    for name in ("subject", "body"):
        # The same without a channel of mail as with one.
        if inputs.get(name) is None:
            raise call_inputs.missing(name)
    subject, body = (call_inputs.text_of(inputs, name) for name in ("subject", "body"))
    return Words(to, connectors.Message(connectors.one_line(subject), body))


def unaddressed(definition: bpmn.Definition, fields: frozenset[str]) -> Iterator[bpmn.Finding]:
    """A finding for each letter to which nothing gives an address; ``fields`` are those of the
    process's forms."""
    if TO in definition.data.writes | fields:
        return
    en, remedy_en, fa, remedy_fa = RULES["letter.to"]
    for element in definition.elements.values():
        if element.job_type == "email":
            # With mappings the designer says what the letter gets; without any, data may bring it.
            may_come = definition.data.anything and not element.inputs
            yield bpmn.Finding(
                element.line, element.id, "letter.to", {"en": en, "fa": fa},
                "warning" if may_come else "error", remedy={"en": remedy_en, "fa": remedy_fa},
            )  # fmt: skip
