"""The "test it" button: a partner reached without any effect there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from app.access import Actor
from app.config import Settings
from app.db import end_reading, require_no_transaction
from app.errors import PeygirError
from app.services import history
from app.services.sending import channels
from connectors import address, smtp
from connectors.errors import DeliveryFailed
from connectors.masking import masked

log = logging.getLogger(__name__)

LONGEST = 1500
"""Characters of what a test tells: enough for the DNS record of a long key."""


@dataclass(frozen=True)
class Probed:
    """How it went, without any secret."""

    worked: bool
    words: str


def probe(key: str, language: str) -> Probed:
    """Reach the partner of the channel, outside any transaction; raises NoSuch."""
    require_no_transaction()
    way = channels.find(key)
    try:
        opened = channels.open_(way)
    except PeygirError as error:
        return Probed(False, error.message(language))
    # The partner may take a minute; no reading transaction stays open for as long.
    end_reading()
    try:
        found = Probed(True, opened.connector.probe(opened.options))
    except DeliveryFailed as failure:
        found = Probed(False, failure.text(language))
    except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
        # The message is not logged, since it may hold a secret.
        log.error("the probe of channel %s crashed with %s", key, type(error).__name__)  # noqa: TRY400  # Its text may hold secrets.
        found = Probed(False, _CRASHED[language].format(error=type(error).__name__))
    return Probed(found.worked, masked(found.words, opened.secrets)[:LONGEST])


def probe_mail(settings: Settings) -> Probed:
    """Greet the server of ``PEYGIR_SMTP_URL``, outside any transaction."""
    require_no_transaction()
    end_reading()
    server = smtp.smtp_server(str(settings.smtp_url))
    try:
        return Probed(True, smtp.greet(address(settings.mail_from).domain, server))
    except DeliveryFailed as failure:
        return Probed(False, failure.text("en"))


_CRASHED = {
    "en": "The connector itself failed ({error}); that is a mistake in it.",
    "fa": "خود رابط شکست خورد ({error})؛ این اشکال از آن است.",
}


def note(key: str, probed: Probed, actor: Actor, now: datetime) -> None:
    """Write into the history that a channel was tested, and how it went."""
    facts = {"worked": probed.worked, "words": probed.words}
    history.note("channel_tested", actor, now, element=key, data=facts)
