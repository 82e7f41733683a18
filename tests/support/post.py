"""A mail server that takes its time: deaths fall between its taking a letter and saying so."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP

from connectors.lying_smtp import LyingServer, Stage


@dataclass
class SlowServer(LyingServer):
    """Takes each letter at once and thinks before it says so: deaths fall into that moment."""

    thinking: threading.Event = field(default_factory=threading.Event)

    async def _tell(self, stage: Stage, lie: str, server: SMTP) -> str:
        if stage == "DATA":
            self.thinking.set()
            await asyncio.sleep(0.3)
            self.thinking.clear()
        return await super()._tell(stage, lie, server)
