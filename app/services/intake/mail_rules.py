"""What to do with a new mail, as a decision table of the organisation says."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bpmn
from app.models.inbound import DROPPED, QUARANTINED, TRIAGE
from app.services.deployment import definitions
from app.services.intake.incoming import Opening
from bpmn.decision import DecisionError, decide
from connectors.mail_reading import Person

log = logging.getLogger(__name__)
_STATES = {"triage": TRIAGE, "quarantine": QUARANTINED, "drop": DROPPED}


@dataclass(frozen=True)
class Question:
    """What a table sees of a mail."""

    sender: Person
    recipient: str
    subject: str
    text: str
    proof: str = ""
    """As ``Incoming.proof``."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """By the names of the table's inputs; texts in lower case for plain comparison."""
        return {
            "sender": {
                "address": self.sender.mailbox,
                "name": self.sender.name,
                "domain": self.sender.mailbox.rpartition("@")[2],
                "proof": self.proof,
            },
            "recipient": self.recipient,
            "subject": _plain(self.subject),
            "text": _plain(self.text[:5000]),
        }


def judge(decision: str, question: Question) -> Opening:
    """What the newest table of this decision says; a person decides where it says nothing, where
    there is none, and where it fails."""
    pinned = definitions.newest_deciding(decision) if decision else None
    if pinned is None:
        return Opening(why="no_rule")
    try:
        found = decide(definitions.load_decisions({decision: pinned})[decision], decision,
                       question.facts).value  # fmt: skip
    except (DecisionError, bpmn.feel.FeelError) as error:
        log.warning("the decision %s on new mails failed: %s", decision, error)
        return Opening(why="rule_failed")
    return _read(found) if isinstance(found, Mapping) else Opening(why="no_rule")


def _read(found: Mapping[str, Any]) -> Opening:
    """The row that matched: ``action`` (open, triage, quarantine, drop), ``service``, ``data``,
    ``language``."""
    action, service = found.get("action"), found.get("service")
    if action == "open" and isinstance(service, str):
        data, language = found.get("data"), found.get("language")
        return Opening(
            service,
            dict(data) if isinstance(data, Mapping) else {},
            language if language in ("fa", "en") else "",
            why="rule",
        )
    return Opening(state=_STATES.get(str(action), TRIAGE), why="rule")


def _plain(text: str) -> str:
    return " ".join(text.replace("ي", "ی").replace("ك", "ک").casefold().split())
