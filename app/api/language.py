"""In which language an answer speaks."""

from __future__ import annotations

from flask import current_app, g, request

from app.i18n import wanted_language


def reader_language() -> str:
    """What the call itself asks for by Accept-Language, else the caller's setting, else ours.

    Found once for each call, since the actor speaks this language afterwards.
    """
    if "language" not in g:
        g.language = _find_language()
    found: str = g.language
    return found


def _find_language() -> str:
    wish = wanted_language(request.accept_languages)
    if wish:
        return wish
    setting = getattr(g.get("actor"), "language", None)
    return setting or str(current_app.config.get("PEYGIR_LANGUAGE", "fa"))
