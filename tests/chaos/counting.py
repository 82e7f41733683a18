"""What is still to come in a chaos run, and what went wrong in it: lost, or done too often."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import psycopg

from tests.chaos.partners import TO, Partners
from tests.support.processes import ROOT, Stack

Connection = psycopg.Connection[Any]


def closed(connection: Connection) -> int:
    """How many complaints are closed."""
    found = _column(connection, "SELECT count(*) FROM service_request WHERE status = 'closed'")
    return int(found[0])


def left(connection: Connection, complaints: int) -> list[str]:
    """What is still to come, in words."""
    done = closed(connection)
    found = [] if done == complaints else [f"{complaints - done} complaints are not closed"]
    for query in _PENDING:
        found += [f"{count} {what}" for what, count in connection.execute(query.encode())]
    return found


_PENDING = (
    """SELECT 'deliveries are ' || state, count(*) FROM delivery
        WHERE state NOT IN ('accepted', 'delivered', 'cancelled') GROUP BY state""",
    "SELECT 'service tasks are ' || state, count(*) FROM service_job "
    "WHERE state <> 'done' GROUP BY state",
    "SELECT 'jobs are ' || status, count(*) FROM procrastinate_jobs "
    "WHERE status <> 'succeeded' GROUP BY status",
    "SELECT 'faults ' || code, count(*) FROM fault WHERE resolved_at IS NULL GROUP BY code",
)


def wrong(connection: Connection, partners: Partners, complaints: int) -> list[str]:
    """What happened too often, or not at all."""
    numbers = _column(connection, "SELECT number FROM service_request")
    found = [] if len(numbers) == complaints else [f"{len(numbers)} complaints in the tables"]
    texts = Counter(one.text for one in partners.texts.messages)
    found += _differences("text", texts, Counter(f"پیگیری {number}" for number in numbers))
    found += [f"a text went to {one.to}" for one in partners.texts.messages if one.to not in _TO]
    registered = Counter(one.subject for one in partners.registry.complaints)
    found += _differences("registration", registered, Counter(numbers))
    for table in ("user_task", "service_job"):
        found += [f"{one} twice" for one in _column(connection, _TWICE.format(table))]
    return [*found, *_standing(connection), *_wrong_mail(connection, partners)]


_TO = (TO, TO.replace("+98", "0"), TO.removeprefix("+"))
_TWICE = "SELECT element FROM {} GROUP BY instance_id, element HAVING count(*) > 1"


def _differences(what: str, came: Counter[str], wanted: Counter[str]) -> list[str]:
    keys = sorted(came.keys() | wanted.keys())
    return [
        f"{what} {key}: {came[key]} times, not {wanted[key]}"
        for key in keys
        if came[key] != wanted[key]
    ]


def _standing(connection: Connection) -> Iterator[str]:
    """Tokens that nothing waits for: no person, moment, message or partner moves them on. That
    what waits fits the engine's own state is for the doctor to say."""
    for number, elements in connection.execute(_STANDING.encode()):
        yield f"a token stands at {', '.join(elements)} of instance {number} for nothing"


_STANDING = """
    SELECT id, tokens FROM process_instance instance
     WHERE status = 'active' AND NOT EXISTS (
        SELECT 1 FROM user_task WHERE instance_id = instance.id AND state = 'open' UNION ALL
        SELECT 1 FROM due_moment WHERE instance_id = instance.id UNION ALL
        SELECT 1 FROM subscription WHERE instance_id = instance.id UNION ALL
        SELECT 1 FROM service_job WHERE instance_id = instance.id
                                    AND state IN ('queued', 'waiting'))
        OR status <> 'active' AND tokens <> '{}'
"""


def _wrong_mail(connection: Connection, partners: Partners) -> list[str]:
    """A letter is repeated under the same Message-ID, by which its reader sees it once."""
    often = Counter(message_id(one.content) for one in partners.mail.received)
    sent = "SELECT reference, recipient, attempts FROM delivery WHERE channel = 'email'"
    rows = list(connection.execute(sent.encode()))
    names = {key: [one for one in often if key in one] for key, _, _ in rows}
    found = [f"a letter to {to} never came" for key, to, _ in rows if not names[key]]
    tries = {name: attempts for key, _, attempts in rows for name in names[key]}
    return found + [
        f"the letter {name} came {count} times"
        for name, count in often.items()
        if count > tries.get(name, 0)
    ]


def message_id(content: bytes) -> str:
    """Of a letter that came."""
    return str(message_from_bytes(content)["Message-ID"])


def repeated(partners: Partners) -> int:
    """How many letters came under a Message-ID that was there before."""
    names = [message_id(one.content) for one in partners.mail.received]
    return len(names) - len(set(names))


def asked(partners: Partners) -> int:
    """How often a partner was asked whether it has something."""
    texts = sum("status" in one.path for one in partners.texts.asked)
    return texts + sum(b"FindComplaint" in one.body for one in partners.registry.heard)


def doctor(stack: Stack) -> list[str]:
    """What ``peygir doctor`` finds."""
    command = [sys.executable, "-m", "app.cli", "doctor"]
    said = subprocess.run(
        command, cwd=ROOT, env=stack._env(), capture_output=True, text=True, check=False
    )
    return [] if said.returncode == 0 else [f"doctor: {said.stdout}{said.stderr}"]


def _column(connection: Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query.encode())]
