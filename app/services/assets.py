"""The register of assets: what services depend on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.access import Actor, parties_seen_by
from app.db import run, session
from app.errors import Invalid, NoSuch
from app.models import Asset, Party, asset_numbers
from app.services import requests, texts

CRITICALITIES = ("low", "medium", "high")


def add(
    names: Mapping[str, str],
    service: str,
    criticality: str,
    now: datetime,
    *,
    owner_id: int | None = None,
) -> Asset:
    """A new asset under the next number; raises Invalid for a wrong field."""
    _check(names, service, criticality)
    if owner_id is not None and session().get(Party, owner_id) is None:
        raise Invalid({"owner_id": ["There is no such customer. / چنین مشتری‌ای نیست."]})
    number = f"A-{run(_NUMBER).scalar_one():06d}"
    row = Asset(
        number=number, names=dict(names), service=service.strip(), criticality=criticality,
        owner_id=owner_id, created_at=now,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


_NUMBER = select(asset_numbers.next_value())


def _check(names: Mapping[str, str], service: str, criticality: str) -> None:
    wrong: dict[str, list[str]] = {}
    if not any(not texts.is_blank(name) for name in names.values()):
        wrong["names"] = ["Write a name in one language at least. / دست‌کم یک نام بنویسید."]
    if texts.is_blank(service):
        wrong["service"] = ["Write the service. / سرویس را بنویسید."]
    if criticality not in CRITICALITIES:
        wrong["criticality"] = [f"Write one of: {', '.join(CRITICALITIES)}. / یکی را بنویسید."]
    if wrong:
        raise Invalid(wrong)


def by_number(number: str) -> Asset | None:
    """The asset of that number, however it is typed; None when there is none."""
    wanted = Asset.number == requests.tidy_number(number)
    return session().scalar(select(Asset).where(wanted).options(joinedload(Asset.owner)))


def find(number: str) -> Asset:
    """The asset of that number; raises NoSuch."""
    found = by_number(number)
    if found is None:
        raise NoSuch(en=f"asset {number}", fa=f"دارایی {number}")
    return found


def list_page(
    *, after: int | None = None, limit: int = 50, service: str | None = None
) -> tuple[list[Asset], int | None]:
    """The assets in the order of their numbers, and the id after which to go on."""
    query = select(Asset).options(joinedload(Asset.owner)).order_by(Asset.id).limit(limit + 1)
    if after is not None:
        query = query.where(Asset.id > after)
    if service:
        query = query.where(Asset.service == service)
    rows = list(session().scalars(query))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def owners_seen_by(assets: list[Asset], actor: Actor) -> set[int]:
    """The owners among these whose names the actor may see."""
    ids = {asset.owner_id for asset in assets if asset.owner_id is not None}
    seen = select(Party.id).where(Party.id.in_(ids), or_(parties_seen_by(actor)))
    return set(session().scalars(seen)) if ids else set()
