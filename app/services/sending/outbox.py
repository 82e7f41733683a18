"""The mail that waits in the file outbox while no mail server is set, for its page."""

from __future__ import annotations

from app.access import Actor
from app.errors import NotFound
from app.running import settings
from app.services.sending import channels
from app.services.sending.deliveries import EMAIL, hidden_from
from connectors import outbox
from connectors.outbox import OutboxEntry, OutboxLetter


def is_in_use() -> bool:
    """Whether mail goes into files: no channel of mail is the default, no SMTP server is set."""
    return settings().smtp_url is None and channels.default_of(EMAIL) is None


def letters(actor: Actor, limit: int = 100) -> tuple[OutboxEntry, ...]:
    """The newest letters that the actor may see, the newest first."""
    newest = outbox.entries(settings().outbox, limit)
    hidden = hidden_from(actor, [one.delivery_id for one in newest])
    return tuple(one for one in newest if one.delivery_id not in hidden)


def letter(delivery_id: str, actor: Actor) -> OutboxLetter:
    """One letter; raises NotFound, also for who may not see it."""
    if hidden_from(actor, [delivery_id]):
        raise NotFound
    try:
        found = outbox.read(settings().outbox, delivery_id)
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found
