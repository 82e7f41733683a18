"""The blueprint class of the API: flask-smorest's, with our parser and with types."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import flask
import flask_smorest
from marshmallow import Schema
from werkzeug.exceptions import HTTPException

from app.api import problems
from app.api.door import check_acceptable, speak_for_reader
from app.api.parser import StrictParser
from app.errors import PeygirError

Handler = TypeVar("Handler", bound=Callable[..., Any])
Decorator = Callable[[Handler], Handler]

PREFIX = "/api/v1"

if TYPE_CHECKING:

    class _Base(flask.Blueprint):
        """What of flask-smorest's blueprint we use, with its types."""

        _prepare_doc_cbks: list[Callable[..., dict[str, Any]]]

        def __init__(
            self, name: str, module: str, *, url_prefix: str, description: str
        ) -> None: ...

        def arguments(
            self, schema: Any, *, location: str = "json", **more: Any
        ) -> Callable[[Handler], Handler]: ...

        def response(
            self, status_code: int, schema: type[Schema] | None = None, **more: Any
        ) -> Callable[[Handler], Handler]: ...

        def doc(self, **more: Any) -> Callable[[Handler], Handler]: ...

else:
    _Base = flask_smorest.Blueprint


class Blueprint(_Base):
    """Routes under ``/api/v1`` whose every error is a problem."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, module: str, description: str) -> None:
        super().__init__(name, module, url_prefix=PREFIX, description=description)
        self.before_request(speak_for_reader)
        self.before_request(check_acceptable)
        self._prepare_doc_cbks.append(describe_problems)
        self.register_error_handler(PeygirError, problems.answer_domain)
        self.register_error_handler(HTTPException, problems.answer_http)
        self.register_error_handler(500, problems.answer_crash)

    def arguments(
        self, schema: type[Schema], *, location: str = "json", **more: Any
    ) -> Callable[[Handler], Handler]:
        """Checked arguments, by one instance of the schema for all calls, since making an
        instance takes longer than using it."""
        return super().arguments(schema(), location=location, **more)


def describe_problems(
    doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any
) -> dict[str, Any]:
    """The operation's description with the errors that it may answer."""
    statuses = [401, 403, 404, 406]
    if method in ("post", "put"):
        statuses += [409, 413]
    has_body = "requestBody" in doc or "requestBody" in info.get("manual_doc", {})
    if has_body:
        statuses += [400, 415]
    if has_body or "parameters" in doc:
        statuses.append(422)
    for status in statuses:
        doc.setdefault("responses", {}).setdefault(status, HTTPStatus(status).name)
    return doc
