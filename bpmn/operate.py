"""What an operator does to a running instance by hand: skip a fault, change variables, move.

Each looks first whether it may be done and changes nothing when it may not. What comes of it
runs on in the same step, like after any other command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from bpmn.activities import Activity
from bpmn.commands import MoveToken, SetVariables, SkipFault
from bpmn.errors import CannotOperate, UnknownKey
from bpmn.events import EventGateway, StartEvent, at_process_level
from bpmn.gateways import ConditionalGateway, InclusiveGateway, JoiningGateway
from bpmn.instance import Fault, Instance, Token
from bpmn.moving import move
from bpmn.node import Way
from bpmn.scopes import ROOT
from bpmn.turns import Repeated
from bpmn.values import BadVariables, plain_variables


def accepted(instance: Instance, scope: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Values from outside that fit into the instance; raises ``BadVariables``."""
    plain = plain_variables(variables)
    try:
        instance.reserve(plain, scope, plain)
    except Fault as fault:
        raise BadVariables(fault.message, fault.persian or fault.message) from fault
    return plain


def find(instance: Instance, said: str) -> Token:
    """The token of a key, or the only one at an element; a multi-instance activity is meant as
    a whole by its element. Raises ``CannotOperate``."""
    token: Token | None = instance.live.get(said)
    if token is not None and not token.is_listener:
        return token
    found = [t for t in _drawn(instance) if t.task_spec.element == said and "turn" not in t.memo]
    if not found:
        raise CannotOperate(
            f"No token stands at “{said}”.", f"هیچ نشانه‌ای در «{said}» نایستاده است."
        )
    if len(found) > 1:
        keys = ", ".join(token.key for token in found)
        raise CannotOperate(
            f"Several tokens stand at “{said}”; name one by its key: {keys}.",
            f"چند نشانه در «{said}» ایستاده‌اند؛ یکی را با کلیدش نام ببرید: {keys}.",
        )
    return found[0]


def _drawn(instance: Instance) -> Iterator[Token]:
    return (token for token in instance.live.values() if not token.is_listener)


def _skip(instance: Instance, command: SkipFault) -> None:
    """Take a faulted element as done."""
    token = instance.live.get(command.key)
    if token is None or "fault" not in token.memo:
        raise UnknownKey(f"No fault stands under the key {command.key} any more.")
    if token.is_listener:
        raise CannotOperate(
            "A condition that is only listened for cannot be skipped; correct the variables.",
            "از شرطی که فقط زیر نظر است نمی‌توان گذشت؛ متغیرها را درست کنید.",
        )
    ways = _ways_out(token, command.flow)
    values = accepted(instance, token.scope, command.variables)
    collected = _collected(token, values)
    del token.memo["fault"]
    _note(token)
    _write(token, values)
    token.memo.update({**collected, **ways})
    _go_on(token)


def _ways_out(token: Token, flow: str | None) -> dict[str, list[str]]:
    """By which flows a gateway is to be left; raises ``CannotOperate`` when nobody knows."""
    node = token.task_spec
    if isinstance(node, EventGateway) or (isinstance(node, StartEvent) and "opens" in token.memo):
        raise CannotOperate(
            f"“{node.element}” cannot be skipped, since events wait behind it; correct the "
            "variables and try again, or move the token.",
            f"از «{node.element}» نمی‌توان گذشت، زیرا رویدادها پس از آن منتظرند؛ متغیرها را درست "
            "کنید و دوباره بیازمایید، یا نشانه را جابه‌جا کنید.",
        )
    if not isinstance(node, ConditionalGateway):
        return {}
    if flow is None and isinstance(node, InclusiveGateway) and token.state == TaskState.WAITING:
        return {}
    return {"ways": [_way_out(node, flow)]}


def _way_out(node: ConditionalGateway, flow: str | None) -> str:
    known = [way.id for way in node.ways]
    only = known[0] if len(known) == 1 else None
    chosen = flow or node.default or only
    if chosen not in known:
        raise CannotOperate(
            f"Say by which flow “{node.element}” is left: "
            f"{', '.join(_told(way, 'en', '“{}”') for way in node.ways)}.",
            f"بگویید «{node.element}» از کدام جریان ترک شود: "
            f"{'، '.join(_told(way, 'fa', '«{}»') for way in node.ways)}.",
        )
    return str(chosen)


def _told(way: Way, language: str, quoted: str) -> str:
    """The id of a flow, and what is written at it if anything is."""
    name = way.names.get(language)
    return f"{way.id} ({quoted.format(name)})" if name else way.id


def _collected(token: Token, values: Mapping[str, Any]) -> dict[str, Any]:
    """The output element of a turn; null when it cannot be worked out from what is there."""
    node = token.task_spec
    if not isinstance(node, Activity) or "turn" not in token.memo:
        return {}
    seen = {**node.seen_on_entry(token), **token.workflow.scopes.view(token.inner), **values}
    try:
        return node.collect(token, seen, [])
    except Fault:
        return {"output": None}


def _note(token: Token) -> None:
    instance, node = token.workflow, token.task_spec
    if not token.has_entered:
        node.note_entered(token)
    instance.note("skipped", node)
    if node.shape.type == "endEvent" and at_process_level(token):
        instance.ended.append(node.element)


def _write(token: Token, values: Mapping[str, Any]) -> None:
    """Write where a result goes; a turn keeps to itself what its output is made of."""
    kept = getattr(token.task_spec, "kept", ())
    token.workflow.scopes.write(
        token.scope, {name: value for name, value in values.items() if name not in kept}
    )


def _go_on(token: Token) -> None:
    """Leave the element by its flows."""
    node, instance = token.task_spec, token.workflow
    if isinstance(node, JoiningGateway) and token.state == TaskState.WAITING:
        node.merge(token)
        if "ways" not in token.memo and isinstance(node, InclusiveGateway):
            instance.resume(token)
            return
    if isinstance(node, Repeated) and "turns" in token.memo:
        node.end(token)
    else:
        node.leave(token)
    token.complete()


def _set(instance: Instance, command: SetVariables) -> None:
    """Write variables exactly where the operator says."""
    token = None if command.scope is None else find(instance, command.scope)
    scope = ROOT if token is None else _own_scope(token)
    values = accepted(instance, scope, command.variables)
    instance.scopes.set(scope, values)
    instance.note("changed", token.task_spec if token else None, names=sorted(values))


def _own_scope(token: Token) -> str:
    scope = token.memo.get("inside", token.memo.get("local"))
    if scope is None:
        element = token.task_spec.element
        raise CannotOperate(
            f"“{element}” has no variables of its own; change those of the process.",
            f"«{element}» متغیری از آنِ خود ندارد؛ متغیرهای فرایند را تغییر دهید.",
        )
    return str(scope)


def _move(instance: Instance, command: MoveToken) -> None:
    move(find(instance, command.token), command.to)


OPERATIONS: dict[type, Callable[[Instance, Any], None]] = {
    SkipFault: _skip,
    SetVariables: _set,
    MoveToken: _move,
}
"""What is done for each command of an operator."""
