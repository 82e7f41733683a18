"""House rules about routes: each has a rule of access, and a handler that one can read at once."""

from __future__ import annotations

import ast
import inspect
import textwrap

from flask import Flask

from app.routes import RULES

LONGEST_HANDLER = 15
CLOSING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def test_every_route_has_a_rule_of_access(one_app: Flask) -> None:
    endpoints = {rule.endpoint for rule in one_app.url_map.iter_rules()}
    assert not endpoints - set(RULES), "add a row to RULES in app/routes.py"


def test_every_rule_of_access_has_a_route(one_app: Flask) -> None:
    endpoints = {rule.endpoint for rule in one_app.url_map.iter_rules()}
    assert not set(RULES) - endpoints, "these rules guard nothing"


def test_handlers_unpack_call_one_service_and_answer(one_app: Flask) -> None:
    found = [
        f"{endpoint}: {lines} lines"
        for endpoint, handler in one_app.view_functions.items()
        if (lines := _lines_of_body(handler)) > LONGEST_HANDLER
    ]
    assert not found, found


def test_reading_changes_nothing(one_app: Flask) -> None:
    mixed = [
        str(rule)
        for rule in one_app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and rule.methods & CLOSING
    ]
    assert not mixed, f"give reading and changing a handler each: {mixed}"


def _lines_of_body(handler: object) -> int:
    function = inspect.unwrap(handler)  # type: ignore[arg-type]
    if not inspect.isfunction(function) or not function.__module__.startswith("app."):
        return 0
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
