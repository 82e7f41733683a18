"""Functions on contexts (DMN 1.5, 10.3.4.10)."""

from __future__ import annotations

from bpmn.feel.builtins.signature import builtin
from bpmn.feel.errors import Undefined
from bpmn.feel.values import Value

Context = dict[str, Value]


@builtin("get value(m/context: context, key: string)")
def get_value(context: Context, key: str) -> Value:
    if key not in context:
        raise Undefined("NO_ENTRY", "The context has no entry '{0}'", key)
    return context[key]


@builtin("get value(context/m: context, keys: list)")
def get_value_at(context: Context, keys: list[Value]) -> Value:
    value: Value = context
    for key in keys:
        if not isinstance(value, dict) or not isinstance(key, str) or key not in value:
            raise Undefined("NO_ENTRY", "The context has no entry there")
        value = value[key]
    return value


@builtin("get entries(m/context: context)")
def get_entries(context: Context) -> Value:
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context(entries: list)")
def context_of(entries: list[Value]) -> Value:
    made: Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry:
            raise Undefined("ARGUMENT_TYPE", "An entry is a context of key and value")
        key = entry.get("key")
        if not isinstance(key, str) or key in made:
            raise Undefined("ARGUMENT_TYPE", "Keys are strings, each once")
        made[key] = entry["value"]
    return made


@builtin("context put(context: context, key: string, value: any)")
def context_put(context: Context, key: str, value: Value) -> Value:
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: any)")
def context_put_at(context: Context, keys: list[Value], value: Value) -> Value:
    if not keys or not all(isinstance(key, str) for key in keys):
        raise Undefined("ARGUMENT_TYPE", "Keys are strings, one at least")
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if not isinstance(inner, dict):
        raise Undefined("NO_ENTRY", "The entry '{0}' is no context", keys[0])
    return {**context, keys[0]: context_put_at(inner, keys[1:], value)}


@builtin("context merge(contexts: list)")
def context_merge(contexts: list[Value]) -> Value:
    merged: Context = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise Undefined("ARGUMENT_TYPE", "The list must hold contexts alone")
        merged.update(context)
    return merged
