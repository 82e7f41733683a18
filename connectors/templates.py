"""A small, safe part of Jinja.

A template may show values, pass them through the filters below, choose with ``if`` and repeat
with ``for`` over data. It may not call, compute, define or include anything. The tree is
checked against that list before it is compiled, so a hostile template can cost neither time
nor memory, and the sandbox is the second wall, not the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    meta,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from connectors import template_wording
from connectors.template_members import Lack, lacks
from connectors.wording import FILTERS, Unreadable

LONGEST_SOURCE = 20_000
LONGEST_RESULT = 100_000
_DEEPEST = 40
_DEEPEST_LOOP = 2

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Getattr,
    nodes.Getitem, nodes.Filter, nodes.Test, nodes.If, nodes.For, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
_TESTS = frozenset({"defined", "undefined", "none", "true", "false"})
_PLAIN_FILTERS = frozenset({"default", "length", "lower", "trim", "upper"})


class BadTemplate(ValueError):  # Named for what it is, as its family is.
    """A template that cannot be used, or values that it cannot show."""

    def __init__(self, template: str, line: int, problem: str) -> None:
        self.template = template
        self.line = line
        self.problem = problem
        super().__init__(f"{template}, line {line}: {problem}")

    def text(self, language: str) -> str:
        """The problem in the words of ``en`` or ``fa``, without the place."""
        return template_wording.say(self.problem, language)


class MissingVariable(BadTemplate):
    """A template shows a variable that it was not given."""

    def __init__(self, template: str, line: int, variable: str) -> None:
        self.variable = variable
        super().__init__(template, line, f"nothing is called “{variable}”")


@dataclass(frozen=True)
class Compiled:
    """A checked template."""

    name: str
    tree: nodes.Template
    template: Template
    """Made once: nothing of one rendering stays for the next."""

    def render(self, language: str, context: Mapping[str, Any], zone: ZoneInfo) -> str:
        """Return the text; raises :class:`MissingVariable` or :class:`BadTemplate`."""
        values = {**context, "_language": language, "_zone": zone}
        try:
            return _joined(self.name, self.template.generate(values))
        except UndefinedError as error:
            line = _line(error.__traceback__, self.name)
            path = _path(self.tree, line, str(error))
            raise MissingVariable(self.name, line, path) from None
        except (Unreadable, SecurityError, TypeError, ValueError, LookupError) as error:
            if isinstance(error, BadTemplate):
                raise
            line = _line(error.__traceback__, self.name)
            raise BadTemplate(self.name, line, str(error)[:200]) from None

    @property
    def roots(self) -> frozenset[str]:
        """The variables that the template asks for, such as ``x`` for ``x.y``."""
        return frozenset(meta.find_undeclared_variables(self.tree))

    def lacks(self, sample: Mapping[str, Any]) -> tuple[Lack, ...]:
        """What it asks of the contexts of a sample, in any branch, and nobody has."""
        return tuple(lacks(self.tree, sample))

    def mentions(self) -> Iterator[Mention]:
        """What the template says of its contexts, in the order of the text; loop variables are
        its own."""
        own = {one.name for loop in self.tree.find_all(nodes.For) for one in _targets(loop)}
        shapes = dict(_shapes(self.tree))
        deeper = {id(one.node) for one in self.tree.find_all(nodes.Getattr)}
        for node in self.tree.find_all((nodes.Getattr, nodes.Name)):
            said = _said(node)
            is_half = isinstance(node, nodes.Name) and id(node) in deeper
            if said is not None and said[0] not in own and not is_half:
                yield Mention(*said, node.lineno, shapes.get(id(node), "text"))


def _said(node: nodes.Node) -> tuple[str, str] | None:
    """Context and name of ``vars.amount``, or of a context as a whole."""
    if isinstance(node, nodes.Name):
        return node.name, ""
    around = node.node if isinstance(node, nodes.Getattr) else None
    if isinstance(node, nodes.Getattr) and isinstance(around, nodes.Name):
        return around.name, node.attr
    return None


Shape = Literal["text", "moment", "list"]


class Mention(NamedTuple):
    """One place at which a template says a variable."""

    context: str
    """``vars`` of ``vars.amount``."""
    name: str
    """``amount``; empty where the context is said as a whole."""
    line: int
    shape: Shape
    """What it must be: a date or moment for the filters of these, a list for a loop, or else
    anything that can be shown."""


def _targets(loop: nodes.For) -> Iterator[nodes.Name]:
    if isinstance(loop.target, nodes.Name):
        yield loop.target
    yield from loop.target.find_all(nodes.Name)


def _shapes(tree: nodes.Template) -> Iterator[tuple[int, Shape]]:
    """What the places need that are filtered as moments or lists; loops go through ``rows``."""
    for one in tree.find_all(nodes.Filter):
        if one.node is not None and one.name in _NEEDS:
            yield id(one.node), _NEEDS[one.name]


_NEEDS: Mapping[str, Shape] = {"date": "moment", "time": "moment", "rows": "list", "join": "list"}


def compile_template(source: str, name: str) -> Compiled:
    """Check and compile; raises :class:`BadTemplate` with the line and what is wrong there."""
    if len(source) > LONGEST_SOURCE:
        raise BadTemplate(name, 1, f"longer than {LONGEST_SOURCE} characters")
    try:
        tree = _ENVIRONMENT.parse(source, name)
        _check(tree, name)
        _bound_loops(tree)
        code = _ENVIRONMENT.compile(tree, name, name)
        return Compiled(name, tree, Template.from_code(_ENVIRONMENT, code, {}))
    except TemplateSyntaxError as error:
        raise BadTemplate(name, error.lineno, error.message or "not a template") from None
    except RecursionError:
        raise BadTemplate(name, 1, "nested too deeply") from None


class _Missing(StrictUndefined):
    """Says only the name in its error, which the caller completes to the whole path."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_name)


class _Environment(ImmutableSandboxedEnvironment):
    """A sandbox in which ``a.b`` on data means its key ``b``, never a method of the mapping."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return self.getitem(obj, attribute)
        # Texts, dates and lists have only methods, and nothing is ever called.
        missing = self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute) if isinstance(obj, Undefined) else missing

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)


def _make_environment() -> _Environment:
    made = _Environment(undefined=_Missing, keep_trailing_newline=True, finalize=_no_null)
    made.trim_blocks = made.lstrip_blocks = True
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _PLAIN_FILTERS} | dict(FILTERS)
    made.tests = {name: made.tests[name] for name in _TESTS}
    return made


def _no_null(value: Any) -> Any:
    """Write nothing for a value that is there but empty: nobody is greeted as “None”."""
    return "" if value is None else value


_ENVIRONMENT = _make_environment()


def _check(tree: nodes.Template, name: str) -> None:
    """Walk the tree without recursion: a tree made to be deep must not break the check."""
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while waiting:
        node, depth, loops = waiting.pop()
        loops += isinstance(node, nodes.For)
        problem = _problem(node, depth, loops)
        if problem:
            raise BadTemplate(name, node.lineno, problem)
        waiting += [(child, depth + 1, loops) for child in node.iter_child_nodes()]


def _problem(node: nodes.Node, depth: int, loops: int) -> str | None:
    if depth > _DEEPEST:
        return "nested too deeply"
    if type(node) not in _ALLOWED:
        return f"“{type(node).__name__.lower()}” is not allowed in a message"
    if isinstance(node, nodes.For):
        return _loop_problem(node, loops)
    if isinstance(node, nodes.Name) and node.name.startswith("_"):
        return f"“{node.name}” is not a variable"
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return _member_problem(node)
    return None


def _member_problem(node: nodes.Getattr | nodes.Getitem) -> str | None:
    """What is asked of a text or a number that stands in the letter itself is asked for no good."""
    of_variable = isinstance(node.node, nodes.Name | nodes.Getattr | nodes.Getitem)
    return None if of_variable else "only variables have parts"


def _loop_problem(node: nodes.For, loops: int) -> str | None:
    if loops > _DEEPEST_LOOP:
        return f"more than {_DEEPEST_LOOP} loops inside one another"
    if node.recursive or not isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem):
        return "a loop goes over a variable"
    return None


def _bound_loops(tree: nodes.Template) -> None:
    """Send what each loop goes over through ``rows``, which takes only short lists."""
    for loop in tree.find_all(nodes.For):
        bounded = nodes.Filter(loop.iter, "rows", [], [], None, None, lineno=loop.lineno)
        loop.iter = bounded.set_environment(_ENVIRONMENT)


def _joined(name: str, pieces: Iterator[str]) -> str:
    """Join the pieces, stopping as soon as the result would be too long."""
    parts, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST_RESULT:
            raise BadTemplate(name, 1, f"the message is longer than {LONGEST_RESULT} characters")
        parts.append(piece)
    return "".join(parts)


def _line(trace: TracebackType | None, name: str) -> int:
    """Return the template's line: Jinja rewrites tracebacks so that they show it."""
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _path(tree: nodes.Template, line: int, last: str) -> str:
    """Complete ``nubmer`` to ``request.nubmer``, as the template's line says it."""
    for node in tree.find_all(nodes.Getattr):
        if node.lineno == line and node.attr == last:
            return _dotted(node)
    return last


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "…"
