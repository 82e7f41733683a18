"""What a partner for tests hears when it calls and nobody is there."""

from __future__ import annotations

import socket

from connectors.calling_back import calls_back


def test_a_call_that_nobody_answers_has_no_status() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}/hooks/x/y"
        assert calls_back(url, {"type": "x"}, "c-1", times=2) == []
