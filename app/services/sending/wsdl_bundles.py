"""WSDLs of channels: judged outside any transaction, kept once, never fetched again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor
from app.db import end_reading, require_no_transaction, session
from app.models import Channel, WsdlBundle
from app.services.sending import channel_policy, channel_settings, channels
from app.services.sending.channel_settings import Draft
from connectors import soap_check, wsdl, wsdl_fetching
from connectors.http_way import way as way_of
from connectors.soap_operations import Operation, from_json
from connectors.soap_templates import operation_templates
from connectors.wsdl import Bundle

OPTION = "wsdl"


@dataclass(frozen=True)
class Judged:
    """A WSDL that can be used."""

    bundle: Bundle = field(repr=False)
    operations: list[dict[str, Any]] = field(repr=False)
    source: str | None = None


def judge_upload(name: str, data: bytes) -> Judged:
    """Judge an uploaded WSDL or zip file, in a process of its own; raises ``BadWsdl``."""
    require_no_transaction()
    end_reading()
    bundle = wsdl.read_bundle(name, data)
    return Judged(bundle, soap_check.approve(bundle))


def judge_fetched(url: str, key: str) -> Judged:
    """Fetch a WSDL as the channel reaches its partner, and judge it; raises ``BadWsdl``."""
    require_no_transaction()
    like = way_of(channels.open_(channels.find(key)).options)
    end_reading()
    bundle = wsdl_fetching.fetch_bundle(url, like)
    return Judged(bundle, soap_check.approve(bundle), wsdl_fetching.shown(url))


def give(key: str, judged: Judged, base: int | None, actor: Actor, now: datetime) -> Channel:
    """Let a channel use a WSDL from now on: a revision like any other. Raises Conflict when
    somebody changed the channel since its revision ``base``."""
    digest = _keep(judged, actor, now)
    found = channels.find(key)
    draft = Draft(
        key, found.kind, found.names, {**found.options, OPTION: digest},
        policy=channel_policy.dump(found.policy), enabled=found.enabled,
        is_default=found.is_default, base=base,
    )  # fmt: skip
    return channel_settings.save(draft, actor, now)


def _keep(judged: Judged, actor: Actor, now: datetime) -> str:
    """The same bundle twice is one row."""
    bundle = judged.bundle
    row = {
        "digest": bundle.digest, "name": bundle.main[:200], "content": wsdl.pack(bundle),
        "size": bundle.size, "source": judged.source, "operations": judged.operations,
        "added_at": now, "added_by": actor.id if actor.kind == "user" else None,
    }  # fmt: skip
    session().execute(insert(WsdlBundle).values(row).on_conflict_do_nothing())
    return bundle.digest


def find(options: Mapping[str, Any]) -> WsdlBundle | None:
    """The WSDL that a channel's options name."""
    digest = options.get(OPTION)
    return session().get(WsdlBundle, digest) if digest else None


def operations_of(options: Mapping[str, Any]) -> tuple[Operation, ...]:
    """What the WSDL of a channel can; nothing when it has none."""
    query = select(WsdlBundle.operations).where(WsdlBundle.digest == options.get(OPTION))
    found = session().execute(query).scalar_one_or_none()
    return from_json(found or ())


def element_templates(language: str) -> list[dict[str, Any]]:
    """What the modeler offers for each operation of every channel with a WSDL."""
    ways = [way for way in channels.all_ways() if way.enabled and way.options.get(OPTION)]
    digests = {way.options[OPTION] for way in ways}
    query = select(WsdlBundle.digest, WsdlBundle.operations).where(WsdlBundle.digest.in_(digests))
    known = {digest: from_json(rows) for digest, rows in session().execute(query)}
    return [
        template
        for way in ways
        for template in operation_templates(
            way.key, way.names, known.get(way.options[OPTION], ()),
            way.options.get("reference_field", ""), language,
        )
    ]  # fmt: skip
