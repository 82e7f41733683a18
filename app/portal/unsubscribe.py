"""The page behind the link in letters of mailings: no more of them, or again.

Opening it changes nothing, since mail servers open every link of a letter. A mail program that
knows RFC 8058 sends ``List-Unsubscribe=One-Click`` to the same address, without cookies.
"""

from __future__ import annotations

from flask import g, render_template, request

from app.db import transaction
from app.guard import csrf
from app.portal.blueprint import portal
from app.services.bulk_sending import unsubscribing


@portal.get("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """Ask whether mailings shall end, or begin again when they have ended."""
    return _show(token, done="")


@portal.post("/unsubscribe/<token>")
def end_mailings(token: str) -> str:
    """End them, or begin them again; the token alone tells for whom."""
    act = "begin" if request.form.get("act") == "begin" else "end"
    with transaction():
        asked = unsubscribing.find(token)
        if act == "begin":
            unsubscribing.begin_again(asked, g.now)
        else:
            unsubscribing.end(asked, g.now)
    return _show(token, done=act)


# The token alone opens this way; a mail program that ends mailings has neither page nor cookie.
csrf.exempt(end_mailings)


def _show(token: str, done: str) -> str:
    asked = unsubscribing.find(token)
    return render_template(
        "portal/unsubscribe.html", asked=asked, address=_masked(asked.address), done=done
    )


def _masked(address: str) -> str:
    """So much of an address as its owner knows it by: a letter may have been passed on."""
    local, at, domain = address.partition("@")
    return f"{local[:2]}…{at}{domain}" if at else f"{address[:4]}…{address[-2:]}"
