"""What those who write processes need to test what is sent: a mailbox that only remembers, with
failures on order, and partners that answer on this machine and lie when told to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.errors import DeliveryFailed, Unknown
from connectors.fake_sms import SmsGateway as SmsGateway
from connectors.fake_smsc import Smsc as Smsc
from connectors.http_partner import HttpPartner as HttpPartner
from connectors.letters import Accepted, Letter, wire_bytes
from connectors.lying_http import LyingPartner as LyingPartner
from connectors.soap_partner import SoapPartner as SoapPartner


@dataclass
class RecordingMailbox:
    """Takes letters as a sender does and keeps them.

    ``script`` says what happens to each call in turn: None takes the letter, an error is
    raised in its place. After the script every letter is taken. An :class:`Unknown` is raised
    *after* the letter was kept, for that is the case it stands for.
    """

    script: list[DeliveryFailed | None] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    """Every letter taken, in order, repetitions included."""
    attempts: int = 0

    def __call__(self, letter: Letter) -> Accepted:
        self.attempts += 1
        # A letter that cannot be built must fail here as it does on the wire.
        wire_bytes(letter)
        planned = self.script.pop(0) if self.script else None
        if planned is None or isinstance(planned, Unknown):
            self.letters.append(letter)
        if planned is not None:
            raise planned
        return Accepted(letter.message_id, "recorded")

    def forget(self) -> None:
        """Be as if nothing had come yet."""
        self.script.clear()
        self.letters.clear()
        self.attempts = 0

    def then(self, *outcomes: DeliveryFailed | None) -> RecordingMailbox:
        """Add to the script and return the mailbox itself."""
        self.script.extend(outcomes)
        return self

    def sent_to(self, mailbox: str) -> tuple[Letter, ...]:
        """Return what one reader has got, each delivery once, as a mail server would show it."""
        return tuple(one for one in self.once() if mailbox in {a.mailbox for a in one.to})

    def once(self) -> Iterable[Letter]:
        """Give every delivery once, in the order of its first arrival."""
        return {one.delivery_id: one for one in reversed(self.letters)}.values().__reversed__()
