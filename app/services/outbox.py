"""The mail that waits in the file outbox while no mail server is set, for its page."""

from __future__ import annotations

from app.errors import NotFound
from app.services.deliveries import settings
from connectors import outbox
from connectors.outbox import OutboxEntry, OutboxLetter


def is_in_use() -> bool:
    """Whether mail goes into files because no SMTP server is set."""
    return settings().smtp_url is None


def letters(limit: int = 100) -> tuple[OutboxEntry, ...]:
    """The newest letters first."""
    return outbox.entries(settings().outbox, limit)


def letter(delivery_id: str) -> OutboxLetter:
    """One letter; raises NotFound."""
    try:
        found = outbox.read(settings().outbox, delivery_id)
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found
