"""The OpenAPI document tells the truth: every call it allows is answered as it says."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.app.api import diagrams
from tests.app.api.test_requests import submit
from tests.support.cast import token_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Its dependencies warn of each other.
    import schemathesis
    from schemathesis.checks import positive_data_acceptance
    from schemathesis.core.result import Ok

Api = Callable[[str], FlaskClient]
EXAMPLES = 8
"""For each operation; enough to find what is wrong for almost any input, and quick."""


def document(client: FlaskClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    return told


def test_anyone_may_read_it(client: FlaskClient) -> None:
    told = document(client)
    assert told["openapi"] == "3.1.0"
    assert told["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_it_names_every_route(app: Flask, client: FlaskClient) -> None:
    told = document(client)["paths"]
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and not rule.endpoint.startswith("api-docs"):
            path = "".join(f"{{{part}}}" if dynamic else part for dynamic, part in rule._trace)
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            assert {method.lower() for method in methods} <= set(told[path.lstrip("|")]), path


def test_every_operation_has_a_summary_and_its_problems(client: FlaskClient) -> None:
    for path, operations in document(client)["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                assert operation["summary"], path
                assert "404" in operation["responses"], path


@pytest.mark.slow
def test_it_holds_for_whatever_is_sent(app: Flask, api: Api) -> None:
    """Given one of each, when schemathesis calls every operation, then no answer breaks it."""
    _prepare(api)
    schema = schemathesis.openapi.from_dict(document(api("admin")))
    schema.app = app
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok), operation
        _call_often(operation.ok(), {"Authorization": f"Bearer {token_of('admin')}"})


def _call_often(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def call(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    call()


def _prepare(api: Api) -> None:
    submit(api("partner"))
    api("admin").post("/api/v1/processes", data=diagrams.one_step(), content_type="application/xml")
    api("admin").post("/api/v1/processes/one-step/instances", json={})
