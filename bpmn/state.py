"""An instance as compressed JSON, and back. Only what lives is kept, never the definition.

The format is ours and small, so that restoring costs less than the step. Its version stands
in every state; a state of another version is refused, not guessed at.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any

from bpmn.errors import WrongState
from bpmn.instance import Context, Instance, Token
from bpmn.process import Process
from bpmn.scopes import Scope
from bpmn.values import BadVariables

ENGINE_VERSION = "1/spiff-3.2.0"
"""Format of the state, and the library it was made with."""
READABLE = frozenset({"1/spiff-3.2.0"})
MAX_BYTES = 64_000_000
"""How large a state may be when unpacked."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_LEVEL = 1  # The quickest level already halves the state; more costs time in every step.


def save(instance: Instance) -> bytes:
    """The state of an instance at rest; ``BadVariables`` when it could not be loaded again."""
    kept = {
        "version": ENGINE_VERSION,
        "process": instance.process.key,
        "counter": instance.counter,
        "status": instance.status,
        "tokens": [_token(token) for token in instance.live.values()],
        "called": _called(instance),
        "scopes": {
            key: [scope.parent, scope.owner, scope.keeps, scope.values, *_done(scope)]
            for key, scope in instance.scopes.all.items()
        },
    }
    if not kept["called"]:
        del kept["called"]
    written = _ENCODER.encode(kept).encode("utf-8")
    if len(written) > MAX_BYTES:
        raise BadVariables(f"The instance would take more than {MAX_BYTES} bytes.")
    return zlib.compress(written, _LEVEL)


def load(process: Process, state: bytes, context: Context) -> Instance:
    """The instance of a state; raises ``WrongState`` when it is not one of this process."""
    kept, size = _unpack(state)
    if kept.get("version") not in READABLE:
        raise WrongState(f"The state has the version {kept.get('version')}.")
    if kept.get("process") != process.key:
        raise WrongState(f"The state belongs to the process {kept.get('process')}.")
    try:
        instance = _instance(process, kept, context)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WrongState(f"The state does not fit the process: {error}.") from error
    instance.held = size
    return instance


def _unpack(state: bytes) -> tuple[dict[str, Any], int]:
    try:
        unpacker = zlib.decompressobj()
        written = unpacker.decompress(state, MAX_BYTES)
        kept = json.loads(written.decode("utf-8"))
    except (zlib.error, ValueError) as error:
        raise WrongState(f"The state cannot be unpacked: {error}.") from error
    if unpacker.unconsumed_tail or not unpacker.eof or not isinstance(kept, dict):
        raise WrongState("The state is cut short, too large or not a state.")
    return kept, len(written)


def _token(token: Token) -> list[Any]:
    """A token as a list; one of a called process ends in the sha256 of its definition."""
    memo = {name: value for name, value in token.memo.items() if value is not None}
    kept = [token.key, token.task_spec.name, token.state, token.scope, token.flow, memo]
    of = token.workflow.definition_of(token.task_spec)
    return kept if of is None else [*kept, of]


def _done(scope: Scope) -> list[Any]:
    """What may have to be undone, if anything."""
    return [scope.done] if scope.done else []


def _called(instance: Instance) -> list[str]:
    """The sha256 of every called process that still runs."""
    found = (instance.definition_of(token.task_spec) for token in instance.live.values())
    return sorted({sha256 for sha256 in found if sha256 is not None})


def _instance(process: Process, kept: dict[str, Any], context: Context) -> Instance:
    instance = Instance(process, context, int(kept["counter"]))
    instance.status = kept["status"]
    _load_called(instance, kept.get("called", ()))
    for key, name, state, scope, flow, memo, *of in kept["tokens"]:
        node = instance.process_of(of[0] if of else process.sha256).nodes[name]
        token = Token(instance, node, instance.task_tree, state, key, scope, flow)
        token.memo.update(memo)
        if "condition" in memo:
            instance.observe(token)
    for key, (parent, owner, keeps, values, *done) in kept["scopes"].items():
        instance.scopes.all[key] = Scope(parent, owner, values, keeps, *done)
    return instance


def _load_called(instance: Instance, known: Iterable[str]) -> None:
    for sha256 in known:
        called = instance.context.deployed.load(sha256)
        if called is None:
            raise WrongState(f"The called process {sha256} is not there.")
        instance.called[sha256] = called
