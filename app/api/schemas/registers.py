"""Links between requests, assets and problem records."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.api.fields import FILLED, ApiSchema, Choice, Instant, Names, Part, Text
from app.api.schemas.common import PageQuery, PageSchema
from app.services.casework.assets import CRITICALITIES
from app.services.casework.links import KINDS
from app.services.casework.problems import STATUSES


class LinkedRequestSchema(Schema):
    """The other request of a link."""

    number = fields.String()
    service = fields.String()
    subject = fields.String()
    status = fields.String()


class LinkSchema(Schema):
    """A link as seen from one request: `direction` says what the other one is to it."""

    kind = fields.String(metadata={"enum": list(KINDS)})
    direction = fields.String(metadata={"enum": ["parent", "child"]})
    request = fields.Nested(LinkedRequestSchema)
    at = Instant()


class LinkPageSchema(PageSchema):
    """All links of a request that you may see, oldest first."""

    items = fields.List(fields.Nested(LinkSchema))


class NewLinkSchema(ApiSchema):
    """Hang this request on another one."""

    parent = Text(20, required=True, metadata=FILLED)
    kind = Choice(*KINDS, load_default="related")


class AssetSchema(Schema):
    """An asset; `owner` is null for the organisation's own and for owners you may not see."""

    number = fields.String(attribute="asset.number")
    names = Names(attribute="asset.names")
    service = fields.String(attribute="asset.service")
    criticality = fields.String(attribute="asset.criticality")
    owner = fields.String(allow_none=True)
    created_at = Instant(attribute="asset.created_at")


class AssetPageSchema(PageSchema):
    """Assets in the order of their numbers."""

    items = fields.List(fields.Nested(AssetSchema))


class AssetListQuery(PageQuery):
    """What narrows the list of assets."""

    service = Text(80)


class WordsSchema(ApiSchema):
    """A text in Persian, in English, or in both."""

    fa = Text(5000)
    en = Text(5000)


class NewAssetSchema(ApiSchema):
    """A new asset; it gets the next number."""

    names = Part(WordsSchema, required=True)
    service = Text(80, required=True, metadata=FILLED)
    criticality = Choice(*CRITICALITIES, load_default="medium")


class ProblemItemSchema(Schema):
    """A problem record as a list shows it; texts by language."""

    number = fields.String()
    status = fields.String(metadata={"enum": list(STATUSES)})
    titles = Names()
    known_error = Names()
    workaround = Names()
    topic = fields.String(allow_none=True)
    asset = fields.String(attribute="asset.number", allow_none=True)
    created_at = Instant()
    updated_at = Instant()
    closed_at = Instant()


class ProblemRecordSchema(Schema):
    """A problem record and the numbers of its incidents that you may see."""

    number = fields.String(attribute="problem.number")
    status = fields.String(attribute="problem.status", metadata={"enum": list(STATUSES)})
    titles = Names(attribute="problem.titles")
    known_error = Names(attribute="problem.known_error")
    workaround = Names(attribute="problem.workaround")
    topic = fields.String(attribute="problem.topic", allow_none=True)
    asset = fields.String(attribute="problem.asset.number", allow_none=True)
    incidents = fields.List(fields.Pluck(LinkedRequestSchema, "number"))
    created_at = Instant(attribute="problem.created_at")
    updated_at = Instant(attribute="problem.updated_at")
    closed_at = Instant(attribute="problem.closed_at")


class ProblemRecordPageSchema(PageSchema):
    """Problem records, newest first."""

    items = fields.List(fields.Nested(ProblemItemSchema))


class ProblemListQuery(PageQuery):
    """What narrows the list of problem records."""

    status = Choice(*STATUSES)


class NewProblemSchema(ApiSchema):
    """A new problem record; it gets the next number."""

    titles = Part(WordsSchema, required=True)
    known_error = Part(WordsSchema, load_default=dict)
    workaround = Part(WordsSchema, load_default=dict)
    topic = Text(80, load_default=None, allow_none=True)


class ProblemChangeSchema(ApiSchema):
    """What is to change; what is left out stays."""

    titles = Part(WordsSchema)
    known_error = Part(WordsSchema)
    workaround = Part(WordsSchema)
    status = Choice(*STATUSES)
