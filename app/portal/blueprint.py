"""The blueprint of the customer's pages; each module of this package adds its own routes."""

from __future__ import annotations

from flask import Blueprint

portal = Blueprint("portal", __name__, url_prefix="/portal")
