"""The WSDL of a channel: uploaded or fetched once, judged, and shown by its operations."""

from __future__ import annotations

from io import BytesIO

from flask import flash, g, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid, NotFound
from app.guard import actor
from app.i18n import current_language
from app.services.sending import channels, wsdl_bundles
from app.services.sending.wsdl_bundles import Judged
from app.web.blueprint import web
from app.web.channels import Page, show_channel
from connectors.wsdl_words import BadWsdl


@web.post("/channels/<key>/wsdl")
def give_wsdl(key: str) -> Page:
    """Judge a WSDL and let the channel use it; when it cannot be used, nothing changes."""
    way = channels.find(key)
    base = request.form.get("base", "")
    if wsdl_bundles.OPTION not in way.options:
        raise NotFound
    try:
        judged = _judge(key)
        with transaction():
            wsdl_bundles.give(key, judged, read_id(base) or 0, actor(), g.now)
    except BadWsdl as error:
        return show_channel(key, {"wsdl": [error.text(current_language())]})
    except Invalid as wrong:
        return show_channel(key, wrong.errors)
    flash(_("The WSDL is in use."))
    return redirect(url_for("web.channel", key=key), 303)


def _judge(key: str) -> Judged:
    sent, url = request.files.get("wsdl"), request.form.get("wsdl_url", "").strip()
    if sent is not None and sent.filename:
        return wsdl_bundles.judge_upload(sent.filename, sent.read())
    if not url:
        raise Invalid({"wsdl": [_("Choose a file or write an address.")]})
    return wsdl_bundles.judge_fetched(url, key)


@web.get("/channels/<key>/wsdl")
def kept_wsdl(key: str) -> Answer:
    """The WSDL with its imports as one zip file."""
    found = wsdl_bundles.find(channels.find(key).options)
    if found is None:
        raise NotFound
    return send_file(
        BytesIO(found.content), "application/zip", as_attachment=True, download_name=f"{key}.zip"
    )
