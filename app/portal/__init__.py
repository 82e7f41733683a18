"""The customer's pages: ask for a service, follow it, talk to us; all without JavaScript."""

from __future__ import annotations

from flask import Flask

from app.portal import case, doors, home, story, submit, survey, unsubscribe, words
from app.portal.blueprint import portal

__all__ = ["case", "doors", "home", "init_portal", "portal", "submit", "survey", "unsubscribe"]


def init_portal(app: Flask) -> None:
    """Register the pages and their template filter; needs ``init_i18n``."""
    app.register_blueprint(portal)
    app.add_template_filter(words.to_paragraphs, "paragraphs")
    app.add_template_filter(story.to_portal, "to_portal")
    app.add_template_filter(story.other_writer, "other_writer")
