"""In which language an answer speaks."""

from __future__ import annotations

from flask import current_app, g, request

from app.i18n import LANGUAGES


def reader_language() -> str:
    """What the call itself asks for by Accept-Language, else the caller's setting, else ours."""
    if "Accept-Language" in request.headers:
        wish = request.accept_languages.best_match(LANGUAGES)
        if wish:
            return wish
    setting = getattr(g.get("user"), "language", None)
    return setting or str(current_app.config.get("PEYGIR_LANGUAGE", "fa"))
