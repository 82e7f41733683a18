"""SOAP faults, of both versions, and what they mean for us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors.errors import Health, Permanent, Transient
from connectors.json_values import storable
from connectors.soap_reading import local, plain
from connectors.soap_wire import NAMESPACES

SHOWN = 400
LARGEST = 20_000
"""Characters of a detail as JSON."""
_PARTNERS = frozenset({"Server", "Receiver"})
"""The codes by which the partner says that the fault is its own, and may pass."""
_ACCESS = frozenset(
    "FailedAuthentication FailedCheck InvalidSecurity InvalidSecurityToken MessageExpired "
    "SecurityTokenUnavailable".split()
)
"""Of WS-Security: what an administrator can mend while we try again."""


class SoapFault(Permanent):
    """The partner answered with a SOAP fault."""

    # Its result: ``code``, ``subcode``, ``reason`` and ``detail`` of the fault.

    persian = "طرف مقابل با خطای SOAP پاسخ داد."
    default_code = "soap_fault"


class SoapFaultForNow(Transient):
    """The partner answered with a SOAP fault that may pass."""

    persian = "طرف مقابل با خطای SOAP پاسخ داد که شاید گذرا باشد."
    default_code = "soap_fault"
    may_have_acted = True
    health: Health = "well"


@dataclass(frozen=True)
class Fault:
    """What a fault says."""

    code: str
    """Without its prefix, such as ``Client`` or ``Receiver``."""
    subcodes: tuple[str, ...]
    reason: str
    detail: Any
    """The elements of the detail by name, as JSON values; None when there are none."""

    @property
    def codes(self) -> frozenset[str]:
        return frozenset({self.code, *self.subcodes})

    @property
    def result(self) -> dict[str, Any]:
        subcode = self.subcodes[0] if self.subcodes else None
        named = {"code": self.code, "subcode": subcode}
        return {**named, "reason": self.reason, "detail": self.detail}

    @property
    def line(self) -> str:
        """One line for people."""
        codes = "/".join((self.code, *self.subcodes))
        return f"{codes}: {self.reason}"[:SHOWN] if self.reason else codes[:SHOWN]


def read(found: etree._Element) -> Fault:
    """Take a Fault element of SOAP 1.1 or 1.2 apart."""
    if etree.QName(found).namespace == NAMESPACES["1.2"]:
        codes = [_name(one) for one in found.iter(_in_12("Value"))]
        reason = found.findtext(f"{_in_12('Reason')}/{_in_12('Text')}")
        detail = found.find(_in_12("Detail"))
    else:
        # Some servers put these into the envelope's namespace, where they do not belong.
        parts = {local(child): child for child in found}
        codes = list(_dotted(parts.get("faultcode")))
        reason = _text(parts.get("faultstring"))
        detail = parts.get("detail")
    clean = [storable(one)[:100] for one in codes if one] or ["unknown"]
    words = " ".join(storable(reason or "").split())
    return Fault(clean[0], tuple(clean[1:6]), words[:2000], _detail(detail))


def error(fault: Fault, *, again: bool) -> SoapFault | SoapFaultForNow:
    """The error that a fault is for us. With ``again`` a fault of the partner's own is tried
    again, unless its detail tells the reason: that is a refusal in the service's own words."""
    passing = again and fault.code in _PARTNERS and not isinstance(fault.detail, dict)
    if passing or fault.codes & _ACCESS:
        later = SoapFaultForNow(fault.line)
        later.result = fault.result
        # Who does not let us in lets no other call in.
        later.health = "ill" if fault.codes & _ACCESS else "well"
        return later
    final = SoapFault(fault.line)
    final.result = fault.result
    return final


def _in_12(name: str) -> str:
    return f"{{{NAMESPACES['1.2']}}}{name}"


def _name(one: etree._Element) -> str:
    return (one.text or "").strip().rpartition(":")[2]


def _text(one: etree._Element | None) -> str:
    return "".join(map(str, one.itertext())) if one is not None else ""


def _dotted(one: etree._Element | None) -> Iterator[str]:
    """The codes of SOAP 1.1, where a dot leads from a code to its subcode."""
    if one is not None:
        yield from _name(one).split(".")


def _detail(found: etree._Element | None) -> Any:
    """The detail's elements, as far as a process may hold them; of a larger one its words."""
    if found is None:
        return None
    if len(found):
        value = plain(found)
        if len(json.dumps(value)) <= LARGEST:
            return value
    words = " ".join(storable(_text(found)).split())
    return words[:2000] or None
