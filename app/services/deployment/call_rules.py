"""What a diagram gives to its channels and letters: inputs that are missing or that nothing takes,
and variables that a message template needs though nothing gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import bpmn
import connectors
from connectors import registry
from connectors.contract import Connector
from connectors.messages import Said

RULES: Mapping[str, tuple[str, str, str, str]] = {
    "connector.input-missing": (
        "A task of the type “{type}” needs the input “{name}”, and nothing gives it.",
        "Add an input mapping to “{name}”.",
        "کاری از نوع «{type}» ورودی «{name}» را لازم دارد و هیچ چیز آن را نمی‌دهد.",
        "نگاشت ورودی‌ای به «{name}» بیفزایید.",
    ),
    "connector.input-either": (
        "A task of the type “{type}” needs one of its inputs {names_en}, and nothing gives any.",
        "Add an input mapping to {names_en}.",
        "کاری از نوع «{type}» یکی از ورودی‌های {names_fa} را لازم دارد و هیچ چیز آن را نمی‌دهد.",
        "نگاشت ورودی‌ای به {names_fa} بیفزایید.",
    ),
    "connector.input-unknown": (
        "No connector for tasks of the type “{type}” takes an input “{name}”.",
        "Correct the name; `peygir connector list` and docs/connectors.md tell the inputs.",
        "هیچ رابطی برای کارهای نوع «{type}» ورودی «{name}» را نمی‌گیرد.",
        "نام را درست کنید؛ ورودی‌ها در `peygir connector list` و docs/connectors.md آمده است.",
    ),
    "template.variable": (
        "The template “{type}” says “vars.{name}” ({where}), and nothing gives this variable.",
        "Add an input mapping to “{name}”, write it before, or correct the template.",
        "الگوی «{type}» از «vars.{name}» می‌گوید ({where}) و هیچ چیز این متغیر را نمی‌دهد.",
        "نگاشت ورودی‌ای به «{name}» بیفزایید، آن را پیش از این بنویسید، یا الگو را درست کنید.",
    ),
}
"""What is wrong and the remedy, in English, then in Persian."""
WARNINGS = frozenset({"connector.input-unknown"})
_ADDRESS = {("email", "to")}
"""Types and inputs that have a rule of their own for when they are missing."""


SaidBy = Callable[[str], Iterable[Said]]
"""What a template says, by its key; raises ``connectors.UnknownTemplate`` and ``BadTemplate``."""


def judge(
    definition: bpmn.Definition,
    fields: frozenset[str],
    said_by: SaidBy = connectors.messages.said_by,
) -> Iterator[bpmn.Finding]:
    """A finding for each input that is missing or unknown, and for each variable that a template
    lacks; ``fields`` are those of the process's forms. The templates are those that are shipped,
    where ``said_by`` knows no others."""
    given = definition.data.given(fields)
    for element in definition.elements.values():
        if element.job_type == "notify":
            yield from _of_template(definition, element, given, said_by)
        elif element.job_type:
            yield from _of_inputs(definition, element, given)


def _of_inputs(
    definition: bpmn.Definition, element: bpmn.Element, given: frozenset[str]
) -> Iterator[bpmn.Finding]:
    kinds = registry.of_task(element.job_type or "")
    if not kinds:
        return
    needed = frozenset.intersection(
        *(frozenset(one.name for one in kind.inputs if one.required) for kind in kinds)
    )
    taken = {one.name for kind in kinds for one in kind.inputs}
    # With mappings the designer says what the task gets; without any, data may bring it.
    may_come = definition.data.anything and not element.inputs
    for name in sorted(needed - given):
        if (element.job_type, name) not in _ADDRESS:
            yield _tell("connector.input-missing", element, str(element.job_type), name, may_come)
    either = _either(kinds)
    if either and not either & given:
        yield _tell_either(element, either, may_come)
    for name in sorted(element.inputs - taken):
        yield _tell("connector.input-unknown", element, str(element.job_type), name, warns=True)


def _either(kinds: Iterable[Connector]) -> frozenset[str]:
    """The inputs of which one is needed, whatever kind the channel will be of."""
    found = [kind.needs_one for kind in kinds]
    return frozenset().union(*found) if all(found) else frozenset()


def _of_template(
    definition: bpmn.Definition,
    element: bpmn.Element,
    given: frozenset[str],
    said_by: SaidBy,
) -> Iterator[bpmn.Finding]:
    template = element.headers.get("template", "")
    try:
        lacking = missing_in(said_by(template), given)
    except (connectors.UnknownTemplate, connectors.BadTemplate):
        return
    for name, (file, mention) in sorted(lacking.items()):
        where = f"{file}:{mention.line}"
        may_come = definition.data.anything
        yield _tell("template.variable", element, template, name, may_come, where)


def missing_in(said: Iterable[Said], given: frozenset[str]) -> dict[str, Said]:
    """The variables of the process that a template says and nothing gives, each with the first
    place at which it is said."""
    found: dict[str, Said] = {}
    for one in said:
        if one.mention.context == "vars" and one.mention.name not in {"", *given}:
            found.setdefault(one.mention.name, one)
    return found


def _tell(
    rule: str, element: bpmn.Element, of: str, name: str, warns: bool, where: str = ""
) -> bpmn.Finding:
    return _say(rule, element, warns, type=of, name=name, where=where)


def _tell_either(element: bpmn.Element, names: frozenset[str], warns: bool) -> bpmn.Finding:
    said = {
        "names_en": " or ".join(f"“{one}”" for one in sorted(names)),
        "names_fa": " یا ".join(f"«{one}»" for one in sorted(names)),
    }
    return _say("connector.input-either", element, warns, type=str(element.job_type), **said)


def _say(rule: str, element: bpmn.Element, warns: bool, **words: str) -> bpmn.Finding:
    en, remedy_en, fa, remedy_fa = (text.format(**words) for text in RULES[rule])
    return bpmn.Finding(
        element.line, element.id, rule, {"en": en, "fa": fa}, "warning" if warns else "error",
        remedy={"en": remedy_en, "fa": remedy_fa},
    )  # fmt: skip
