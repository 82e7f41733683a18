"""Which parts of a page their conditions hide: fields, texts, and groups with nothing left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from forms.conditions import expressions, is_hidden, settle
from forms.model import Component, Evaluate, Form, Group, Static
from forms.validation import read_answers


def find_hidden_parts(
    form: Form,
    data: Mapping[str, Any],
    language: str,
    *,
    zone: tzinfo = UTC,
    evaluate: Evaluate | None = None,
) -> frozenset[str]:
    """The ids of the components that are hidden under that data; none without ``evaluate``.

    ``data`` is what :func:`forms.render` takes: answers as written or clean, and whatever else
    conditions may name. An answer that is wrong counts as unanswered, as in validation.
    """
    if evaluate is None or not expressions(form):
        return frozenset()
    keys, context = settle(form, read_answers(form, data, language, zone=zone), evaluate)
    return frozenset(_Search(keys, context, evaluate).walk(form.components))


def is_conditional(component: Component) -> bool:
    """Whether it may come and go: it has a condition, or something inside it has one."""
    inner = component.components if isinstance(component, Group) else ()
    return bool(component.hide) or any(is_conditional(one) for one in inner)


@dataclass(frozen=True)
class _Search:
    keys: frozenset[str]
    context: Mapping[str, Any]
    evaluate: Evaluate

    def walk(self, components: tuple[Component, ...]) -> Iterator[str]:
        for component in components:
            if isinstance(component, Group):
                yield from self.walk(component.components)
            if self.hides(component):
                yield component.id

    def hides(self, component: Component) -> bool:
        if isinstance(component, (Group, Static)):
            own = is_hidden(component, self.context, self.evaluate)
            return own or (isinstance(component, Group) and self.is_empty(component))
        return component.key in self.keys

    def is_empty(self, group: Group) -> bool:
        """Whether everything in it that says or asks something is hidden."""
        speaking = [one for one in group.components if not _is_space(one)]
        return bool(speaking) and all(self.hides(one) for one in speaking)


def _is_space(component: Component) -> bool:
    return isinstance(component, Static) and component.type != "text"
