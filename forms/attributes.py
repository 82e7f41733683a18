"""Which attributes each component may carry: whatever is not here is refused."""

from __future__ import annotations

_PLACED = frozenset({"type", "id", "layout", "conditional", "properties"})
_ASKED = _PLACED | {
    *("key", "label", "description", "defaultValue", "readonly", "disabled", "validate"),
    "appearance",
}
_CHOSEN = _ASKED | {"values", "searchable"}
_DATED = _ASKED | {
    *("subtype", "dateLabel", "timeLabel", "disallowPassedDates", "use24h", "timeInterval"),
    "timeSerializingFormat",
}

BY_TYPE: dict[str, frozenset[str]] = {
    "textfield": _ASKED,
    "textarea": _ASKED,
    "number": _ASKED | {"decimalDigits", "increment", "serializeToString"},
    "checkbox": _ASKED,
    "radio": _CHOSEN,
    "select": _CHOSEN,
    "checklist": _CHOSEN,
    "taglist": _CHOSEN,
    "datetime": _DATED,
    "filepicker": _ASKED | {"multiple", "accept"},
    "text": _PLACED | {"text"},
    "group": _PLACED | {"label", "components", "showOutline", "verticalAlignment"},
    "separator": _PLACED,
    "spacer": _PLACED | {"height"},
}
"""The supported component types and what each may carry."""

_LENGTHS = frozenset({"required", "minLength", "maxLength"})
VALIDATE_BY_TYPE: dict[str, frozenset[str]] = {
    "textfield": _LENGTHS | {"pattern", "validationType"},
    "textarea": _LENGTHS,
    "number": frozenset({"required", "min", "max"}),
}
"""The rules under ``validate`` by type; other answered types know ``required`` alone."""

FORM = frozenset(
    {
        *("id", "type", "schemaVersion", "components", "properties", "versionTag", "exporter"),
        *("executionPlatform", "executionPlatformVersion", "$schema"),
    }
)
"""What a form file may hold at its top."""
