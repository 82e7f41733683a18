"""The states of messages that came in and the reasons for them, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _

from app.models import InboundMessage
from app.models.inbound import QUARANTINED
from app.services.intake.doubts import FORGED, WRONG_SIGN


def states() -> Mapping[str, str]:
    """Every state, in the order in which people care."""
    return {
        "triage": _("To be placed"),
        "quarantined": _("Quarantine"),
        "automatic": _("Automatic"),
        "bounce": _("Returned letters"),
        "joined": _("Joined"),
        "opened": _("Opened"),
        "dropped": _("Dropped"),
    }


def why(row: InboundMessage) -> str:
    """Why a message is in its state, in a sentence; the words of a person or a server as they
    are."""
    head, _colon, fields = row.why.partition(":")
    if head == "invalid":
        return str(_("The service wants more than the message says: %(fields)s.", fields=fields))
    if (row.state, row.why) == (QUARANTINED, "released"):
        return str(_("It was released; it moves to its place within a moment."))
    return str(_reasons().get(row.why, row.why))


def doubts(found: Iterable[str]) -> list[str]:
    """What is doubtful about who wrote the mail that opened a request, a sentence each."""
    told = {
        FORGED: _("The address that this request came from may be forged, says our mail server."),
        WRONG_SIGN: _(
            "The mail that opened this request went to an address with a sign that we never gave "
            "away."
        ),
    }
    return [str(told[one]) for one in found if one in told]


def _reasons() -> Mapping[str, str]:
    return {
        "no_rule": _("No rule of the channel fits."),
        "rule": _("A rule of the mailbox says so."),
        "rule_failed": _("The decision table of the mailbox failed."),
        "token": _("It answers a letter of ours."),
        "colleague": _("It comes from a colleague’s address; is it the customer’s word?"),
        "sender": _("It names the request, and its sender is known there."),
        "event": _("A process waited for it."),
        "staff": _("A member of staff placed it."),
        "wrong_sign": _("Its address names a request with a sign that we never gave away."),
        "released": _("It was released from quarantine."),
        "unreadable": _("It was released, but it cannot be read by machine."),
        "no_text": _("It was released; it has no text, or only its headers were fetched."),
        "no_sender": _("It names no sender."),
        "too_many": _("Its sender wrote too often within a day."),
        "many_new": _("Its mailbox or line got more new messages within a day than it may."),
        "many_of_domain": _("Its sender’s domain sent more new mails within a day than it may."),
        "unproved": _("It names the request of its sender, but the sender may be forged."),
        "own": _("It comes from our own address."),
        "crashed": _("Taking it in failed; the log tells more."),
        "too_large": _("It is larger than 25 MB; only its headers were fetched."),
        "too_many_parts": _("It has too many parts."),
        "too_many_lines": _("It has too many lines."),
        "too_deep": _("Its parts lie too deep in each other."),
        "too_slow": _("Reading it took too long."),
        "broken": _("It is broken."),
        "auto_submitted": _("It says that a machine wrote it."),
        "null_return_path": _("It wants no answer, as machines do."),
        "precedence": _("It is marked as bulk mail."),
        "list": _("It comes from a mailing list."),
        "auto_reply": _("It is an automatic answer."),
        "report": _("It is a report of a mail server."),
        "machine": _("Its sender’s address is that of a machine."),
        "unknown_letter": _("It names no letter of ours."),
        "returned": _("A letter of ours came back."),
        "opted_out": _("The sender wants no more messages."),
        "opted_in": _("The sender allows messages again."),
        "keyword": _("It begins with a keyword of the channel."),
        "nothing_waits": _("It begins with a keyword for which no process waits."),
        "service": _("The channel opens requests for customers whom we know."),
        "unknown_sender": _("Its number is on no customer’s record, or on several."),
        "incomplete": _("A part of it never came."),
    }
