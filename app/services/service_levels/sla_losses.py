"""What a new version of a policy takes from open requests."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import String, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

import sla
from app.db import run
from app.i18n import to_digits
from app.models import SlaClock
from app.services.service_levels import clock_rows, sla_settings
from app.services.service_levels.sla_possible import Wrong


def losses(found: object) -> list[Wrong]:
    """How many open requests lose each promise that this text leaves out."""
    if not isinstance(found, sla.Policy) or not sla_settings.has("policy", found.key):
        return []
    return list(_lost(found, sla_settings.policy(found.key)))


def _lost(found: sla.Policy, newest: sla.Policy) -> Iterator[Wrong]:
    gone = [key for key in newest.metrics if key not in found.metrics]
    if not gone:
        return
    for metric, count in run(_RUNNING, {"policy": found.key, "gone": gone}).all():
        names = newest.metrics[metric].names
        yield Wrong(
            "metrics",
            f"“{names['en']}” ({metric}) is left out: no longer promised to {count} open requests",
            f"«{names['fa']}» ({metric}) کنار گذاشته شده است: {to_digits(count, 'fa')} درخواست باز"
            " این قول را از دست می‌دهند",
        )


_RUNNING = (
    select(SlaClock.metric, func.count(SlaClock.request_id.distinct()))
    .where(
        SlaClock.policy == bindparam("policy"),
        SlaClock.metric == any_(bindparam("gone", type_=ARRAY(String))),
        SlaClock.task_key.is_(None),
        SlaClock.state.not_in(clock_rows.OVER),
    )
    .group_by(SlaClock.metric)
    .order_by(SlaClock.metric)
)
