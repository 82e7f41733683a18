"""The other half of a partner for tests: it calls us, also several times at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from connectors import signing
from connectors.errors import DeliveryFailed
from connectors.transport import Request, fetch, read_networks


def calls_back(
    url: str, said: Mapping[str, Any], call_id: str, *, secret: str = "", times: int = 1
) -> list[int]:
    """Tell ``POST /hooks/<channel>/<secret>`` of an installation what has happened, so many times
    at once, as a partner does that loses the answer; the statuses of the calls that were answered.

    With ``secret`` (``whsec_...``) the calls are signed by Standard Webhooks.
    """
    body = json.dumps(said, ensure_ascii=False).encode()
    keys, statuses = signing.read_secrets(secret), list[int]()
    headers = signing.headers(call_id, body, keys, int(time.time()))
    headers["Content-Type"] = "application/json"
    threads = [
        threading.Thread(target=lambda: statuses.extend(_post(url, body, headers)))
        for _ in range(times)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> list[int]:
    """The status; none where nobody answers, as while an installation is started again."""
    request = Request("POST", url, headers, body, allowed=read_networks("127.0.0.0/8 ::1"))
    try:
        return [fetch(request).status]
    except DeliveryFailed:
        return []
