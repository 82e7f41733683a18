"""The options of every channel whose partner calls us by HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields

from connectors.contract import told
from connectors.option_checks import is_networks, matches
from connectors.option_fields import text


class HookOptions(Schema):
    """The secret in our address, and from where it may be called."""

    hook_secret = fields.String(
        load_default="",
        validate=matches(
            r"([A-Za-z0-9_-]{16,100})?",
            en="Write 16 to 100 Latin letters, digits, “-” and “_”.",
            fa="۱۶ تا ۱۰۰ نویسه از حروف لاتین، رقم، «-» و «_» بنویسید.",
        ),
        metadata=told(
            {"en": "Secret of our address", "fa": "رمز نشانی ما"},
            {
                "en": "The partner calls /hooks/CHANNEL/SECRET, an SMS gateway "
                "/hooks/sms/CHANNEL/SECRET. Letters, digits, - and _, at least 16; left empty, no "
                "call is taken.",
                "fa": "طرف مقابل نشانی ‎/hooks/CHANNEL/SECRET را صدا می‌زند و سامانهٔ پیامک نشانی "
                "‎/hooks/sms/CHANNEL/SECRET را. دست‌کم ۱۶ حرف لاتین، رقم، - یا _؛ اگر خالی بماند، "
                "هیچ فراخوانی‌ای پذیرفته نمی‌شود.",
            },
            secret=True,
        ),
    )
    sources = text(
        {"en": "Calls come from", "fa": "نشانی‌های مجاز فراخوانی"},
        {
            "en": "Addresses or networks of the partner; left empty, any.",
            "fa": "نشانی‌ها یا شبکه‌های طرف مقابل؛ اگر خالی بماند، هر نشانی.",
        },
        most=2000,
        check=is_networks,
    )
