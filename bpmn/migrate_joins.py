"""Joins that would wait for ever in another version, proved before an instance is moved there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bpmn.adhoc import AdHocSubProcess
from bpmn.foresight import Standing, Starved, starved_joins
from bpmn.scopes import ROOT

if TYPE_CHECKING:
    from bpmn.instance import Instance, Token
    from bpmn.model import Names
    from bpmn.node import Node
    from bpmn.translation import Translation


def starving(
    instance: Instance, translation: Translation, scopes: Iterable[str]
) -> Iterator[Names]:
    """Why the tokens of these scopes would starve a join of the new version that they do not
    starve already; every token must have a node there."""
    for scope in scopes:
        before = {translation.element(one.join) for one in starved_in(instance, scope)}
        for one in starved_in(instance, scope, translation):
            if one.join not in before:
                yield _say(one)


def starved_in(
    instance: Instance, scope: str, translation: Translation | None = None
) -> list[Starved]:
    """The joins that starve in one scope, as it is or in the other version."""
    process = instance.process if translation is None else translation.new
    host = instance.live.get(instance.scopes.all[scope].owner or "")
    owner = None if host is None else _node(host, translation)
    container = process.key if scope == ROOT or owner is None else owner.shape.id
    tokens = [_standing(token, translation) for token in instance.standing(scope)]
    # In an ad-hoc subprocess people may still begin whatever leads to a join.
    if isinstance(owner, AdHocSubProcess) or not _lie_in(container, tokens):
        return []
    return starved_joins(process, container, tokens)


def _lie_in(container: str, tokens: Iterable[Standing]) -> bool:
    return all(token.node.shape.container == container for token in tokens)


def _standing(token: Token, translation: Translation | None) -> Standing:
    node = _node(token, translation)
    flow = token.flow if translation is None else translation.flow(token, node)
    return Standing(node, flow)


def _node(token: Token, translation: Translation | None) -> Node:
    node: Node = token.task_spec
    return node if translation is None else translation.node(node) or node


def _say(one: Starved) -> Names:
    return {
        "en": f"“{one.join}” of the new version would wait for ever: no token is where it could "
        f"come by “{one.flow}” any more. Move the tokens back before the split, or on behind the "
        "join, before the migration; or map the waiting flow, or leave the instance in its "
        "version.",
        "fa": f"«{one.join}» در نسخهٔ تازه برای همیشه منتظر می‌ماند: هیچ نشانه‌ای جایی نیست که از "
        f"«{one.flow}» به آن برسد. پیش از مهاجرت نشانه‌ها را به پیش از انشعاب یا پس از پیوند ببرید، "
        "یا جریان منتظر را نگاشت کنید، یا این مورد را در نسخهٔ خودش بگذارید.",
    }
