"""What happened to an account, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from app.access import ADMINISTRATOR, DESIGNER, INTEGRATION, MANAGER, OPERATOR, STAFF
from app.i18n import current_language, pick_text
from app.services.accounts import people

ROLES = (STAFF, MANAGER, DESIGNER, OPERATOR, ADMINISTRATOR, INTEGRATION)


def role_choices() -> list[tuple[str, str]]:
    """Every role with its words."""
    words = (
        _("Staff"),
        _("Manager"),
        _("Process designer"),
        _("Operator"),
        _("Administrator"),
        _("Program"),
    )
    return list(zip(ROLES, words, strict=True))


def told(kind: str, data: Mapping[str, Any]) -> str | None:
    """One act on an account; nothing for what is none."""
    tell = _TOLD.get(kind)
    return tell(data) if tell else None


def _added(data: Mapping[str, Any]) -> str:
    return " · ".join([_("added the account"), *_has(data, _roles_now, _groups_now)])


def _placed(data: Mapping[str, Any]) -> str:
    before, after = data["before"], data["after"]
    changed = [
        *_has(_more(before, after), _roles_now, _groups_now),
        *_has(_more(after, before), _roles_gone, _groups_gone),
    ]
    return " · ".join(changed)


def _more(less: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: [one for one in keys if one not in less[name]] for name, keys in more.items()}


Say = Callable[[str], str]


def _has(data: Mapping[str, Any], roles: Say, groups: Say) -> list[str]:
    told = [roles(_role_names(data["roles"]))] if data["roles"] else []
    return told + ([groups(_group_names(data["groups"]))] if data["groups"] else [])


def _role_names(keys: Iterable[str]) -> str:
    words = dict(role_choices())
    return _list(words.get(key, key) for key in keys)


def _group_names(keys: Iterable[str]) -> str:
    names = {one.key: one.names for one in people.list_groups()}
    return _list(pick_text(names.get(key), current_language()) or key for key in keys)


def _list(texts: Iterable[str]) -> str:
    return ("، " if current_language() == "fa" else ", ").join(texts)


def _roles_now(names: str) -> str:
    return str(_("gave roles: %(names)s", names=names))


def _roles_gone(names: str) -> str:
    return str(_("took roles away: %(names)s", names=names))


def _groups_now(names: str) -> str:
    return str(_("added to groups: %(names)s", names=names))


def _groups_gone(names: str) -> str:
    return str(_("took out of groups: %(names)s", names=names))


def _password(data: Mapping[str, Any]) -> str:
    return str(_("set a new password"))


def _shut_out(data: Mapping[str, Any]) -> str:
    return str(_("shut the account out"))


def _let_in(data: Mapping[str, Any]) -> str:
    return str(_("let the account in again"))


def _token(data: Mapping[str, Any]) -> str:
    return str(_("made the API token %(name)s", name=_isolated(data["token"])))


def _no_token(data: Mapping[str, Any]) -> str:
    return str(_("ended the API token %(name)s", name=_isolated(data["token"])))


def _locked(data: Mapping[str, Any]) -> str:
    return str(_("locked the door for a quarter of an hour: too many failed sign-ins"))


def _group(data: Mapping[str, Any]) -> str:
    name = pick_text(data["names"], current_language())
    return str(_("added the group %(name)s", name=name))


def _isolated(text: str) -> str:
    return f"\u2068{text}\u2069"


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "user_added": _added,
    "user_placed": _placed,
    "password_set": _password,
    "user_shut_out": _shut_out,
    "user_let_in": _let_in,
    "token_issued": _token,
    "token_revoked": _no_token,
    "sign_in_locked": _locked,
    "group_added": _group,
}
