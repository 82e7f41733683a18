"""Judges a WSDL of unknown origin in a process of its own, which has little time and memory.

A few lines of schema can describe types without end. Whatever such a file does to the reader,
it does to a process that ends after seconds; only bundles that passed here are ever loaded by
the application.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.wsdl import Bundle, pack, unpack
from connectors.wsdl_words import BadWsdl

_ROOT = Path(__file__).resolve().parents[1]
_OUT_OF_MEMORY = 77


@dataclass(frozen=True)
class Allowance:
    """What judging one bundle may take."""

    seconds: int = 20
    """Of the processor; twice as many of the clock."""
    megabytes: int = 800


STANDARD = Allowance()


def approve(bundle: Bundle, allowance: Allowance = STANDARD) -> list[dict[str, Any]]:
    """The operations of a bundle as JSON values (``soap_operations.from_json`` reads them).

    Raises :class:`BadWsdl` for one that cannot be used, also for one that takes too much time or
    memory to work out.
    """
    command = [sys.executable, "-P", "-m", "connectors.soap_check"]
    told = [str(allowance.seconds), str(allowance.megabytes)]
    try:
        done = subprocess.run(
            [*command, *told], input=pack(bundle), capture_output=True, check=False,
            timeout=allowance.seconds * 2, env={**_environment()}, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _too_much(bundle, allowance) from None
    # A process may run out of memory before it can say so in its own way.
    last = " ".join(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:])
    if done.returncode < 0 or done.returncode == _OUT_OF_MEMORY or _STARVED.search(last):
        raise _too_much(bundle, allowance)
    if done.returncode:
        raise BadWsdl("unusable", bundle.main, why=last[:200] or "no reason given")
    told = json.loads(done.stdout)
    if told.get("rule") == "unusable" and _STARVED.search(str(told["details"])):
        raise _too_much(bundle, allowance)
    return _read(told)


_STARVED = re.compile("memory|alloc|map segment", re.IGNORECASE)
"""How Python, the loader of libraries and libxml2 say that there was no memory."""


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}


def _too_much(bundle: Bundle, allowance: Allowance) -> BadWsdl:
    limits = {"seconds": allowance.seconds, "megabytes": allowance.megabytes}
    return BadWsdl("too-much", bundle.main, **limits)


def _read(told: dict[str, Any]) -> list[dict[str, Any]]:
    if "rule" in told:
        raise BadWsdl(told["rule"], told["file"], told["line"], **told["details"])
    operations: list[dict[str, Any]] = told["operations"]
    return operations


def _judge(data: bytes) -> dict[str, Any]:
    # Imported here, in the child: whoever only asks for a judgement needs no zeep.
    from connectors import soap_client, soap_fields, soap_operations

    try:
        bundle = unpack(data)
        service = soap_client.load(bundle)
        with soap_client.understood(bundle.main):
            soap_fields.walk(service)
        return {"operations": soap_operations.as_json(soap_fields.operations(service))}
    except BadWsdl as error:
        place = {"rule": error.rule, "file": error.file, "line": error.line}
        return {**place, "details": error.details}


def _main(seconds: int, megabytes: int) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000,) * 2)
    try:
        told = json.dumps(_judge(sys.stdin.buffer.read()))
    except MemoryError:
        return _OUT_OF_MEMORY
    sys.stdout.write(told)
    return 0


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1]), int(sys.argv[2])))
