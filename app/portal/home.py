"""The first page: what may be asked for, and the way to a request that is under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.guard import actor
from app.i18n import current_language
from app.portal import asker
from app.portal.blueprint import portal
from app.services.casework import catalogue, ordering, requests


@portal.get("")
def home() -> str:
    """The services with their promises, or those that fit the words looked for."""
    words = " ".join(request.args.get("q", "").split())[:200]
    everything = asker.services()
    found = catalogue.search(words, current_language(), everything)
    return show(words=words, found=found, services=found or everything, code=asker.code())


def show(services: Sequence[catalogue.Service], **facts: Any) -> str:
    """The page with these services under their headings."""
    groups = catalogue.by_category(services)
    return render_template("portal/home.html", groups=groups, **facts)


@portal.get("/track")
def find() -> Response | tuple[str, int]:
    """Go to the request whose code was typed."""
    typed = request.args.get("code", "").strip()
    code = requests.tidy_code(typed)
    if typed and not looks_like_number(typed) and code:
        return redirect(url_for("portal.track", code=code), 303)
    error = _explain(typed)
    offered = ordering.offered(catalogue.services().values(), actor(), None, g.now)
    return show(words="", found=[], services=offered, error=error, typed=typed[:40]), 422


def looks_like_number(typed: str) -> bool:
    """Whether this is a request's number (``R-000042``), which alone opens nothing."""
    plain = typed.upper().replace("-", "").replace(" ", "")
    return plain.startswith("R") and plain[1:].isdecimal()


def _explain(typed: str) -> str:
    told: str = _("Enter the tracking code, like %(example)s", example="K7QM-3DXW-92HF")
    if looks_like_number(typed):
        told = _("This is the request number. Enter the tracking code, which only you have.")
    return told
