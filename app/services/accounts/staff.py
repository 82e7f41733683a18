"""Keeping the list of users: adding, placing, shutting out, passwords."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import connectors
from app.access import ADMINISTRATOR, Actor
from app.errors import Conflict, Invalid
from app.models import User
from app.services.accounts import past, people
from app.services.desk import tasks
from app.services.texts import choose
from connectors.phones import read_phone

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")


class NotOnYourself(Conflict):
    """You cannot shut yourself out or take your own administrator role away."""

    fa = "نمی‌توانید خودتان را کنار بگذارید یا نقش مدیر سامانه را از خود بگیرید."


def add(
    login: str,
    name_fa: str,
    name_en: str,
    actor: Actor,
    now: datetime,
    *,
    roles: Iterable[str],
    groups: Iterable[str],
    password: str,
    language: str,
) -> User:
    """A new user; raises Invalid with the fields ``login``, ``name_fa``, ``roles``."""
    names = {"fa": name_fa.strip() or name_en.strip(), "en": name_en.strip() or name_fa.strip()}
    chosen = list(roles)
    errors = _check(login.strip().lower(), names, chosen, language)
    if errors:
        raise Invalid(errors)
    return people.add_user(
        login, names, now, roles=chosen, groups=groups, password=password, language=language,
        by=actor,
    )  # fmt: skip


def _check(
    login: str, names: dict[str, str], roles: list[str], language: str
) -> dict[str, list[str]]:
    errors = {}
    if not LOGIN.fullmatch(login):
        errors["login"] = [choose(_WORDS["login"], language)]
    if not names["fa"]:
        errors["name_fa"] = [choose(_WORDS["name"], language)]
    if not roles:
        errors["roles"] = [choose(_WORDS["roles"], language)]
    return errors


def place(
    user: User, actor: Actor, now: datetime, *, roles: Iterable[str], groups: Iterable[str]
) -> None:
    """Give the user these roles and groups instead of the old ones."""
    chosen = sorted(set(roles))
    if user.id == actor.id and ADMINISTRATOR not in chosen:
        raise NotOnYourself
    before = past.standing(user)
    user.roles = chosen
    user.groups = [people.find_group(key) for key in dict.fromkeys(groups)]
    past.note_placed(user, before, actor, now)


def reach_at(
    user: User, email: str, phone: str, actor: Actor, now: datetime, *, reason: str
) -> None:
    """Where the user's letters go: by mail, else as text messages. A change stands in the history
    with its reason; raises Invalid with ``email``, ``phone`` or ``reason``."""
    before, after = _places(user), _read_places(email, phone, actor)
    if before == after:
        return
    told = " ".join(reason.split())[:300]
    if not told:
        raise Invalid({"reason": [choose(_WORDS["reason"], actor.language)]})
    user.email, user.phone = after["email"], after["phone"]
    past.note("user_reached", user, actor, now, before=before, after=after, reason=told)


def _places(user: User) -> dict[str, str | None]:
    return {"email": user.email, "phone": user.phone}


def _read_places(email: str, phone: str, actor: Actor) -> dict[str, str | None]:
    errors, language = {}, actor.language or "fa"
    number = read_phone(phone) if phone.strip() else None
    if email.strip() and not is_mailbox(email):
        errors["email"] = [choose(_WORDS["email"], language)]
    if phone.strip() and number is None:
        errors["phone"] = [choose(_WORDS["phone"], language)]
    if errors:
        raise Invalid(errors)
    return {"email": email.strip() or None, "phone": number}


def is_mailbox(text: str) -> bool:
    """Whether mail can be sent there."""
    try:
        connectors.address(text)
    except connectors.BadAddress:
        return False
    return True


def let_in(user: User, actor: Actor, now: datetime, *, may_enter: bool) -> None:
    """Let the user sign in, or no longer; then their open tasks wait for the group again."""
    if user.id == actor.id and not may_enter:
        raise NotOnYourself
    if may_enter != user.is_active:
        past.note("user_let_in" if may_enter else "user_shut_out", user, actor, now)
    if may_enter:
        user.is_active = True
    else:
        people.deactivate(user)
        tasks.release_all(user, actor, now)


def give_password(
    user: User, password: str, actor: Actor, now: datetime, language: str | None = None
) -> None:
    """A new password; all sessions of the user end. Raises Invalid with ``password``."""
    people.set_password(user, password, language)
    past.note("password_set", user, actor, now)


def change_password(old: str, new: str, actor: Actor, now: datetime, language: str) -> None:
    """A new password of one's own for who knows the old one; raises Invalid with ``old`` or
    ``password``."""
    user = people.by_login(actor.login or "")
    if not people.check_password(user.password_hash or "", old):
        raise Invalid({"old": [choose(_WORDS["old"], language)]})
    give_password(user, new, actor, now, language)


_WORDS = {
    "login": (
        "نام کاربری را با حروف کوچک لاتین بنویسید: ۲ تا ۴۰ نویسه از حرف، رقم، نقطه و خط تیره.",
        "Use 2 to 40 small Latin letters, digits, dots or dashes, beginning with a letter.",
    ),
    "name": ("نام را دست‌کم به یک زبان بنویسید.", "Enter the name in at least one language."),
    "roles": ("دست‌کم یک نقش برگزینید.", "Choose at least one role."),
    "email": ("این نشانی ایمیل درست نیست.", "This is no e-mail address."),
    "phone": ("این شمارهٔ تلفن درست نیست.", "This is no telephone number."),
    "reason": ("بنویسید چرا تغییر می‌کند.", "Write why it is changed."),
    "old": ("گذرواژهٔ کنونی درست نیست.", "The present password is not right."),
}
