"""What a request turned out to be about, once somebody had looked at it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.assets import Asset


class RequestTopic(Model):
    """The topic and the asset of one request, by which similar ones are found."""

    __tablename__ = "request_topic"

    request_id: Mapped[int] = mapped_column(
        ForeignKey("service_request.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str | None] = mapped_column(String(80), index=True)
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id"), index=True)

    asset: Mapped[Asset | None] = relationship()
