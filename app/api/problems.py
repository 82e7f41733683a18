"""Errors as problem+json (RFC 9457): the only map from an error's class to an HTTP status."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

import bpmn
from app.api.language import reader_language
from app.api.reading import NestedTooDeep, NotJson, NotUtf8, NumberNotKept
from app.api.words import Words, say
from app.away import is_away
from app.config import Settings
from app.errors import (
    Conflict,
    DeploymentRefused,
    Excluded,
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    NotSignedIn,
    OperationRefused,
    PeygirError,
    RequestClosed,
    TaskClosed,
    TaskNotYours,
    TaskTaken,
    TooLarge,
    TooManyAttempts,
    UnsupportedFile,
    WrongCredentials,
)
from app.i18n import pick_text
from app.services.execution.faults import FaultResolved
from app.services.execution.listening import NothingAsked
from app.services.execution.processes import InstanceEnded, InstanceSuspended

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its name in the type URI, its status, its title."""

    name: str
    status: int
    title: Words


KINDS: Mapping[type[PeygirError], Kind] = {
    NotJson: Kind("not-json", 400, Words("The body is not JSON", "بدنه JSON نیست")),
    NotUtf8: Kind("not-utf-8", 400, Words("The body is not UTF-8", "بدنه UTF-8 نیست")),
    NumberNotKept: Kind("number", 422, Words("A number cannot be kept", "عددی نگه داشته نمی‌شود")),
    NestedTooDeep: Kind("too-deep", 400, Words("Nested too deeply", "بیش از اندازه تودرتو")),
    NotSignedIn: Kind("no-token", 401, Words("A valid token is needed", "نشان معتبر لازم است")),
    WrongCredentials: Kind(
        "no-token", 401, Words("A valid token is needed", "نشان معتبر لازم است")
    ),
    Excluded: Kind(
        "excluded", 403, Words("Another person must do this", "کس دیگری باید انجام دهد")
    ),
    Forbidden: Kind("forbidden", 403, Words("Not allowed", "اجازه نیست")),
    NotFound: Kind("not-found", 404, Words("Nothing is here", "چیزی این‌جا نیست")),
    TaskTaken: Kind("task-taken", 409, Words("The task is taken", "کار را کس دیگری گرفته است")),
    TaskNotYours: Kind("task-not-yours", 409, Words("The task is not yours", "کار از آنِ شما نیست")),
    TaskClosed: Kind("task-closed", 409, Words("The task is finished", "کار پایان یافته است")),
    RequestClosed: Kind("request-closed", 409, Words("The request is closed", "درخواست بسته است")),
    InstanceEnded: Kind(
        "instance-ended", 409, Words("The process has ended", "فرایند پایان یافته است")
    ),
    InstanceSuspended: Kind(
        "instance-suspended", 409, Words("The process is suspended", "فرایند متوقف است")
    ),
    OperationRefused: Kind(
        "operation-refused", 409, Words("This cannot be done here", "این‌جا شدنی نیست")
    ),
    FaultResolved: Kind("fault-resolved", 409, Words("The fault is resolved", "خطا برطرف شده است")),
    NothingAsked: Kind("not-awaited", 409, Words("Nothing waits for this", "چیزی منتظر این نیست")),
    Conflict: Kind("conflict", 409, Words("Changed meanwhile", "در این میان تغییر کرده است")),
    TooLarge: Kind("too-large", 413, Words("Too large", "بیش از اندازه بزرگ")),
    UnsupportedFile: Kind("unsupported", 415, Words("Not this kind of file", "این گونه فایل نه")),
    KeyReused: Kind(
        "key-reused", 422, Words("The key was used before", "کلید پیش‌تر به کار رفته است")
    ),
    DeploymentRefused: Kind("refused", 422, Words("The file is refused", "فایل پذیرفته نشد")),
    Invalid: Kind("invalid", 422, Words("Fields need a correction", "چند فیلد باید درست شود")),
    TooManyAttempts: Kind("too-many", 429, Words("Too many attempts", "تلاش‌های بیش از اندازه")),
    PeygirError: Kind("failed", 400, Words("Not carried out", "انجام نشد")),
}
"""The kind of each class of error; a class without a row is told as its nearest ancestor."""

NO_TOKEN = Words(
    "Send a valid token in the header Authorization: Bearer <token>.",
    "نشان معتبری در سرآیند Authorization: Bearer <token> بفرستید.",
)
"""What NotSignedIn means to a program, which cannot sign in."""

PLAIN: Mapping[int, tuple[Kind, Words]] = {
    400: (
        Kind("bad-request", 400, Words("The call cannot be read", "فراخوانی خوانده نمی‌شود")),
        Words("The call cannot be read as HTTP says.", "این فراخوانی را نمی‌توان خواند."),
    ),
    404: (
        Kind("not-found", 404, Words("Nothing is here", "چیزی این‌جا نیست")),
        Words(
            "There is no such address; see /api/v1/openapi.json.",
            "چنین نشانی‌ای نیست؛ ‎/api/v1/openapi.json‎ را ببینید.",
        ),
    ),
    405: (
        Kind("method", 405, Words("Not by this method", "با این روش نه")),
        Words(
            "This address does not know this method; the header Allow lists those it knows.",
            "این نشانی این روش را نمی‌شناسد؛ سرآیند Allow روش‌های آن را می‌گوید.",
        ),
    ),
    406: (
        Kind("not-acceptable", 406, Words("Only JSON is spoken", "تنها JSON")),
        Words(
            "The answer is application/json; let the header Accept allow it.",
            "پاسخ application/json است؛ سرآیند Accept باید آن را بپذیرد.",
        ),
    ),
    413: (
        Kind("too-large", 413, Words("Too large", "بیش از اندازه بزرگ")),
        Words("The body is too large; send less at once.", "بدنه بزرگ است؛ هر بار کمتر بفرستید."),
    ),
    415: (
        Kind("media-type", 415, Words("Not in this format", "در این قالب نه")),
        Words(
            "Send the body with a Content-Type that this address takes: {expected}.",
            "بدنه را با Content-Typeای بفرستید که این نشانی می‌پذیرد: {expected}.",
        ),
    ),
    500: (
        Kind("crash", 500, Words("Something failed on our side", "در سمت ما خطایی رخ داد")),
        Words(
            "Nothing was carried out. Tell us the code {code}.",
            "چیزی انجام نشد. کد {code} را به ما بگویید.",
        ),
    ),
    503: (
        Kind("unavailable", 503, Words("Not available now", "اکنون در دسترس نیست")),
        Words(
            "The database does not answer. Nothing was carried out; try again in a moment.",
            "پایگاه داده پاسخ نمی‌دهد. چیزی انجام نشد؛ اندکی بعد دوباره بیازمایید.",
        ),
    ),
}
"""What HTTP itself refuses, before any of our code."""


def answer_domain(error: PeygirError) -> Response:
    """The problem of a domain error, with what its kind tells beside."""
    language = reader_language()
    more: dict[str, Any] = {}
    if isinstance(error, Invalid):
        more["errors"] = tell_fields(error.errors, language)
    if isinstance(error, DeploymentRefused):
        more["findings"] = tell_findings(error.findings, language)
    detail = say(NO_TOKEN, language) if type(error) is NotSignedIn else error.message(language)
    response = problem(kind_of(error), detail, more)
    _add_headers(response, error)
    return response


def answer_http(error: HTTPException) -> Response | HTTPException:
    """The problem of an HTTP error, with the error's own headers (Allow); redirects pass."""
    if error.code is None or error.code < 400:
        return error
    kind, detail = PLAIN.get(error.code, PLAIN[400])
    expected = getattr(error, "expected", "application/json")
    response = problem(kind, say(detail.format(expected=expected), reader_language()))
    response.status_code = error.code
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def answer_crash(error: Exception) -> Response:
    """The problem of a crash, with a code that the log knows too."""
    code = f"E-{secrets.token_hex(3).upper()}"
    # The rule, not the address, which may hold what is to be kept secret.
    cause = getattr(error, "original_exception", None) or error
    place = request.url_rule or "an unknown address"
    current_app.logger.error("%s at %s %s", code, request.method, place, exc_info=cause)
    kind, detail = PLAIN[503 if is_away(cause) else 500]
    response = problem(kind, say(detail.format(code=code), reader_language()))
    if kind.status == 503:
        response.headers["Retry-After"] = "10"
    return response


def problem(kind: Kind, detail: str, more: Mapping[str, Any] | None = None) -> Response:
    """One problem in the reader's language; ``more`` is what this kind tells beside."""
    language = reader_language()
    settings: Settings = current_app.extensions["peygir.settings"]
    body = {
        "type": f"{settings.public_url}/api/v1/problems/{kind.name}",
        "title": say(kind.title, language),
        "status": kind.status,
        "detail": detail,
        **(more or {}),
    }
    response = Response(current_app.json.dumps(body), kind.status, mimetype=MEDIA_TYPE)
    response.headers["Content-Language"] = language
    return response


def kind_of(error: PeygirError) -> Kind:
    """The kind of the error's class or of the nearest class above it."""
    return next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)


def find_kind(name: str) -> Kind:
    """The kind of that name; raises NotFound."""
    kinds = (*KINDS.values(), *(kind for kind, _ in PLAIN.values()))
    found = next((kind for kind in kinds if kind.name == name), None)
    if found is None:
        raise NotFound
    return found


def tell_fields(errors: Mapping[str, Sequence[str]], language: str) -> dict[str, list[str]]:
    """The sentences about each field in the reader's language."""
    return {name: [say(text, language) for text in told] for name, told in errors.items()}


def tell_findings(findings: Sequence[bpmn.Finding], language: str) -> list[dict[str, Any]]:
    """The findings about a deployed file in the reader's language, errors first, by line."""
    return [
        {
            "file": finding.file,
            "line": finding.line,
            "element": finding.element,
            "rule": finding.rule,
            "severity": finding.severity,
            "message": pick_text(finding.message, language),
            "remedy": pick_text(finding.remedy, language) if finding.remedy else "",
        }
        for finding in sorted(findings, key=lambda one: (one.severity != "error", one.line))
    ]


def _add_headers(response: Response, error: PeygirError) -> None:
    if isinstance(error, NotSignedIn | WrongCredentials):
        given = "Authorization" in request.headers
        response.headers["WWW-Authenticate"] = (
            'Bearer realm="peygir", error="invalid_token"' if given else 'Bearer realm="peygir"'
        )
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(60 * int(error.facts.get("minutes", 1)))
