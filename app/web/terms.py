"""On whose terms a request is served: its contract and branch, seen and changed by staff."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.db import transaction
from app.errors import NoSuch
from app.guard import actor
from app.i18n import current_language
from app.models import ServiceRequest
from app.services.casework import holding, requests, terms
from app.services.service_levels import promises
from app.web.blueprint import web
from app.web.choices import level_words, tier_words
from app.web.task_page import named


def shown(found: ServiceRequest) -> dict[str, Any]:
    """The terms of a request, and what may be chosen in their place."""
    contracts, branches = terms.contracts_of(found.customer_id), terms.branches()
    mine = next((one for one in contracts if one.id == found.contract_id), None)
    return {
        "tier": tier_words(found.terms.get("tier", terms.STANDARD)),
        "level": level_words(mine.level) if mine else "",
        "contract": mine,
        "branch": next((one for one in branches if one.key == found.branch_key), None),
        "contracts": [("", _("No contract")), *((c.number, _words_of(c)) for c in contracts)],
        "branches": [("", _("No branch")), *((one.key, named(one.names)) for one in branches)],
    }


def _words_of(contract: Any) -> str:
    return f"{contract.number} · {named(contract.names)} · {level_words(contract.level)}"


@web.post("/requests/<number>/terms")
def change_terms(number: str) -> Answer:
    """Put a request under another contract and branch; its promises follow."""
    found = requests.find(number, actor())
    wanted = {name: request.form.get(name) or None for name in ("contract", "branch")}
    try:
        with transaction():
            holding.hold(found)
            terms.choose(found, actor(), g.now, **wanted)
            promises.renew(found, g.now)
        flash(_("Contract and branch are kept. The promises follow them."))
    except NoSuch as wrong:
        flash(wrong.message(current_language()), "error")
    return redirect(url_for("web.request_page", number=number), 303)
