"""The staff's pages: inbox, tasks, requests, customers, processes, and the house's keeping."""

from __future__ import annotations

from flask import Flask

from app.web import errors, shell
from app.web.blueprint import web

__all__ = ["init_web", "web"]


def init_web(app: Flask) -> None:
    """Register the pages, the error pages and what templates know; needs ``init_i18n``."""
    app.register_blueprint(web)
    app.context_processor(shell.shell_context)
    errors.register_errors(app)
