"""The refresh token of a channel: partners may give another one each time it is used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.access import SYSTEM
from app.db import session
from app.models import Channel, ChannelState
from app.services import history
from app.services.sending import channels, keys
from connectors.contract import REFRESH_TOKEN

REFUSED = "channel_token_refused"


def current(channel_id: int) -> str:
    """The token as it is stored; empty where there is none. Raises ``keys.KeysLost``."""
    secrets = session().scalar(select(Channel.secrets).where(Channel.id == channel_id))
    return str(keys.decrypt(secrets).get(REFRESH_TOKEN) or "")


def keep(channel_id: int, used: str, given: str) -> None:
    """Store the token that came in place of the one that was used, unless somebody has put in
    another one meanwhile; a refusal that was noted is over. It is no revision of the channel."""
    row = _locked(channel_id)
    secrets = keys.decrypt(row.secrets) if row is not None else {}
    if row is None or secrets.get(REFRESH_TOKEN) != used:
        return
    if given != used:
        row.secrets = keys.encrypt({**secrets, REFRESH_TOKEN: given})
        channels.forget()
    allow(channel_id)


def allow(channel_id: int) -> None:
    """A refusal that was noted is over: a token was given, or a person has put in another one."""
    refused = ChannelState.token_refused_at.is_not(None)
    found = update(ChannelState).where(ChannelState.channel_id == channel_id, refused)
    session().execute(found.values(token_refused_at=None))


def note_refused(channel_id: int, used: str, now: datetime) -> None:
    """Write down, once, that the partner takes the token no more that was used, unless somebody has
    put in another one meanwhile."""
    row = _locked(channel_id)
    if row is None or keys.decrypt(row.secrets).get(REFRESH_TOKEN) != used:
        return
    refused = ChannelState.token_refused_at
    made = insert(ChannelState).values(channel_id=channel_id, failures=0, token_refused_at=now)
    noted = made.on_conflict_do_update(
        index_elements=["channel_id"], set_={"token_refused_at": now}, where=refused.is_(None)
    ).returning(ChannelState.channel_id)
    if session().scalar(noted) is not None:
        history.note(REFUSED, SYSTEM, now, element=element_of(row.key))


def _locked(channel_id: int) -> Channel | None:
    query = select(Channel).where(Channel.id == channel_id).with_for_update()
    return session().scalar(query.execution_options(populate_existing=True))


def element_of(key: str) -> str:
    """Under what the history tells what happened to a channel, besides its revisions."""
    return f"channel:{key}"
