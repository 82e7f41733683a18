"""Peygir: an organisation's service requests, run as the processes it draws itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from flask import Flask, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings
from app.db import Cursor

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


class Application(Flask):
    """Flask, but what answers a crash also logs it, with its code and without the address."""

    def log_exception(self, *_: object) -> None:
        """Nothing: an address may hold a tracking code, which is a secret."""


def create_app(settings: Settings, now: Now = utc_now) -> Flask:
    """The web application on these settings; ``now`` is asked at the edges only."""
    from app import guard, health, room
    from app.addresses import add_converters
    from app.api import init_api
    from app.connections import answer_for_first_use
    from app.db import db
    from app.portal import init_portal
    from app.web import init_web

    app = create_base(settings, now)
    with app.app_context():
        answer_for_first_use(db.engine)
    if settings.proxies:
        number = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number)  # type: ignore[method-assign]
    add_converters(app)
    guard.init_app(app)
    for init in (room.init_app, health.init_app, init_web, init_portal, init_api):
        init(app)
    return app


def create_base(settings: Settings, now: Now = utc_now) -> Flask:
    """The application without its pages: the database, the settings and the languages.

    Commands and jobs use it, which answer nobody and start sooner so.
    """
    from app.db import db
    from app.i18n import init_i18n

    app = Application(__name__)
    app.config.update(_flask_config(settings))
    app.extensions["peygir.settings"] = settings
    app.extensions["peygir.now"] = now
    app.extensions["peygir.token_keepers"] = partial(_token_keeper, app)
    db.init_app(app)
    init_i18n(app)
    return app


def _token_keeper(app: Flask, channel_id: int) -> object:
    from app.tokens import Keeper

    return Keeper(app, channel_id)


PREPARE_AFTER = 2
"""How often a statement is asked on a connection before the driver prepares it."""


def _flask_config(settings: Settings) -> dict[str, object]:
    secure = settings.public_url.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key,
        "PEYGIR_LANGUAGE": settings.language,
        "PEYGIR_TIME_ZONE": str(settings.time_zone),
        "ORGANISATION": dict(settings.organisation),
        "SQLALCHEMY_DATABASE_URI": settings.engine_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": True,
            "pool_size": settings.web_threads + 2,
            # The connection used last has everything prepared and at hand.
            "pool_use_lifo": True,
            "connect_args": {"cursor_factory": Cursor, "prepare_threshold": PREPARE_AFTER},
        },
        "MAX_CONTENT_LENGTH": settings.max_request_bytes,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "peygir",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": secure,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def clock_now() -> datetime:
    """The present instant of the running application, for handlers, commands and jobs."""
    now: Now = current_app.extensions["peygir.now"]
    return now()
