"""Which version of a process a call activity gets: the newest, a tagged one, or the companion."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import undefer

import bpmn
from app.db import session
from app.models import Deployment, DeploymentFile, ProcessDefinition


def newest(key: str, tag: str | None = None) -> ProcessDefinition | None:
    """The newest version of a process, of those that carry the tag if one is given."""
    return session().scalar(_newest(key, tag))


def source_of_newest(key: str, tag: str | None = None) -> ProcessDefinition | None:
    """The same with its bytes."""
    return session().scalar(_newest(key, tag).options(undefer(ProcessDefinition.source)))


def _newest(key: str, tag: str | None) -> Select[ProcessDefinition]:
    query = select(ProcessDefinition).where(
        ProcessDefinition.kind == "bpmn", ProcessDefinition.key == key
    )
    if tag is not None:
        query = query.where(ProcessDefinition.version_tags.any_() == tag)
    return query.order_by(ProcessDefinition.version.desc()).limit(1)


def find(call: bpmn.Call, caller_id: int, begun_at: datetime) -> ProcessDefinition | None:
    """The version for a call of the process ``caller_id``, in an instance begun at that moment."""
    if call.binding == "deployment":
        return _companion(call.process, caller_id, begun_at)
    return newest(call.process, call.tag if call.binding == "versionTag" else None)


def _companion(key: str, caller_id: int, begun_at: datetime) -> ProcessDefinition | None:
    """What was deployed together with the caller, else the newest there was at that time.

    A caller whose bytes did not change may have been deployed again with another companion. A
    running instance keeps that of its beginning.
    """
    deployment = _deployment_of(caller_id, begun_at)
    if deployment is not None:
        of_key = DeploymentFile.definition_id == ProcessDefinition.id
        query = _newest(key, None).join(DeploymentFile, of_key)
        found = session().scalar(query.where(DeploymentFile.deployment_id == deployment.id))
        if found is not None:
            return found
    caller = session().get_one(ProcessDefinition, caller_id)
    moment = deployment.deployed_at if deployment else caller.deployed_at
    return session().scalar(_newest(key, None).where(ProcessDefinition.deployed_at <= moment))


def _deployment_of(caller_id: int, begun_at: datetime) -> Deployment | None:
    """The last deployment of the caller before that moment; the first after, if there is none."""
    query = (
        select(Deployment)
        .join(DeploymentFile, DeploymentFile.deployment_id == Deployment.id)
        .where(DeploymentFile.definition_id == caller_id)
        .order_by(Deployment.id)
    )
    known = list(session().scalars(query))
    before = [one for one in known if one.deployed_at <= begun_at]
    return before[-1] if before else next(iter(known), None)
