"""The channels to partners: how they fare, their settings, and the button that tests them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Conflict, Invalid, NoSuch, NotFound
from app.guard import actor
from app.i18n import current_language, current_zone
from app.models import Event, PartnerCall
from app.services.intake import partner_calls
from app.services.sending import (
    channel_gate,
    channel_settings,
    channel_tokens,
    channels,
    probing,
    sms_preview,
    wsdl_bundles,
)
from app.services.sending.channels import Way
from app.web import channel_forms, deeds
from app.web.blueprint import web
from app.web.channel_forms import Typed
from connectors import registry
from connectors.contract import Connector
from connectors.element_templates import element_templates as element_templates_of

Page = Answer | tuple[str, int]


@web.get("/channels", endpoint="channels")
def channels_list() -> str:
    """Every channel with how it fares today, and the kinds that a new one may have."""
    return render_template(
        "web/channels.html", ways=channels.all_ways(), states=channel_gate.states(),
        counts=channel_gate.counts(_midnight()), kinds=registry.kinds(),
    )  # fmt: skip


def _midnight() -> datetime:
    now: datetime = g.now
    return now.astimezone(current_zone()).replace(hour=0, minute=0, second=0, microsecond=0)


@web.get("/channels/new")
def new_channel() -> Page:
    """The form of a new channel of the kind that the address names."""
    return _show(None, _kind(request.args.get("kind", "")), Typed())


@web.post("/channels/new")
def add_channel() -> Page:
    """A new channel."""
    connector = _kind(request.form.get("kind", ""))
    return _keep(None, request.form.get("key", "").strip(), connector, 0)


@web.get("/channels/<key>")
def channel(key: str) -> Page:
    """One channel: its settings, how it fares, and its revisions."""
    way = channels.find(key)
    connector = registry.find(way.kind)
    if connector is None:
        told = _("The kind “%(kind)s” is not installed here; the channel waits for it.",
                 kind=way.kind)  # fmt: skip
        flash(told)
        return redirect(url_for("web.channels"), 303)
    return _show(way, connector, channel_forms.kept(way, connector))


@web.post("/channels/<key>")
def save_channel(key: str) -> Page:
    """Change a channel."""
    way = channels.find(key)
    base = request.form.get("base", "")
    return _keep(way, key, _kind(way.kind), read_id(base) or 0)


@web.post("/channels/<key>/test")
def test_channel(key: str) -> Page:
    """Reach the partner without any effect there."""
    probed = probing.probe(key, current_language())
    with transaction():
        probing.note(key, probed, actor(), g.now)
    way = channels.find(key)
    connector = registry.find(way.kind)
    if connector is None:
        raise NotFound
    shown = channel_forms.kept(way, connector)
    return _show(way, connector, shown, probed=probed)


@web.post("/channels/<key>/close")
def close_channel(key: str) -> Answer:
    """Let a channel send again though its partner failed."""
    with transaction():
        channel_gate.close(channels.find(key), actor(), g.now)
    flash(_("It sends again."))
    return redirect(url_for("web.channel", key=key), 303)


def show_channel(key: str, errors: Mapping[str, Sequence[str]]) -> Page:
    """The page of a channel with what was wrong, and nothing changed."""
    way = channels.find(key)
    connector = _kind(way.kind)
    return _show(way, connector, channel_forms.kept(way, connector), errors=errors)


def _kind(name: str) -> Connector:
    found = registry.find(name)
    if found is None:
        raise NoSuch(en=f"kind of connector {name[:40]}", fa=f"گونهٔ رابط {name[:40]}")
    return found


def _keep(way: Way | None, key: str, connector: Connector, base: int) -> Page:
    try:
        draft, _typed = channel_forms.draft(key, connector, base)
        with transaction():
            channel_settings.save(draft, actor(), g.now)
    except Invalid as wrong:
        return _show(way, connector, channel_forms.typed(connector), errors=wrong.errors)
    except Conflict as conflict:
        told = {"key": [conflict.message(current_language())]}
        return _show(way, connector, channel_forms.typed(connector), errors=told, status=409)
    flash(_("Saved."))
    return redirect(url_for("web.channel", key=key), 303)


def _show(
    way: Way | None,
    connector: Connector,
    typed: Typed,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    probed: Any = None,
    status: int = 422,
) -> Page:
    boxes = channel_forms.boxes(connector, typed)
    policies = channel_forms.policy_boxes(connector, typed)
    page = render_template(
        "web/channel.html", way=way, kind=connector, errors=errors or {}, probed=probed,
        boxes=boxes, policies=policies, labels={one.name: one.label for one in (*boxes, *policies)},
        state=channel_gate.states().get(way.id) if way else None,
        waiting=channel_gate.waiting(way, g.now) if way else None,
        revisions=_told(channel_settings.revisions(way.key)) if way else (),
        calls=_calls(way, connector),
        past=deeds.told_of(channel_tokens.element_of(way.key)) if way else (),
        has_default=channels.default_of(connector.task_type) is not None,
        counted=_counted(way, connector),
        wsdl=wsdl_bundles.find(way.options) if way else None,
        operations=wsdl_bundles.operations_of(way.options) if way else (),
    )  # fmt: skip
    return page, status if errors else 200


def _calls(way: Way | None, connector: Connector) -> Sequence[PartnerCall] | None:
    """The newest calls of the partner's system; None for a kind that takes none for processes."""
    if way is None or connector.kind != "webhook":
        return None
    return partner_calls.of_channel(way.id, limit=10)


def _counted(way: Way | None, connector: Connector) -> sms_preview.Counted | None:
    """What the typed text makes as text messages; None for a kind that sends none."""
    if way is None or connector.task_type != "sms":
        return None
    return sms_preview.count(request.args.get("text", ""), way.options)


def _told(revisions: Sequence[Event]) -> list[tuple[Event, list[str]]]:
    """Each revision with the names of what it changed."""
    befores = [*(one.data for one in revisions[1:]), {}]
    return [(one, _changed(one.data, old)) for one, old in zip(revisions, befores, strict=True)]


def _changed(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[str]:
    if not old:
        return []
    options, before = new["options"], old["options"]
    found = [name for name in options if options[name] != before.get(name)]
    found += [
        name for name in ("names", "policy", "enabled", "is_default") if new[name] != old[name]
    ]
    return [*found, *new["secrets"]]


@web.get("/element-templates/<kind>.json")
def element_template(kind: str) -> Answer:
    """What the modeler offers for tasks of a kind of connector."""
    return jsonify(_templates([_kind(kind)]))


@web.get("/element-templates.json")
def element_templates() -> Answer:
    """The same for all kinds."""
    return jsonify(_templates(registry.kinds().values()))


def _templates(kinds: Iterable[Connector]) -> list[dict[str, Any]]:
    """One for each kind; and one for each operation that a channel of it describes."""
    chosen, language = list(kinds), current_language()
    found = element_templates_of(chosen, language)
    describes = any(one.document_names() for one in chosen)
    return [*found, *wsdl_bundles.element_templates(language)] if describes else found
