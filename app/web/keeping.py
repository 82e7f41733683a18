"""The house's keeping: what went out, the file outbox, users and groups."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid, NotFound
from app.guard import actor
from app.i18n import LANGUAGES, current_language
from app.models import Delivery, Mailing, User
from app.routes import may_enter
from app.services.accounts import past, people, staff
from app.services.bulk_sending import mailings
from app.services.sending import channels, deliveries, delivery_lists, doubtful, given_up, outbox
from app.web import deeds
from app.web.account_words import ROLES, role_choices
from app.web.blueprint import web
from app.web.doubtful import why_of
from app.web.shell import digits


@web.get("/deliveries", endpoint="deliveries")
def deliveries_list() -> str:
    """What was sent, and what could not be; without mailings unless somebody asks for them."""
    typed, state, address = (request.args.get(name, "") for name in ("of", "state", "to"))
    some = delivery_lists.which(typed, read_id(typed), state, address)
    newest = mailings.list_page(limit=NEWEST_MAILINGS)[:NEWEST_MAILINGS]
    rows = delivery_lists.list_recent(actor(), some)
    return render_template(
        "web/deliveries.html", rows=rows, places=deliveries.places_of(rows),
        ways=_ways_of(rows), counts=given_up.by_state(some), of=typed, state=some.state,
        address=address.strip(), offers=_of_offers(newest, typed), states=delivery_lists.STATES,
        titles={one.id: one.title for one in newest}, in_doubt=doubtful.count(actor()),
        why={one.id: why_of(one) for one in rows if one.error},
        may=lambda page: may_enter(f"web.{page}", actor()),
    )  # fmt: skip


def _ways_of(rows: Sequence[Delivery]) -> dict[int, channels.Way]:
    """The channels that these went out by."""
    used = {row.channel_id for row in rows if row.channel_id is not None}
    return {one: channels.find_by_id(one) for one in used}


NEWEST_MAILINGS = 20
"""So many may be chosen; the messages of an older one are reached from its page."""


def _of_offers(newest: Sequence[Mailing], typed: str) -> list[tuple[str, str]]:
    offers = [
        (delivery_lists.OF_NO_MAILING, _("Letters, text messages and calls")),
        (delivery_lists.OF_MAILINGS, _("Mailings")),
        (delivery_lists.ALL, _("Everything")),
        *((str(one.id), _("Mailing: %(title)s", title=one.title)) for one in newest),
    ]
    number = read_id(typed)
    if number is not None and typed not in dict(offers):
        offers.append((typed, _("Mailing %(number)s", number=digits(number))))
    return offers


@web.get("/outbox", endpoint="outbox")
def outbox_list() -> str:
    """The letters that wait as files."""
    return render_template(
        "web/outbox.html", letters=outbox.letters(actor()), in_use=outbox.is_in_use()
    )


@web.get("/outbox/<delivery_id>")
def letter(delivery_id: str) -> str:
    """One letter as text; its HTML is shown as source, never as a page."""
    return render_template("web/letter.html", letter=outbox.letter(delivery_id, actor()))


@web.get("/users")
def users() -> str:
    """Everybody who may sign in, and the groups."""
    return show_users({}, {})


def show_users(values: Mapping[str, object], errors: Mapping[str, Sequence[str]]) -> str:
    """The page, its form with what was typed."""
    return render_template(
        "web/users.html",
        users=people.list_users(), groups=people.list_groups(), roles=role_choices(),
        past=deeds.told_of(past.GROUPS), values=values, errors=errors,
    )  # fmt: skip


@web.post("/users")
def add_user() -> Response | tuple[str, int]:
    """A new user; the first password is shown once."""
    password = secrets.token_urlsafe(9)
    try:
        with transaction():
            made = _add_typed(password)
    except Invalid as wrong:
        return show_users(request.form, wrong.errors), 422
    told = _("%(login)s was added. First password, shown only now: %(password)s",
             login=made.login, password=password)  # fmt: skip
    flash(told)
    return redirect(url_for("web.users"), 303)


def _add_typed(password: str) -> User:
    form = request.form
    return staff.add(
        form.get("login", ""), form.get("name_fa", ""), form.get("name_en", ""), actor(), g.now,
        roles=[role for role in form.getlist("roles") if role in ROLES],
        groups=form.getlist("groups"), password=password, language=current_language(),
    )  # fmt: skip


@web.get("/users/<login>")
def user(login: str) -> str:
    """One user: groups, roles, where letters go, whether they may sign in."""
    return show_user(people.by_login(login), {})


def show_user(found: User, errors: Mapping[str, Sequence[str]]) -> str:
    """The page, with what was typed where that was wrong."""
    values = request.form if errors else {"email": found.email, "phone": found.phone}
    return render_template(
        "web/user.html", user=found, values=values, errors=errors,
        groups=people.list_groups(), roles=role_choices(),
        past=deeds.told_of(past.element_of(found)), failures=past.failures_of(found.login, g.now),
    )  # fmt: skip


@web.post("/users/<login>")
def change_user(login: str) -> Response:
    """Change groups and roles, let in or shut out, or give a new password."""
    form = request.form
    with transaction():
        found = people.by_login(login)
        if form.get("act") == "password":
            password = secrets.token_urlsafe(9)
            staff.give_password(found, password, actor(), g.now)
            flash(_("New password, shown only now: %(password)s", password=password))
        elif form.get("act") in ("deactivate", "activate"):
            staff.let_in(found, actor(), g.now, may_enter=form["act"] == "activate")
        else:
            roles = [role for role in form.getlist("roles") if role in ROLES]
            staff.place(found, actor(), g.now, roles=roles, groups=form.getlist("groups"))
            flash(_("Saved."))
    return redirect(url_for("web.user", login=login), 303)


@web.post("/users/<login>/reach")
def reach_user(login: str) -> Response | tuple[str, int]:
    """Change where a user's letters go."""
    email, phone, reason = (request.form.get(name, "") for name in ("email", "phone", "reason"))
    try:
        with transaction():
            found = people.by_login(login)
            staff.reach_at(found, email, phone, actor(), g.now, reason=reason)
    except Invalid as wrong:
        return show_user(people.by_login(login), wrong.errors), 422
    flash(_("Saved."))
    return redirect(url_for("web.user", login=login), 303)


@web.get("/account")
def account() -> str:
    """The person's own settings."""
    return render_template("web/account.html", user=g.user, errors={})


@web.post("/account")
def save_account() -> Response:
    """Keep language, theme and single keys."""
    form = request.form
    language, theme = form.get("language", ""), form.get("theme", "")
    if language not in LANGUAGES or theme not in ("", "light", "dark"):
        raise NotFound
    with transaction():
        found = people.by_login(g.user.login)
        found.language = language
        people.prefer(found, theme=theme, keys="on" if form.get("keys") else "off")
    flash(_("Saved."))
    answer = redirect(url_for("web.account"), 303)
    answer.delete_cookie("theme", samesite="Lax")
    return answer


@web.post("/account/password")
def change_password() -> Response | tuple[str, int]:
    """Change the password; every session ends, also this one."""
    form = request.form
    try:
        with transaction():
            typed = form.get("old", ""), form.get("new", "")
            staff.change_password(*typed, actor(), g.now, current_language())
    except Invalid as wrong:
        return render_template("web/account.html", user=g.user, errors=wrong.errors), 422
    flash(_("Your password is changed. Sign in with the new one."))
    return redirect(url_for("web.sign_in"), 303)
