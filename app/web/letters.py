"""The letters of the product: how they are worded, in versions, with a real request as preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound
from app.guard import actor
from app.i18n import current_language
from app.services.casework import requests
from app.services.sending import letter_pages, letter_previews, letter_saving, letters
from app.services.sending.letter_previews import Preview
from app.services.sending.letter_saving import Draft
from app.services.sending.letters import LANGUAGES
from app.web.blueprint import web
from app.web.shell import digits

Page = Answer | tuple[str, int]
Errors = Mapping[str, Sequence[str]]


@dataclass
class Shown:
    """What the page of a letter shows besides the letter itself."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    doubts: Errors = field(default_factory=dict)
    number: str = ""
    previews: Mapping[str, Preview] = field(default_factory=dict)


@web.get("/letters", endpoint="letters")
def letters_list() -> str:
    """Every letter with what sends it, and whether the organisation has worded it."""
    return render_template("web/letters.html", found=letter_pages.all_letters(), errors={}, key="")


@web.post("/letters")
def begin_letter() -> Page:
    """The page of a letter that is not there yet."""
    key = request.form.get("key", "").strip()
    if letter_saving.KEY.fullmatch(key):
        return redirect(url_for("web.edit_letter", key=key, new=1), 303)
    wrong = {"key": [letter_saving.bad_key(current_language())]}
    found = letter_pages.all_letters()
    return render_template("web/letters.html", found=found, errors=wrong, key=key), 422


@web.get("/letters/<key>")
def edit_letter(key: str) -> Page:
    """One letter as it is in force, or as an older version was."""
    draft = Draft(key, _texts(key), base=letters.version_of(key))
    number = request.args.get("number", "")
    return show(draft, look(draft, Shown(number=number)) if number else Shown())


def _texts(key: str) -> dict[str, str]:
    wanted = request.args.get("version", "")
    if request.args.get("new") and letter_saving.KEY.fullmatch(key) and not letters.has(key):
        return dict.fromkeys(LANGUAGES, "")
    return letter_pages.of_version(key, read_id(wanted) or 0) if wanted else letters.find(key)


@web.post("/letters/<key>")
def save_letter(key: str) -> Page:
    """Preview the letter, or put it in force."""
    draft, shown = posted(key), Shown(number=request.form.get("number", "").strip())
    if request.form.get("action") != "save":
        return show(draft, look(draft, shown))
    try:
        with transaction():
            version = letter_saving.save(draft, actor(), g.now)
    except Invalid as wrong:
        return show(draft, doubted(draft, wrong.errors, shown), 422)
    except Conflict as conflict:
        return show(draft, Shown({"fa": [conflict.message(current_language())]}), 409)
    return kept(key, version, draft.base)


def posted(key: str) -> Draft:
    """What the page sent."""
    form = request.form
    base = form.get("base", "")
    return Draft(
        key, {one: form.get(one, "") for one in LANGUAGES}, form.get("note", "").strip(),
        read_id(base) or 0, form.get("doubt") == "seen",
    )  # fmt: skip


def look(draft: Draft, shown: Shown) -> Shown:
    """What the texts are, checked and filled with the request."""
    texts = letter_saving.tidied(draft)
    found = letter_saving.judge(draft.key, texts, current_language())
    shown.errors, shown.doubts = dict(found.errors), found.doubts
    if not shown.number:
        return shown
    try:
        number = requests.whole_number(shown.number)
        previews = letter_previews.of_request(draft.key, texts, number, actor(), g.now)
        shown.number = number
    except NotFound as missing:
        shown.errors["number"] = [f"{missing.message(current_language())} {newest()}".strip()]
        return shown
    shown.previews = previews
    return shown


def newest() -> str:
    """The newest requests, for whoever knows no number."""
    known = letter_pages.newest_numbers(actor())
    numbers = _(", ").join(f"\u2068{digits(one)}\u2069" for one in known)
    return _("The newest are: %(numbers)s.", numbers=numbers) if known else ""


def doubted(draft: Draft, errors: Errors, shown: Shown) -> Shown:
    """What is only doubtful can be kept all the same, once it was seen."""
    found = letter_saving.judge(draft.key, letter_saving.tidied(draft), current_language())
    is_sure = any(found.errors.values()) or "key" in errors
    shown.errors = {one: list(told) for one, told in errors.items()}
    shown.doubts = {} if is_sure else found.doubts
    return shown


def kept(key: str, version: int, base: int) -> Answer:
    """Back to the page of the letter, with a word about what happened."""
    if version == base:
        flash(_("Nothing was different, so there is no new version."))
    else:
        flash(_("Version %(version)s is in force.", version=digits(version)))
    return redirect(url_for("web.edit_letter", key=key), 303)


@web.post("/letters/<key>/reset")
def reset_letter(key: str) -> Answer:
    """One language of a letter as it was shipped, as a new version."""
    language, base = request.form.get("language", ""), letters.version_of(key)
    with transaction():
        version = letter_saving.reset(key, language, actor(), g.now)
    return kept(key, version, base)


def show(draft: Draft, shown: Shown, status: int = 200) -> Page:
    """The page of a letter."""
    page = render_template(
        "web/letter_edit.html", draft=draft, shown=shown, errors=shown.errors,
        languages=LANGUAGES, **letter_pages.beside(draft.key, actor()),
    )  # fmt: skip
    return page, status
