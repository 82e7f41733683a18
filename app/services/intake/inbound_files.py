"""The files of a message, read again from the bytes that came."""

from __future__ import annotations

from app.db import require_no_transaction, session
from app.services.casework import attachments
from app.services.intake import mail_intake, triage
from connectors.mail_cell import Cell
from connectors.mail_parts import Unreadable
from connectors.mail_reading import Mail


def read_again(message_id: int) -> Mail | None:
    """The mail that was kept, read once more in a process of its own; None when there is none,
    or when it cannot be read. No transaction may be open."""
    require_no_transaction()
    raw = triage.raw_of(message_id)
    # Nothing is kept waiting while the mail is read.
    session().rollback()
    if raw is None:
        return None
    with Cell() as cell:
        try:
            return cell.read(raw)
        except Unreadable:
            return None


def uploads_of(message_id: int) -> list[attachments.Upload]:
    """The files as the attachments of a request take them; none of a message that has none."""
    row = triage.find(message_id)
    if not row.files:
        return []
    mail = read_again(message_id)
    return mail_intake.uploads_of(mail) if mail else []
