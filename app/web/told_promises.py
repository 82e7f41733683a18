"""What became of promises, in words: kept, broken, escalated, moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import g
from flask_babel import gettext as _

from app.i18n import current_language
from app.i18n.dates import format_moment
from app.models import Event
from app.running import settings
from app.web.entries import Entry, automatic, digits_of, entry, named
from app.web.words import priority_word

Told = Mapping[str, Any]


class PromiseTeller:
    """Tells of promises; the texts of an action stand in ``_DID``."""

    def _promise_kept(self, event: Event) -> Entry:
        words = _("Promise “%(promise)s” kept", promise=named(event.data.get("names")))
        return automatic(event, "check", words, dot="ok")

    def _promise_broken(self, event: Event) -> Entry:
        words = _("Promise “%(promise)s” broken", promise=named(event.data.get("names")))
        return automatic(event, "bad", words, dot="bad")

    def _promise_dropped(self, event: Event) -> Entry:
        words = _("“%(promise)s” is no longer promised", promise=named(event.data.get("names")))
        return automatic(event, "x", words, body=_by_policy(event))

    def _promise_taken_up(self, event: Event) -> Entry:
        words = _("“%(promise)s” is promised from now on", promise=named(event.data.get("names")))
        return automatic(event, "clock", words, body=_by_policy(event))

    def _task_late(self, event: Event) -> Entry:
        words = _("“%(step)s” is late", step=named(event.data.get("names")))
        return automatic(event, "clock", words, dot="bad")

    def _promise_escalated(self, event: Event) -> Entry:
        facts = {
            "promise": named(event.data.get("names")),
            "step": named(event.data.get("step_names")),
        }
        words = _("“%(promise)s”: %(step)s", **facts)
        told = automatic(event, "high", words)
        return told._replace(body="\n".join(_did(event.data.get("did", ()))))

    def _promises_moved(self, event: Event) -> Entry:
        kind, version = event.data.get("kind"), digits_of(event.data.get("version"))
        texts = {
            "calendar": _("The working time was changed (version %(version)s)", version=version),
            "policy": _("The promises were changed (version %(version)s)", version=version),
            "ladder": _("The escalation was changed (version %(version)s)", version=version),
        }
        told = automatic(event, "clock", texts.get(str(kind), ""))
        return told._replace(body="\n".join(map(_moved, event.data.get("moved", ()))))

    def _terms_changed(self, event: Event) -> Entry:
        contract, branch = event.data.get("contract"), named(event.data.get("branch"))
        return entry(
            event,
            "doc",
            _("changed contract and branch: %(contract)s, %(branch)s",
              contract=contract or _("no contract"), branch=branch or _("no branch")),
        )  # fmt: skip

    def _request_reopened(self, event: Event) -> Entry:
        reason = str(event.data.get("reason") or "")
        return entry(event, "undo", _("reopened the request"), body=reason)

    def _escalated(self, event: Event, cause: Told) -> Entry | None:
        """The step itself says what was done."""
        return None


def _by_policy(event: Event) -> str:
    version = digits_of(event.data.get("version"))
    return str(_("The promises were changed (version %(version)s)", version=version))


def _did(actions: Iterable[Told]) -> Iterable[str]:
    for told in actions:
        failed = named(told.get("failed"))
        tell = _DID.get(str(told.get("action")))
        if failed:
            yield _("Could not be done: %(why)s", why=failed)
        elif tell is not None:
            yield tell(told)


def _notified(told: Told) -> str:
    names = _comma().join(named(one) for one in told.get("people", ()))
    if names:
        return str(_("Told: %(names)s", names=names))
    return str(_("The customer was told") if told.get("letters") else _("There was nobody to tell"))


def _raised(told: Told) -> str:
    word = priority_word(told.get("priority"))
    if told.get("raised"):
        return str(_("Priority raised: %(word)s", word=word))
    return str(_("Priority stays: %(word)s", word=word))


def _reassigned(told: Told) -> str:
    return str(_("Passed on to %(name)s", name=named(told.get("names"))))


def _signalled(told: Told) -> str:
    return str(_("Signal “%(name)s” sent", name=_first(told)))


def _messaged(told: Told) -> str:
    if told.get("heard"):
        return str(_("Message “%(name)s” sent", name=_first(told)))
    return str(_("Nobody waited for the message “%(name)s”", name=_first(told)))


def _begun(told: Told) -> str:
    return str(_("Process “%(name)s” begun", name=named(told.get("names"))))


def _first(told: Told) -> str:
    return str(next(iter(told.get("to", ())), ""))


_DID: Mapping[str, Callable[[Told], str]] = {
    "notify": _notified,
    "raise_priority": _raised,
    "reassign": _reassigned,
    "signal": _signalled,
    "message": _messaged,
    "start_process": _begun,
}


def _moved(told: Told) -> str:
    facts = {"promise": named(told.get("names")), "due": _moment(told.get("to"))}
    return str(_("%(promise)s: now due %(due)s", **facts))


def _moment(text: Any) -> str:
    if not text:
        return "–"
    zone, language = settings().time_zone, current_language()
    return format_moment(datetime.fromisoformat(str(text)), language, zone, g.now)


def _comma() -> str:
    return "، " if current_language() == "fa" else ", "
