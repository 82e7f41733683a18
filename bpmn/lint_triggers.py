"""What to draw instead of a trigger that an event cannot have (BPMN 2.0.2, 10.5.1)."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.diagram import Shape

Hint = tuple[str, str]

_SUBPROCESS: Hint = (
    "Begin the process by a plain start event; this trigger belongs to the start of an event"
    " subprocess.",
    "فرایند را با رویداد آغاز ساده شروع کنید؛ این محرک از آنِ آغازِ زیرفرایند رویدادی است.",
)
_WAIT: Hint = (
    "Only an event that waits can have it: draw an intermediate catch event before this one.",
    "فقط رویدادی که منتظر می‌ماند آن را دارد: پیش از این یکی، رویداد میانی گیرنده بکشید.",
)
_END: Hint = ("Draw it as an end event.", "آن را به‌صورت رویداد پایان بکشید.")
_PLAIN: Hint = ("Remove the trigger.", "محرک را بردارید.")
_LINK: Hint = (
    "A link leads from an intermediate throw event to an intermediate catch event: draw these.",
    "پیوند از رویداد میانی فرستنده به رویداد میانی گیرنده می‌رود: همان‌ها را بکشید.",
)

_HINTS: Mapping[str, Mapping[str, Hint]] = {
    "startEvent": {
        **dict.fromkeys(("error", "escalation", "compensate"), _SUBPROCESS),
        "link": _LINK,
    },
    "intermediateCatchEvent": {
        "error": (
            "Errors are caught by a boundary event or an event subprocess: draw one of these.",
            "خطا را رویداد مرزی یا زیرفرایند رویدادی می‌گیرد: یکی از این دو را بکشید.",
        ),
        "escalation": (
            "It is caught at the border of a subprocess, or by an event subprocess.",
            "آن را در مرز زیرفرایند یا با زیرفرایند رویدادی بگیرید.",
        ),
        "compensate": (
            "Draw it as a boundary event on the activity that is to be undone.",
            "آن را رویداد مرزیِ کاری بکشید که باید برگردانده شود.",
        ),
        "cancel": (
            "Draw it as a boundary event on the transaction.",
            "آن را رویداد مرزیِ تراکنش بکشید.",
        ),
        "terminate": _END,
    },
    "intermediateThrowEvent": {
        **dict.fromkeys(("error", "terminate"), _END),
        "cancel": (
            "Draw it as an end event inside the transaction.",
            "آن را رویداد پایانِ درون تراکنش بکشید.",
        ),
        **dict.fromkeys(("timer", "conditional"), _WAIT),
    },
    "endEvent": {**dict.fromkeys(("timer", "conditional"), _WAIT), "link": _LINK},
    "boundaryEvent": {"link": _LINK, "terminate": _END},
}


def hint_for(shape: Shape, kind: str) -> Hint:
    """What to draw, in English and Persian, where an event of this kind has this trigger."""
    return _HINTS.get(shape.type, {}).get(kind, _PLAIN)
