"""Who acts, what their roles allow, and which single records they may see.

:mod:`app.routes` says by these rules who may come in at all; what they find inside is limited
by the predicates below, which the queries share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from app.models import Party, ServiceRequest, UserTask

STAFF, MANAGER, DESIGNER = "staff", "manager", "designer"
ADMINISTRATOR, INTEGRATION = "administrator", "integration"
OPERATOR = "operator"


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in user, a program by its token, a customer, or the system itself."""

    kind: str
    """``user``, ``customer``, ``system`` or ``nobody``."""
    id: int | None = None
    login: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    language: str | None = None

    def has(self, *roles: str) -> bool:
        """Whether one of the roles is held; an administrator holds them all."""
        return ADMINISTRATOR in self.roles or not self.roles.isdisjoint(roles)

    @property
    def oversees(self) -> bool:
        """Whether this person sees the work of every group."""
        return self.has(MANAGER)

    @property
    def is_trusted(self) -> bool:
        """Whether this person sees confidential requests without being named on them. Keeping
        the house is no reason to read complaints, so an administrator's role is not enough."""
        return MANAGER in self.roles


NOBODY = Actor("nobody")
SYSTEM = Actor("system", names={"fa": "خودکار", "en": "Automatic"})

TERMINAL = Actor(
    "system",
    names={"fa": "خط فرمان", "en": "Command line"},
    roles=frozenset({ADMINISTRATOR, MANAGER}),
    language="en",
)
"""Who runs a command on the machine itself, and so has the whole database in hand anyway."""

Rule = Callable[[Actor], bool]


def anyone(actor: Actor) -> bool:
    """Open to everybody; the page itself guards what it shows (a tracking code, a secret)."""
    return True


def signed_in(actor: Actor) -> bool:
    """Any active user."""
    return actor.kind == "user"


def staff(actor: Actor) -> bool:
    """Members of staff: those who do the human steps."""
    return actor.has(STAFF, MANAGER)


RECEIVING = frozenset({"intake", "servicedesk"})
"""The groups that bring to its place what came in and belongs to nothing yet."""


def may_receive(actor: Actor) -> bool:
    """Managers, and staff of the groups that receive. A message may be a confidential complaint,
    so that an administrator's role is not enough."""
    is_receiver = STAFF in actor.roles and not actor.groups.isdisjoint(RECEIVING)
    return actor.is_trusted or is_receiver


def partner(actor: Actor) -> bool:
    """Staff and programs that submit and follow requests."""
    return actor.has(STAFF, MANAGER, INTEGRATION)


def designer(actor: Actor) -> bool:
    """Those who deploy and start processes."""
    return actor.has(DESIGNER)


def manager(actor: Actor) -> bool:
    """Those who assign work and mend faults."""
    return actor.has(MANAGER)


def operator(actor: Actor) -> bool:
    """Those who lay hands on running instances: stop them, let them go on, move what stands."""
    return actor.has(OPERATOR)


def mender(actor: Actor) -> bool:
    """Those who try a fault again."""
    return actor.has(MANAGER, OPERATOR)


def keeper_or_mender(actor: Actor) -> bool:
    """Those who look at single messages that went out."""
    return mender(actor) or administrator(actor)


def looker(actor: Actor) -> bool:
    """Those who may look at processes and their runs."""
    return actor.has(DESIGNER, STAFF, MANAGER, OPERATOR)


def administrator(actor: Actor) -> bool:
    """Those who keep the house: users, groups, the outbox."""
    return actor.has(ADMINISTRATOR)


def announcer(actor: Actor) -> bool:
    """Those who tell all processes at once: programs, and who keeps the house."""
    return actor.has(INTEGRATION)


def may_see_request(actor: Actor, request: ServiceRequest) -> bool:
    """Staff see every request but confidential ones, which managers see and those who are
    named on them (ISO 10002 4.8); a program sees what it submitted itself."""
    if actor.is_trusted:
        return True
    if actor.has(STAFF):
        return not request.confidential or actor.id in request.named_users
    return actor.id is not None and request.created_by == actor.id


def requests_seen_by(actor: Actor) -> ColumnElement[bool]:
    """The same rule as a condition on ``service_request``."""
    if actor.is_trusted:
        return true()
    if actor.has(STAFF):
        named = ServiceRequest.named_users.any_() == actor.id
        return or_(ServiceRequest.confidential.is_(False), named)
    return and_(ServiceRequest.created_by.is_not(None), ServiceRequest.created_by == actor.id)


def letters_seen_by(actor: Actor) -> ColumnElement[bool]:
    """Who keeps the house sees what goes out, but of a confidential request only who may see
    the request itself; for a query that joins the request, if there is one."""
    plain = or_(ServiceRequest.id.is_(None), ServiceRequest.confidential.is_(False))
    return or_(plain, requests_seen_by(actor)) if actor.has(STAFF, MANAGER) else plain


def may_speak_for_customer(actor: Actor, request: ServiceRequest) -> bool:
    """Whether the actor's word is the customer's own: the customer, who came by the tracking
    code, and who submitted the request for them. Nobody else decides in their place."""
    if actor.kind == "customer":
        return True
    return actor.id is not None and request.created_by == actor.id


def parties_seen_by(actor: Actor) -> ColumnElement[bool]:
    """Whose names staff see, as a condition on ``party``: customers with a request that they
    may see, and those without a confidential one."""
    if actor.is_trusted:
        return true()
    theirs = ServiceRequest.customer_id == Party.id
    seen = exists().where(theirs, requests_seen_by(actor))
    return or_(seen, ~exists().where(theirs, ServiceRequest.confidential))


def may_see_task(actor: Actor, task: UserTask) -> bool:
    """Members of a candidate group, candidates by name, the owner and who oversees; the
    tasks of a confidential request only together with the request."""
    if task.request is not None and not may_see_request(actor, task.request):
        return False
    return actor.oversees or _is_candidate(actor, task)


def _is_candidate(actor: Actor, task: UserTask) -> bool:
    return (
        actor.id is not None
        and actor.has(STAFF)
        and (
            task.assignee_id == actor.id
            or task.completed_by == actor.id
            or actor.login in task.candidate_users
            or not actor.groups.isdisjoint(task.candidate_groups)
            or not (task.candidate_groups or task.candidate_users)
        )
    )


def tasks_seen_by(actor: Actor) -> ColumnElement[bool]:
    """The same rule as a condition on ``user_task`` joined (outer) to ``service_request``."""
    if actor.is_trusted:
        return true()
    if not actor.has(STAFF):
        return false()
    candidate = true() if actor.oversees else _is_candidate_row(actor)
    return and_(candidate, or_(UserTask.request_id.is_(None), requests_seen_by(actor)))


def _is_candidate_row(actor: Actor) -> ColumnElement[bool]:
    return or_(
        UserTask.assignee_id == actor.id,
        UserTask.completed_by == actor.id,
        UserTask.candidate_groups.overlap(sorted(actor.groups)),
        UserTask.candidate_users.contains([actor.login]),
        and_(UserTask.candidate_groups == [], UserTask.candidate_users == []),
    )


def is_excluded(actor: Actor, task: UserTask) -> bool:
    """Whether objectivity forbids this person the task (ISO 10002 4.5), whatever their role."""
    return actor.login in task.excluded_users
