"""What was deployed in one go, for whoever looks at one of its files."""

from __future__ import annotations

from sqlalchemy import func, select

from app.db import session
from app.models import DeploymentFile, ProcessDefinition


def companions(definition_id: int) -> list[ProcessDefinition]:
    """The other versions of the newest deployment that holds this one, by key."""
    newest = select(func.max(DeploymentFile.deployment_id)).where(
        DeploymentFile.definition_id == definition_id
    )
    query = (
        select(ProcessDefinition)
        .join(DeploymentFile, DeploymentFile.definition_id == ProcessDefinition.id)
        .where(DeploymentFile.deployment_id == newest.scalar_subquery())
        .where(ProcessDefinition.id != definition_id)
    )
    return list(session().scalars(query.order_by(ProcessDefinition.key)))
