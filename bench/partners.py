"""``python -m bench.partners KIND``: a fake partner in a process of its own, so that it takes
nothing from the worker but the machine. It prints what a channel to it needs, as JSON, and answers
each line that comes with how much it has done."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.lying_smtp import LyingServer
from connectors.testing import SmsGateway, SoapPartner

Count = Callable[[], int]


@contextmanager
def _mail() -> Iterator[tuple[dict[str, Any], Count]]:
    with LyingServer() as server:
        yield {"url": f"smtp://{server.host}:{server.port}"}, lambda: len(server.received)


@contextmanager
def _sms() -> Iterator[tuple[dict[str, Any], Count]]:
    with SmsGateway("kavenegar") as gateway:
        yield gateway.options(), lambda: len(gateway.messages)


@contextmanager
def _soap() -> Iterator[tuple[dict[str, Any], Count]]:
    with SoapPartner() as partner:
        yield {"wsdl": partner.wsdl.decode()}, lambda: len(partner.complaints)


KINDS: Mapping[str, Any] = {"mail": _mail, "sms": _sms, "soap": _soap}


def main(kind: str) -> None:
    """Be this partner until nobody asks any more."""
    with KINDS[kind]() as (told, count):
        _say(json.dumps(told))
        for _ in sys.stdin:
            _say(str(count()))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
