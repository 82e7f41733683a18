"""How a channel may be used: its rate, its quiet hours and how often it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

import connectors
from connectors.contract import told
from connectors.gate import Quiet

_HOUR = "%H:%M"


class Policy(Schema):
    """The fields of a policy as the settings page and the command line give them."""

    class Meta:
        unknown = RAISE

    per_minute = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 100_000),
        metadata=told(
            {"en": "At most per minute", "fa": "بیشترین شمار در دقیقه"},
            {
                "en": "Left empty, as many as there are. What is more waits its turn.",
                "fa": "اگر خالی بماند، هر چند که باشد. آنچه بیشتر است در نوبت می‌ماند.",
            },
        ),
    )
    quiet_from = fields.Time(
        format=_HOUR,
        load_default=None,
        allow_none=True,
        metadata=told(
            {"en": "Quiet from", "fa": "آغاز ساعت‌های سکوت"},
            {
                "en": "Such as 22:00, by the organisation’s clock. Nothing is sent until they end.",
                "fa": "مانند ۲۲:۰۰ به وقت سازمان. تا پایان آن چیزی فرستاده نمی‌شود.",
            },
        ),
    )
    quiet_to = fields.Time(
        format=_HOUR,
        load_default=None,
        allow_none=True,
        metadata=told({"en": "Quiet until", "fa": "پایان ساعت‌های سکوت"}),
    )
    attempts = fields.Integer(
        load_default=connectors.RetryPolicy().attempts,
        validate=validate.Range(1, 20),
        metadata=told(
            {"en": "Attempts", "fa": "شمار تلاش‌ها"},
            {
                "en": "How often a sending that fails for a while is tried, within 24 hours.",
                "fa": "فرستادنی که گذرا شکست می‌خورد در ۲۴ ساعت چند بار آزموده شود.",
            },
        ),
    )

    @validates_schema
    def _both_or_none(self, data: Mapping[str, Any], **_: Any) -> None:
        missing = [name for name in ("quiet_from", "quiet_to") if data.get(name) is None]
        if len(missing) == 1:
            raise ValidationError("Missing data for required field.", missing[0])


def load(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The policy as it is kept; raises ``marshmallow.ValidationError``."""
    found = Policy().load(dict(typed))
    kept: dict[str, Any] = {"attempts": found["attempts"]}
    if found["per_minute"]:
        kept["per_minute"] = found["per_minute"]
    if found["quiet_from"] is not None:
        hours = {"from": found["quiet_from"], "to": found["quiet_to"]}
        kept["quiet"] = {name: hour.strftime(_HOUR) for name, hour in hours.items()}
    return kept


def dump(policy: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that :func:`load` would take to give this policy."""
    quiet = policy.get("quiet") or {}
    return {
        "per_minute": policy.get("per_minute"),
        "quiet_from": quiet.get("from"),
        "quiet_to": quiet.get("to"),
        "attempts": policy.get("attempts", connectors.RetryPolicy().attempts),
    }


def quiet(policy: Mapping[str, Any]) -> Quiet | None:
    """The quiet hours of a policy, if it has any."""
    hours = policy.get("quiet")
    return (
        Quiet(time.fromisoformat(hours["from"]), time.fromisoformat(hours["to"])) if hours else None
    )


def per_minute(policy: Mapping[str, Any]) -> int | None:
    """The rate of a policy, if it has any."""
    found: int | None = policy.get("per_minute")
    return found


def retries(policy: Mapping[str, Any]) -> connectors.RetryPolicy:
    """How patiently deliveries by this channel are tried again."""
    usual = connectors.RetryPolicy()
    return connectors.RetryPolicy(attempts=policy.get("attempts", usual.attempts))
