"""The kinds of connectors that are there: our own, and those that other packages bring.

A package adds a kind with an entry point of the group ``peygir.connectors`` that names its
:class:`Connector` subclass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import NamedTuple

from connectors.contract import Ability, Connector, Texts

GROUP = "peygir.connectors"
OWN: Sequence[str] = [
    "connectors.email:Email",
    "connectors.sms_http:SmsHttp",
    "connectors.http:Http",
    "connectors.webhook:Webhook",
    "connectors.soap:Soap",
    "connectors.smpp:Smpp",
    "connectors.imap:Imap",
]
"""Our own kinds, each in a file of its own."""

_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Unusable(NamedTuple):
    """A connector of another package that is left out."""

    place: str
    """Where it is, as in ``peygir_bell:Bell``."""
    why: str

    def __str__(self) -> str:
        return f"the connector {self.place} of another package is left out: {self.why}"


def kinds() -> Mapping[str, Connector]:
    """Every kind by its name, our own first; one of another package that cannot be used is left
    out, see :func:`unusable`, and never takes the place of another."""
    return _found()[0]


def unusable() -> tuple[Unusable, ...]:
    """The connectors of other packages that are left out, and why; where no package brings any,
    nothing is loaded to say so."""
    return _found()[1] if entry_points(group=GROUP) else ()


def forget() -> None:
    """Look anew for what is installed, at the next question."""
    _found.cache_clear()


@lru_cache(maxsize=1)
def _found() -> tuple[Mapping[str, Connector], tuple[Unusable, ...]]:
    found, left_out = {one.kind: one for one in map(_own, OWN)}, []
    own = frozenset(found)
    for place, one in _others():
        if isinstance(one, str):
            left_out.append(Unusable(place, one))
        elif one.kind in found:
            whose = "Peygir" if one.kind in own else "another package"
            left_out.append(Unusable(place, f"the name {one.kind} is taken by a kind of {whose}"))
        else:
            found[one.kind] = one
    return MappingProxyType(found), tuple(left_out)


def find(kind: str) -> Connector | None:
    """The kind of this name."""
    return kinds().get(kind)


def of_task(task_type: str) -> tuple[Connector, ...]:
    """The kinds that carry out service tasks of this type, such as ``sms``."""
    return tuple(one for one in kinds().values() if one.task_type == task_type)


def task_types() -> frozenset[str]:
    """The types of service tasks that some kind carries out."""
    return frozenset(one.task_type for one in kinds().values()) - {""}


def complaints(connector: Connector) -> list[str]:
    """What a kind lacks to be shown, chosen and used; nothing for a whole one."""
    found = [] if _KIND.fullmatch(connector.kind) else [f"kind {connector.kind!r}"]
    found += [f"error {code!r}" for code in connector.errors if not _CODE.fullmatch(code)]
    found += [
        f"{what}: no {language}"
        for what, texts in _texts(connector)
        for language in ("en", "fa")
        if not texts.get(language)
    ]
    found += [
        f"{ability}: no {does}"
        for ability, does in _DONE_BY.items()
        if _lacks(connector, ability, does)
    ]
    if connector.repeats == "ask" and "ask" not in connector.abilities:
        found.append("repeats: ask, but it cannot ask")
    return found


_DONE_BY: Mapping[Ability, str] = {"ask": "ask", "report": "read_report", "receive": "read_inbound"}


def _lacks(connector: Connector, ability: Ability, method: str) -> bool:
    is_base = getattr(type(connector), method) is getattr(Connector, method)
    if ability in ("report", "receive") and (connector.fetches or connector.apart):
        # What comes over a connection of its own comes by no hook.
        return False
    return ability in connector.abilities and is_base


def _texts(connector: Connector) -> Iterator[tuple[str, Texts]]:
    yield from (("names", connector.names), ("about", connector.about))
    yield from ((f"input {one.name}", one.label) for one in connector.inputs)
    yield from ((f"result {name}", label) for name, label in connector.results.items())
    yield from ((f"error {code}", label) for code, label in connector.errors.items())
    for name, one in connector.Options().fields.items():
        yield f"option {name}", one.metadata.get("label") or {}


def _own(place: str) -> Connector:
    module, _, name = place.partition(":")
    found: type[Connector] = getattr(import_module(module), name)
    return found()


def _others() -> Iterator[tuple[str, Connector | str]]:
    """Each connector of another package, or what is wrong with it."""
    for point in entry_points(group=GROUP):
        try:
            made = point.load()()
            wrong = complaints(made) if isinstance(made, Connector) else ["it is no Connector"]
        except Exception as error:  # noqa: BLE001  # A stranger's fault must not stop the house.
            told = " ".join(str(error).split())[:200]
            wrong = [f"it cannot be loaded: {type(error).__name__}: {told}".removesuffix(": ")]
        yield point.value, "; ".join(wrong) or made
