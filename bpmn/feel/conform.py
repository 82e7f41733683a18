"""Whether a value conforms to a type, and the conversions made for it (DMN 1.5, 10.3.2.9.4)."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.feel.arithmetic import midnight
from bpmn.feel.limits import Visits
from bpmn.feel.temporal import Date
from bpmn.feel.types import Type
from bpmn.feel.values import Function, Range, Value, kind_of


def is_instance(value: Value, kind: Type) -> bool:
    """What ``instance of`` says: by shape alone; null is an instance of Null and nothing else."""
    if value is None:
        return kind.name == "Null"
    return _fits(value, kind, Visits(), strict=False)


def conforms(value: Value, kind: Type) -> bool:
    """Whether a value may stand where the type is declared; null may anywhere."""
    return _fits(value, kind, Visits(), strict=True)


def _fits(value: Value, kind: Type, visits: Visits, *, strict: bool) -> bool:
    """Strictly a value must also be among those that the type allows."""
    if value is None:
        return True
    visits.many(1)
    if not _has_shape(value, kind, visits, strict=strict):
        return False
    return not strict or kind.allowed is None or kind.allowed(value)


def _has_shape(value: Value, kind: Type, visits: Visits, *, strict: bool) -> bool:
    if kind.name == "Any":
        return True
    if kind_of(value) != kind.name:
        return False
    if isinstance(value, Function):
        return _is_function(value, kind, strict=strict)
    return all(_fits(part, of, visits, strict=strict) for part, of in _parts(value, kind))


def _parts(value: Value, kind: Type) -> Iterator[tuple[Value, Type]]:
    """What is inside a value, each with its type; a missing entry stands as what fits nowhere."""
    if kind.item is not None:
        inside = (value.low, value.high) if isinstance(value, Range) else value
        yield from ((part, kind.item) for part in inside)
    for key, of in (kind.fields or {}).items():
        yield (value[key], of) if key in value else (False, _NOTHING)


_NOTHING = Type("Nothing")


def coerce(value: Value, kind: Type) -> tuple[bool, Value]:
    """The value as the type wants it, and whether it could be had at all.

    A list of one gives its item, an item becomes a list of one, a date becomes midnight UTC.
    """
    if conforms(value, kind):
        return True, value
    if isinstance(value, list) and len(value) == 1 and kind.name != "list":
        fits = value[0] is not None and conforms(value[0], kind)
        return fits, value[0] if fits else None
    if kind.name == "list" and not isinstance(value, list):
        fits = conforms([value], kind)
        return fits, [value] if fits else None
    if kind.name == "date and time" and isinstance(value, Date):
        return True, midnight(value)
    return False, None


def is_subtype(one: Type, other: Type) -> bool:
    """Whether every value of one type is of the other."""
    if other.name == "Any" or one.name == "Null":
        return True
    if one.name != other.name:
        return False
    if other.item is not None:
        return one.item is not None and is_subtype(one.item, other.item)
    if other.fields is not None:
        mine = one.fields or {}
        return all(
            key in mine and is_subtype(mine[key], kind) for key, kind in other.fields.items()
        )
    if other.parameters is not None:
        return _is_subfunction(one, other)
    return True


def _is_subfunction(one: Type, other: Type) -> bool:
    mine, theirs = one.parameters or (), other.parameters or ()
    if len(mine) != len(theirs):
        return False
    accepts = all(is_subtype(b, a) for a, b in zip(mine, theirs, strict=True))
    return accepts and is_subtype(one.result or Type("Any"), other.result or Type("Any"))


def _is_function(value: Function, kind: Type, *, strict: bool) -> bool:
    if kind.parameters is None:
        return True
    # A result that nobody declared is taken on trust where a function is handed over.
    if value.result is None and strict:
        return len(value.parameters) == len(kind.parameters)
    mine = Type(
        "function",
        parameters=value.types or tuple(Type("Any") for _ in value.parameters),
        result=value.result or Type("Any"),
    )
    return is_subtype(mine, kind)
