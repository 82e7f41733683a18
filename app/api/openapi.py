"""The OpenAPI 3.1 document, made from the schemas and served at ``/api/v1/openapi.json``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import flask_smorest
from flask import Flask
from marshmallow import Schema
from werkzeug.routing import Rule

from app.addresses import Key, Name, Number
from app.api.problems import MEDIA_TYPE
from app.api.routes import PREFIX, Blueprint
from app.api.schemas.common import ProblemSchema
from app.api.schemas.partner_calls import HookAnswerSchema, HookRefusedSchema

SETTINGS = {
    "API_TITLE": "Peygir",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": PREFIX,
    "OPENAPI_JSON_PATH": "openapi.json",
}
OPTIONS = {
    "info": {
        "description": "Requests, tasks and processes. Every error is a problem (RFC 9457) in "
        "the language of Accept-Language, and changes nothing."
    },
    "security": [{"token": []}],
    "servers": [{"url": "/"}],
}


class Api(flask_smorest.Api):  # type: ignore[misc]  # The library has no types.
    """flask-smorest's, with problems for errors; the blueprints answer their own."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave the application's handlers alone: they answer pages."""

    def _register_responses(self) -> None:
        """Describe each status that is an error as a problem."""
        content = {MEDIA_TYPE: {"schema": ProblemSchema}}
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                response = {"description": status.phrase, "content": content}
                self.spec.components.response(status.name, response, lazy=True)
        other = {"description": "Any other error", "content": content}
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME, other, lazy=True)


def init_openapi(app: Flask, blueprints: tuple[Blueprint, ...]) -> None:
    """Register the blueprints and describe them."""
    app.config.update(SETTINGS)
    api = Api(app, spec_kwargs=OPTIONS)
    for converter in (Number, Key, Name):
        api.register_converter(converter, lambda found: dict(found.schema))
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    _describe_hook(api)


def _describe_hook(api: Api) -> None:
    """The door for partners' systems, which stands beside the interface and asks for no token."""
    texts = {"type": "string", "minLength": 1}
    parameters = [
        {"in": "path", "name": name, "required": True, "schema": texts, "description": told}
        for name, told in (
            ("channel", "The key of the partner's channel."),
            ("secret", "The secret of our address."),
        )
    ]
    body = {"application/json": {"schema": {"type": "object"}}}
    responses = {str(status): _answer(told, shape) for status, (told, shape) in _HOOK.items()}
    operation = {
        "summary": "Tell waiting processes a message; answered when it is kept for good.",
        "tags": ["Calls of partners"], "parameters": parameters, "security": [],
        "requestBody": {"required": True, "content": body}, "responses": responses,
    }  # fmt: skip
    rule = Rule("/hooks/<channel>/<secret>")
    api.spec.path(rule=rule, operations={"post": operation})


_HOOK = {
    200: ("It is kept, also when no process waits for it yet.", HookAnswerSchema),
    400: ("It is not what was agreed.", HookRefusedSchema),
    401: ("It is not signed as was agreed.", HookRefusedSchema),
    404: ("No channel takes calls from there with this secret.", HookRefusedSchema),
}


def _answer(told: str, shape: type[Schema]) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": shape}}}
