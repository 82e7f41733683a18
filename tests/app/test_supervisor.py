"""What ``peygir run`` makes of the web's first words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Settings
from app.supervisor import is_ready
from connectors import lying_http as does
from connectors.lying_http import LyingPartner


@pytest.mark.parametrize(
    ("act", "ready"),
    [
        (does.says_json({"status": "ready"}), True),
        (does.says_json({}, 503), False),
        (does.leaves, False),
        (does.speaks(b"220 mail.example ESMTP\r\n"), False),
        (does.speaks(b"HTTP/1.1 200 OK\r\nX: " + b"1" * 100_000 + b"\r\n\r\n"), False),
    ],
)
def test_only_a_whole_answer_of_the_web_says_that_it_is_ready(
    tmp_path: Path, act: does.Act, ready: bool
) -> None:
    with LyingPartner(usual=act) as partner:
        settings = replace(Settings(tmp_path, "secret", "postgresql:///x"), port=partner.port)
        assert is_ready(settings) is ready
