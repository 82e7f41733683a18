"""From one version of a process to another: which node and which flow stand for which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.compensation import UNDO
from bpmn.gateways import JoiningGateway
from bpmn.multi import MultiInstance
from bpmn.records import Records, unfold
from bpmn.turns import Repeated

if TYPE_CHECKING:
    from bpmn.instance import Token
    from bpmn.model import Names
    from bpmn.node import Node
    from bpmn.process import Process


class Translation:
    """Elements and flows of the old version in terms of the new one."""

    def __init__(self, old: Process, new: Process, mapping: Mapping[str, str]) -> None:
        self.old, self.new, self.mapping = old, new, mapping
        self._sources = {way.id: node for node in old.nodes.values() for way in node.ways}
        self._back = {self.element(node.element): node.element for node in old.nodes.values()}

    def element(self, element: str) -> str:
        """The id in the new version that an old one stands for; whether it exists or not."""
        return self.mapping.get(element, element)

    def node(self, node: Node) -> Node | None:
        """The node of the new version. One put in by normalising, and the turn of a body, keep
        what their names end in."""
        ending = node.name.removeprefix(node.element)
        return self.new.nodes.get(self.element(node.element) + ending)

    def before(self, node: Node) -> Node | None:
        """The node of the old version that a new one stands for."""
        ending = node.name.removeprefix(node.element)
        old = self._back.get(node.element)
        return None if old is None else self.old.nodes.get(old + ending)

    def flow(self, token: Token, node: Node) -> str | None:
        """The flow by which a token came, as the new version has it; None when it has none.

        A flow is known by where it comes from: its id may lead from elsewhere now. Only where
        the mapping names it is it taken at its word.
        """
        mapped = self.mapping.get(token.flow or "")
        if token.flow is None or mapped in node.incoming:
            return mapped
        source = self._sources.get(token.flow)
        above = None if source is None else self.node(source)
        found = [] if above is None else [w.id for w in above.ways if w.target == node.name]
        if token.flow in found:
            return token.flow
        return found[0] if len(found) == 1 else None

    def problems(self) -> Iterator[Names]:
        """What is wrong with the mapping, or the pair, itself."""
        if self.old.key != self.new.key:
            yield _say(
                f"“{self.new.key}” is another process than “{self.old.key}”.",
                f"«{self.new.key}» فرایند دیگری جز «{self.old.key}» است.",
            )
        for old, new in self.mapping.items():
            yield from self._wrong(old, new)

    def _wrong(self, old: str, new: str) -> Iterator[Names]:
        for name, process, version in ((old, self.old, "old"), (new, self.new, "new")):
            if name not in process.nodes and not _has_flow(process, name):
                words = {"old": "پیشین", "new": "تازه"}[version]
                yield _say(
                    f"The mapping names “{name}”, which the {version} version does not have.",
                    f"نگاشت «{name}» را نام می‌برد که در نسخهٔ {words} نیست.",
                )

    def objection(self, token: Token) -> Names | None:
        """Why a token has nowhere to go; None when it has."""
        old, new = token.task_spec, self.node(token.task_spec)
        if new is None:
            return _nowhere(self.element(old.element))
        if not _is_alike(old, new):
            return _other_kind(old.element, new.element)
        if not {"undoing", "record", "undoes"}.isdisjoint(token.memo):
            return _undoes(old.element)
        if self._container(old) != new.shape.container:
            return _other_scope(old.element, new.element)
        waits = isinstance(new, JoiningGateway) and token.state == TaskState.WAITING
        if waits and self.flow(token, new) is None:
            return _no_flow(str(token.flow), new.element)
        return None

    def record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """What is remembered of a complete activity, by the names of the new version."""
        inner = {}
        if "done" in record:
            inner["done"] = Records.of(map(self.record, unfold(record["done"]))).folded()
        node = self.node(self.old.nodes[record["of"]])
        return {**record, "of": record["of"] if node is None else node.name, **inner}

    def wrong_record(self, record: Mapping[str, Any]) -> Iterator[Names]:
        """Why what is complete could not be undone in the new version as it is remembered."""
        old = self.old.nodes[record["of"]]
        new = self.node(old)
        if new is None or not _is_alike(old, new) or _undoing(old) != _undoing(new):
            yield _say(
                f"“{old.element}” is complete and may have to be undone, which the new version "
                "does in another way.",
                f"«{old.element}» انجام شده و شاید لازم شود برگردانده شود؛ نسخهٔ تازه این کار را "
                "به شکل دیگری می‌کند.",
            )
        for inner in unfold(record.get("done", [])):
            yield from self.wrong_record(inner)

    def _container(self, node: Node) -> str:
        container = node.shape.container
        return self.new.key if container == self.old.key else self.element(container)


def _undoing(node: Node) -> tuple[bool, bool, bool]:
    """How an activity is undone: by a handler, by an event subprocess, from inside."""
    handler, within = getattr(node, "handler", None), getattr(node, "undone_by", None)
    return handler is not None, within is not None, node.name + UNDO in node.process.nodes


def _has_flow(process: Process, flow: str) -> bool:
    return any(flow in node.incoming for node in process.nodes.values())


def _is_alike(old: Node, new: Node) -> bool:
    """Whether what a token remembers of the one means the same in the other."""
    same = type(old) is type(new) and _traits(old) == _traits(new)
    if isinstance(old, Repeated) and isinstance(new, Repeated):
        return same and _repeats(old) == _repeats(new)
    return same


def _traits(node: Node) -> tuple[Any, ...]:
    return node.shape.type, node.shape.by_event, kind_of(node)


def kind_of(node: Node) -> str:
    """What the element waits for or throws: ``timer``, ``message``, ``none`` and so on."""
    return node.shape.trigger.kind if node.shape.trigger else "none"


def _repeats(node: Repeated) -> tuple[Any, ...]:
    if not isinstance(node, MultiInstance):
        return ()
    return node.sequential, node.collection is None, node.item_name, bool(node.output_name)


def _nowhere(element: str) -> Names:
    return _say(
        f"The new version has no element “{element}”; map the old one to another.",
        f"نسخهٔ تازه عنصر «{element}» را ندارد؛ عنصر پیشین را به دیگری نگاشت کنید.",
    )


def _other_kind(old: str, new: str) -> Names:
    return _say(
        f"“{new}” of the new version is of another kind than “{old}”.",
        f"«{new}» در نسخهٔ تازه از گونهٔ دیگری جز «{old}» است.",
    )


def _other_scope(old: str, new: str) -> Names:
    return _say(
        f"“{new}” of the new version lies in another subprocess than “{old}”.",
        f"«{new}» در نسخهٔ تازه در زیرفرایند دیگری جز جای «{old}» است.",
    )


def _undoes(element: str) -> Names:
    return _say(
        f"Compensation runs at “{element}”; wait until it is done.",
        f"در «{element}» جبران در جریان است؛ تا پایان آن صبر کنید.",
    )


def _no_flow(flow: str, join: str) -> Names:
    return _say(
        f"A token waits at “{join}”, having come by “{flow}”, which the new version lacks; map "
        "that flow to another.",
        f"نشانه‌ای که از «{flow}» آمده در «{join}» منتظر است و نسخهٔ تازه آن جریان را ندارد؛ آن را "
        "به جریان دیگری نگاشت کنید.",
    )


def _say(en: str, fa: str) -> Names:
    return {"en": en, "fa": fa}
