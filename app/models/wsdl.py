"""The WSDLs that administrators have approved, with all their imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class WsdlBundle(Model):
    """One WSDL as a channel's options name it by its digest; it never changes."""

    __tablename__ = "wsdl_bundle"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    """The WSDL's own name within the bundle."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """A zip file (``connectors.wsdl.pack``)."""
    size: Mapped[int] = mapped_column(Integer)
    """Bytes of its files unpacked."""
    source: Mapped[str | None] = mapped_column(String(300))
    """The address it was fetched from, without its query's values; NULL for an upload."""
    operations: Mapped[list[Any]]
    """Its operations with their fields (``connectors.soap_operations.as_json``)."""
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
