"""``find-similar``: keeps what this request is about and looks for others like it.

Inputs: ``topic`` (a word such as the service concerned) and ``asset`` (a number of the register
of assets), both optional. Gives ``similar`` (a list of ``number``, ``subject``, ``created_at``),
``similar_text`` and ``known_errors_text`` (the same as lines for a person), ``known_errors`` (a
list of ``number``, ``title``, ``workaround``), ``asset_name`` and ``recurrence``: whether the same
asset, or the same customer with the same topic, had one in the last 90 days. Confidential
requests are not among them. An asset that nobody knows counts as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.i18n import pick_text
from app.models import Asset, ProcessInstance, ServiceJob
from app.services.casework import assets, problems, similar
from app.services.job_types.link_request import of


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Look for them."""
    request = of(instance)
    asset = _asset(inputs.get("asset"))
    topic = similar.categorise(request, _word(inputs.get("topic")), asset.id if asset else None)
    language = request.language
    alike = [_request(one) for one in similar.still_open(request, topic)]
    known = [_problem(one, language) for one in problems.known_errors(topic)]
    return {
        "similar": alike,
        "similar_text": _lines((one["number"], one["subject"]) for one in alike),
        "known_errors": known,
        "known_errors_text": _lines(tuple(one.values()) for one in known),
        "asset_name": pick_text(asset.names, language) if asset else None,
        "recurrence": similar.came_before(request, topic, now),
    }


def _asset(number: Any) -> Asset | None:
    return assets.by_number(number) if isinstance(number, str) and number.strip() else None


def _word(topic: Any) -> str | None:
    return topic.strip()[:80] if isinstance(topic, str) and topic.strip() else None


def _request(one: Any) -> dict[str, str]:
    return {
        "number": one.number,
        "subject": one.subject,
        "created_at": one.created_at.isoformat(),
    }


def _problem(one: Any, language: str) -> dict[str, str]:
    return {
        "number": one.number,
        "title": pick_text(one.titles, language),
        "workaround": pick_text(one.workaround, language),
    }


def _lines(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(" · ".join(part for part in row if part) for row in rows)
