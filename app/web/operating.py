"""What an operator does on the page of a run."""

from __future__ import annotations

from flask import g, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.errors import OperationRefused
from app.guard import actor
from app.services.execution import instances, migrating, operations
from app.web import corrections, offers
from app.web.blueprint import web
from app.web.runs import attempt

Done = Answer | tuple[str, int]


@web.post("/instances/<id:instance_id>/suspend")
def suspend(instance_id: int) -> Done:
    """Let the run stand still."""
    done = _("The process is suspended.")
    return attempt(
        instance_id, "suspend",
        lambda: operations.suspend(instance_id, _given("reason"), actor(), g.now), done,
    )  # fmt: skip


@web.post("/instances/<id:instance_id>/resume")
def resume(instance_id: int) -> Done:
    """Let the run go on."""
    done = _("The process goes on.")
    return attempt(
        instance_id, "resume",
        lambda: operations.resume(instance_id, _given("reason"), actor(), g.now), done,
    )  # fmt: skip


@web.post("/instances/<id:instance_id>/cancel")
def cancel(instance_id: int) -> Done:
    """End the run at once."""
    done = _("The process was cancelled.")
    return attempt(
        instance_id, "cancel",
        lambda: operations.cancel(instance_id, _given("reason"), actor(), g.now), done,
    )  # fmt: skip


@web.post("/instances/<id:instance_id>/variables")
def change_variables(instance_id: int) -> Done:
    """Change variables of the run, or of one scope in it."""

    def act() -> None:
        values = corrections.read_some(_given(corrections.FIELD))
        given = (values, _given("scope") or None, _given("reason"))
        operations.change_variables(instance_id, *given, actor(), g.now)

    return attempt(instance_id, "change", act, _("The variables were changed."))


@web.post("/instances/<id:instance_id>/move")
def move_token(instance_id: int) -> Done:
    """Take a token away and put one before another element."""
    given = (_given("token"), _given("to"), _given("reason"))
    done = _("The process was moved.")
    return attempt(
        instance_id, "move", lambda: operations.move(instance_id, *given, actor(), g.now), done
    )


@web.post("/instances/<id:instance_id>/migrate")
def migrate(instance_id: int) -> Done:
    """Move the run to another version of its process."""
    run = instances.find(instance_id, actor())
    wanted = read_id(_given("version")) or 0
    order = migrating.order(run.definition.key, wanted, {}, actor())

    def act() -> None:
        move = migrating.move(order, instance_id, actor(), g.now)
        if move.verdict == "refused":
            raise OperationRefused(**offers.reasons_of(move))

    return attempt(instance_id, "migrate", act, _("The process goes on in the other version."))


def _given(name: str) -> str:
    return request.form.get(name, "")
