"""The OpenAPI 3.1 document, made from the schemas and served at ``/api/v1/openapi.json``."""

from __future__ import annotations

from http import HTTPStatus

import flask_smorest
from flask import Flask

from app.addresses import Key, Name, Number
from app.api.problems import MEDIA_TYPE
from app.api.routes import PREFIX, Blueprint
from app.api.schemas.common import ProblemSchema

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
