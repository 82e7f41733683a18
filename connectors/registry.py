"""The kinds of connectors that are there: our own, and those that other packages bring.

A package adds a kind with an entry point of the group ``peygir.connectors`` that names its
:class:`Connector` subclass.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType

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

log = logging.getLogger(__name__)
_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Connector]:
    """Every kind by its name, our own first; one of another package that cannot be used is
    logged and left out, and never takes the place of ours."""
    found = {one.kind: one for one in map(_own, OWN)}
    for one in _others():
        found.setdefault(one.kind, one)
    return MappingProxyType(found)


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


def _others() -> Iterator[Connector]:
    for point in entry_points(group=GROUP):
        try:
            made = point.load()()
            wrong = complaints(made) if isinstance(made, Connector) else ["no Connector"]
        except Exception:  # A stranger's fault must not stop the house.
            log.exception("the connector %s of another package cannot be loaded", point.value)
            continue
        if wrong:
            log.error("the connector %s cannot be used: %s", point.value, "; ".join(wrong))
        else:
            yield made
