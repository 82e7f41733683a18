"""An instance as compressed JSON, and back. Only what lives is kept, never the definition.

What most steps do not touch stands behind it in frames of its own (``bpmn.cold``), which are
copied as they are.

The format is ours and small, so that restoring costs less than the step. Its version stands
in every state; a state of another version is refused, not guessed at.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from typing import Any

from bpmn.bidi import set_apart
from bpmn.cold import MAX_BYTES, UNPACKED_NOT, Blocks, ColdList, Frame, compressed, frame_of
from bpmn.errors import WrongState
from bpmn.instance import Context, Instance, Token
from bpmn.process import Process
from bpmn.records import Records
from bpmn.resting import Group
from bpmn.scopes import Scope
from bpmn.values import BadVariables

ENGINE_VERSION = "2/spiff-3.2.0"
"""Format of the state, and the library it was made with."""
READABLE = frozenset({"1/spiff-3.2.0", "2/spiff-3.2.0"})
_FRAME = struct.Struct(">II")
"""Before each frame: how many bytes it has, and how many it has unpacked."""


class _Frames(list[Frame]):
    """The frames of one state, in their order."""

    def add(self, frame: Frame) -> int:
        """Its number."""
        self.append(frame)
        return len(self) - 1

    def write(self, value: Any) -> Any:
        """What JSON does not know by itself."""
        if isinstance(value, Blocks | Records):
            return value.kept(self.add)
        raise TypeError(f"A {type(value).__name__} cannot be stored.")


def save(instance: Instance) -> bytes:
    """The state of an instance at rest; ``BadVariables`` when it could not be loaded again."""
    frames = _Frames()
    instance.rest()
    kept = {
        "version": ENGINE_VERSION,
        "process": instance.process.key,
        "counter": instance.counter,
        "status": instance.status,
        "tokens": [_token(token) for token in instance.live.awake()],
        "resting": [group.kept(frames.add) for group in instance.groups],
        "called": _called(instance),
        "scopes": {
            key: [scope.parent, scope.owner, scope.keeps, *_values(scope, frames)]
            for key, scope in instance.scopes.all.items()
        },
    }
    for name in ("called", "resting"):
        if not kept[name]:
            del kept[name]
    written = _encoder(frames).encode(kept).encode("utf-8")
    if len(written) + sum(frame.size for frame in frames) > MAX_BYTES:
        raise BadVariables(
            f"The instance would take more than {MAX_BYTES} bytes.",
            f"این فرایند بیش از {set_apart(MAX_BYTES)} بایت جا می‌گیرد.",
        )
    parts = [part for f in frames for part in (_FRAME.pack(len(f.data), f.size), f.data)]
    return b"".join([compressed(written), *parts])


def _encoder(frames: _Frames) -> json.JSONEncoder:
    return json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=frames.write
    )


def _values(scope: Scope, frames: _Frames) -> list[Any]:
    """The variables, those that are large lists by their frames; and what may be undone."""
    packed = {
        name: frame for name, value in scope.values.items()
        if isinstance(value, list) and (frame := frame_of(value)) is not None
    }  # fmt: skip
    if not packed:
        return [scope.values, *_done(scope)]
    rest = {name: value for name, value in scope.values.items() if name not in packed}
    return [rest, scope.done, {name: frames.add(frame) for name, frame in packed.items()}]


_UNREADABLE = "این نسخهٔ برنامه وضعیت ذخیره‌شدهٔ این فرایند را نمی‌شناسد."
_UNFIT = "وضعیت ذخیره‌شده با نمودار این فرایند جور نیست."


def load(process: Process, state: bytes, context: Context) -> Instance:
    """The instance of a state; raises ``WrongState`` when it is not one of this process."""
    kept, frames, size = _unpack(state)
    if kept.get("version") not in READABLE:
        raise WrongState(f"The state has the version {kept.get('version')}.", _UNREADABLE)
    if kept.get("process") != process.key:
        raise WrongState(f"The state belongs to the process {kept.get('process')}.",
                         "این وضعیت از آن فرایند دیگری است.")  # fmt: skip
    try:
        instance = _instance(process, kept, frames, context)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WrongState(f"The state does not fit the process: {error}.", _UNFIT) from error
    instance.held = size
    return instance


def _unpack(state: bytes) -> tuple[dict[str, Any], list[Frame], int]:
    try:
        unpacker = zlib.decompressobj()
        written = unpacker.decompress(state, MAX_BYTES)
        kept = json.loads(written.decode("utf-8"))
        frames = _frames(unpacker.unused_data)
    except (zlib.error, ValueError, struct.error) as error:
        raise WrongState(f"The state cannot be unpacked: {error}.", UNPACKED_NOT) from error
    if unpacker.unconsumed_tail or not unpacker.eof or not isinstance(kept, dict):
        raise WrongState("The state is cut short, too large or not a state.", UNPACKED_NOT)
    return kept, frames, len(written) + sum(frame.size for frame in frames)


def _frames(data: bytes) -> list[Frame]:
    found, at = [], 0
    while at < len(data):
        length, size = _FRAME.unpack_from(data, at)
        at += _FRAME.size + length
        if at > len(data):
            raise ValueError("A frame is cut short.")
        found.append(Frame(data[at - length : at], size))
    return found


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
    nodes = (token.task_spec for token in instance.live.awake())
    resting = (group.node for group in instance.groups)
    found = (instance.definition_of(node) for node in (*nodes, *resting))
    return sorted({sha256 for sha256 in found if sha256 is not None})


def _instance(
    process: Process, kept: dict[str, Any], frames: list[Frame], context: Context
) -> Instance:
    instance = Instance(process, context, int(kept["counter"]))
    instance.status = kept["status"]
    _load_called(instance, kept.get("called", ()))
    for key, name, state, scope, flow, memo, *of in kept["tokens"]:
        node = instance.process_of(of[0] if of else process.sha256).nodes[name]
        token = Token(instance, node, instance.task_tree, state, key, scope, flow)
        token.memo.update(memo)
        _load_packed(token, frames)
        if "condition" in memo:
            instance.observe(token)
    for key, (parent, owner, keeps, values, *more) in kept["scopes"].items():
        for name, number in more[1].items() if len(more) > 1 else ():
            values[name] = ColdList(frames[number])
        done = Records.load(more[0] if more else [], frames)
        instance.scopes.all[key] = Scope(parent, owner, values, keeps, done)
    instance.groups += [_group(instance, said, frames) for said in kept.get("resting", ())]
    return instance


def _load_packed(token: Token, frames: list[Frame]) -> None:
    turns = token.memo.get("turns", {})
    for name in ("items", "outputs"):
        if isinstance(turns.get(name), dict):
            turns[name] = Blocks.load(turns[name], frames)
    if "undoing" in token.memo:
        token.memo["undoing"] = _load_undoing(token.memo["undoing"], frames)


def _load_undoing(kept: Any, frames: list[Frame]) -> Records:
    """What is left to be undone; older states hold pairs of a scope and a whole record."""
    if isinstance(kept, list):
        return Records.of({**record, "in": scope} for scope, record in kept)
    return Records.load(kept, frames)


def _group(instance: Instance, said: list[Any], frames: list[Frame]) -> Group:
    name, of, scope, number, low, high, count = said
    node = instance.process_of(of or instance.process.sha256).nodes[name]
    return Group(node, scope, low, high, count, frames[number])


def _load_called(instance: Instance, known: Iterable[str]) -> None:
    for sha256 in known:
        called = instance.context.deployed.load(sha256)
        if called is None:
            raise WrongState(f"The called process {sha256} is not there.",
                             "فرایند فراخوانده‌ای که در وضعیت آمده است پیدا نشد.")  # fmt: skip
        instance.called[sha256] = called
