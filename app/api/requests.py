"""``/api/v1/requests``: submit, follow, write about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api import promised
from app.api.files import FILES_BODY, read_uploads, send_attachment
from app.api.once import create_once, show
from app.api.paging import page, page_of
from app.api.routes import PREFIX, Blueprint
from app.api.schemas import requests as shapes
from app.api.schemas.common import IdempotencyHeader, PageQuery
from app.api.schemas.promises import PromiseStoryPageSchema
from app.db import transaction
from app.guard import actor
from app.services import history
from app.services.casework import attachments, messages, requests
from app.services.casework.customers import Contact

blueprint = Blueprint("requests", __name__, "Requests of customers, and what is said about them")


@blueprint.post("/requests")
@blueprint.arguments(shapes.SubmissionSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(201, shapes.RequestSchema)
def submit_request(body: Mapping[str, Any], headers: Mapping[str, Any]) -> Response:
    """Submit a request for a customer."""
    language = body.get("language") or g.language
    given = {key: value for key, value in body.items() if key not in ("language", "customer")}
    submission = requests.Submission(**given, customer=Contact(**body["customer"]))
    with transaction():
        return create_once(
            headers,
            body,
            shapes.RequestSchema,
            lambda: requests.submit(submission, actor(), g.now, channel="api", language=language),
            lambda made: f"{PREFIX}/requests/{made['number']}",
        )


@blueprint.get("/requests")
@blueprint.arguments(shapes.RequestListQuery, location="query")
@blueprint.response(200, shapes.RequestPageSchema)
def list_requests(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the requests that you may see, newest first."""
    rows, after = requests.list_page(
        actor(),
        after=query.get("cursor"),
        limit=query["limit"],
        status=query.get("status"),
        service=query.get("service"),
    )
    promised.gather(one.id for one in rows)
    return page(rows, after)


@blueprint.get("/requests/<number:number>")
@blueprint.response(200, shapes.RequestSchema)
def show_request(number: str) -> Any:
    """Show one request with its promises."""
    return requests.find(number, actor())


@blueprint.get("/requests/<number:number>/promises")
@blueprint.response(200, PromiseStoryPageSchema)
def list_promises(number: str) -> Any:
    """Tell the whole story of each promise: why that much, what happened, what comes next."""
    return {"items": promised.stories(requests.find(number, actor()))}


@blueprint.get("/requests/<number:number>/history")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, shapes.EventPageSchema)
def list_history(query: Mapping[str, Any], number: str) -> Mapping[str, Any]:
    """List what happened to a request, oldest first."""
    found = requests.find(number, actor())
    rows = history.of_request(found.id, after=query.get("cursor", 0), limit=query["limit"] + 1)
    return page_of(rows, query["limit"])


@blueprint.post("/requests/<number:number>/messages")
@blueprint.arguments(shapes.NewMessageSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(201, shapes.MessageSchema)
def send_message(body: Mapping[str, Any], headers: Mapping[str, Any], number: str) -> Response:
    """Write about a request: for the customer, to the customer, or among staff."""
    with transaction():
        found = requests.find(number, actor())
        return create_once(
            headers,
            body,
            shapes.MessageSchema,
            lambda: messages.say(found, body["direction"], body["body"], actor(), g.now),
            lambda made: f"{PREFIX}/requests/{found.number}/messages",
        )


@blueprint.get("/requests/<number:number>/messages")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, shapes.MessagePageSchema)
def list_messages(query: Mapping[str, Any], number: str) -> Mapping[str, Any]:
    """List what was said about a request, oldest first; staff see their notes too."""
    found = requests.find(number, actor())
    after, limit = query.get("cursor", 0), query["limit"]
    internal = actor().has("staff", "manager")
    rows = messages.list_page(found.id, internal=internal, after=after, limit=limit + 1)
    return page_of(rows, limit)


@blueprint.post("/requests/<number:number>/answer")
@blueprint.arguments(shapes.AnswerSchema)
@blueprint.response(200, shapes.RequestSchema)
def answer_decision(body: Mapping[str, Any], number: str) -> Any:
    """Give the customer's answer to our decision, accept, or object with a reason: only for who
    submitted the request."""
    with transaction():
        found = requests.find(number, actor())
        said = body["answer"], body["reason"]
        messages.answer_as_customer(found, *said, actor(), g.now, channel="api")
        return show(shapes.RequestSchema, found)


@blueprint.post("/requests/<number:number>/withdraw")
@blueprint.arguments(shapes.WithdrawalSchema)
@blueprint.response(200, shapes.RequestSchema)
def withdraw_request(body: Mapping[str, Any], number: str) -> Any:
    """Take the request back for the customer: only for who submitted it."""
    with transaction():
        found = requests.find(number, actor())
        messages.withdraw_as_customer(found, body["reason"], actor(), g.now, channel="api")
        return show(shapes.RequestSchema, found)


@blueprint.post("/requests/<number:number>/reopen")
@blueprint.arguments(shapes.ReopeningSchema)
@blueprint.response(200, shapes.RequestSchema)
def reopen_request(body: Mapping[str, Any], number: str) -> Any:
    """Open a closed request again, where its process still allows it."""
    with transaction():
        found = requests.find(number, actor())
        requests.reopen(found, actor(), g.now, body["reason"])
        return show(shapes.RequestSchema, found)


@blueprint.post("/requests/<number:number>/attachments")
@blueprint.response(201, shapes.AttachmentPageSchema)
@blueprint.doc(requestBody=FILES_BODY)
def add_attachments(number: str) -> Mapping[str, Any]:
    """Add files to a request: multipart fields named `file`, at most five, 10 MB each."""
    uploads = read_uploads()
    with transaction():
        found = requests.find(number, actor())
        return page(attachments.attach(found, uploads, actor(), g.now))


@blueprint.get("/requests/<number:number>/attachments")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, shapes.AttachmentPageSchema)
def list_attachments(query: Mapping[str, Any], number: str) -> Mapping[str, Any]:
    """List the files of a request, oldest first."""
    found = requests.find(number, actor())
    after, limit = query.get("cursor", 0), query["limit"]
    return page_of(attachments.of_request(found.id, after=after, limit=limit + 1), limit)


@blueprint.get("/requests/<number:number>/attachments/<id:attachment_id>")
@blueprint.response(200, content_type="application/octet-stream")
def download_attachment(number: str, attachment_id: int) -> Response:
    """Download one file of a request."""
    row = attachments.open_file(requests.find(number, actor()), attachment_id)
    return send_attachment(row)
