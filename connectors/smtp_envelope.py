"""Naming the sender and the recipients of a letter to a mail server, up to its leave to send it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from connectors.errors import DeliveryFailed, NotConnected, Permanent, Transient
from connectors.letters import Letter
from connectors.smtp_replies import judge, refusal

if TYPE_CHECKING:
    from connectors.smtp import SmtpServer

BROKEN = (OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException)
"""What is raised for a talk that broke off."""


def announce(client: smtplib.SMTP, letter: Letter, server: SmtpServer) -> None:
    """Name sender and recipients, and get leave to send the message.

    Where the server lets us (RFC 2920), all three are said at once: two waits less. Who is refused
    after that leaves the talk without the final dot, so that nothing is taken.
    """
    # The library would look for the address in what is one already.
    words = [f"MAIL FROM:<{letter.envelope_from}>"]
    words += [f"RCPT TO:<{one.mailbox}>" for one in letter.to]
    words.append("DATA")
    try:
        sender, *recipients, leave = _said(client, words)
        judge(*sender(), server)
        said = [recipient() for recipient in recipients]
        refusals = [refusal(*one, server, of_letter=True) for one in said]
        _raise_worst([one for one in refusals if one])
        code, reply = leave()
    except BROKEN as error:
        raise NotConnected(type(error).__name__) from None
    if code != 354:
        refused = refusal(code, reply, server, of_letter=True)
        raise refused or Transient(f"{code} in place of 354")


def _said(client: smtplib.SMTP, words: Sequence[str]) -> list[Callable[[], tuple[int, bytes]]]:
    """What gives the replies to these commands, to be asked in their order. They are said now or,
    without leave for all at once, each when its reply is asked for."""
    if not client.has_extn("pipelining"):
        return [partial(client.docmd, one) for one in words]
    if any("\r" in one or "\n" in one for one in words):
        raise ValueError("a command must be one line")
    client.send("".join(f"{one}\r\n" for one in words))
    return [client.getreply] * len(words)


def _raise_worst(refusals: list[DeliveryFailed]) -> None:
    """Raise the refusal that no later attempt can cure, else any; one recipient is enough."""
    for one in sorted(refusals, key=lambda refusal: not isinstance(refusal, Permanent)):
        raise one
