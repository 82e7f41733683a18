"""The documents of channels, which are kept apart from their options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.db import session
from app.errors import NoSuch
from app.models import WsdlBundle
from connectors.contract import Connector, Document


def with_documents(connector: Connector, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a channel with its documents in place of their digests; raises NoSuch."""
    given = {name: options[name] for name in connector.document_names() if options.get(name)}
    return {**options, **{name: document(digest) for name, digest in given.items()}}


def document(digest: str) -> Document:
    """The bundle as a kind of connector takes it; raises NoSuch."""
    columns = (WsdlBundle.name, WsdlBundle.content)
    found = session().execute(select(*columns).where(WsdlBundle.digest == digest)).one_or_none()
    if found is None:
        raise NoSuch(en=f"WSDL {digest[:12]}", fa=f"WSDL {digest[:12]}")
    return Document(digest, found.name, found.content)
