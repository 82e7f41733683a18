"""The rules about calls of other processes: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "call.process": (
        "The call activity names no process.",
        "Write the id of the process it calls under “Called element” (zeebe:calledElement,"
        " processId).",
        "این فعالیت فراخوان فرایندی را نام نمی‌برد.",
        "شناسهٔ آن را در «Called element» بنویسید (zeebe:calledElement، ویژگی processId).",
    ),
    "call.element-odd": (
        "The calledElement “{name}” is not the id of a process.",
        "Write the id itself; an expression stands as processId of zeebe:calledElement, with a"
        " leading “=”.",
        "calledElement برابر «{name}» است که شناسهٔ فرایند نیست.",
        "خود شناسه را بنویسید؛ عبارت با «=» در آغاز و در processId از zeebe:calledElement می‌آید.",
    ),
    "call.element-differs": (
        "The call names two processes: “{name}” as calledElement and “{other}” as processId.",
        "Remove one of them.",
        "این فراخوان دو فرایند را نام می‌برد: «{name}» در calledElement و «{other}» در processId.",
        "یکی را بردارید.",
    ),
    "call.here": (
        "Only a call activity calls another process.",
        "Remove zeebe:calledElement here, or draw a call activity.",
        "فقط فعالیت فراخوان فرایند دیگری را صدا می‌زند.",
        "zeebe:calledElement را از این‌جا بردارید یا فعالیت فراخوان بکشید.",
    ),
    "call.binding": (
        "The binding “{text}” does not exist.",
        "Use latest, deployment or versionTag.",
        "پیوند «{text}» وجود ندارد.",
        "latest یا deployment یا versionTag بنویسید.",
    ),
    "call.tag-missing": (
        "The call is bound to a version tag, but names none.",
        "Write the tag of the called process.",
        "این فراخوان به برچسب نسخه بسته است ولی برچسبی ندارد.",
        "برچسب فرایند فراخوانده را بنویسید.",
    ),
    "call.tag-unused": (
        "The version tag “{tag}” would be ignored.",
        "Set the binding to versionTag, or remove the tag.",
        "برچسب نسخهٔ «{tag}» نادیده می‌ماند.",
        "پیوند را versionTag کنید یا برچسب را بردارید.",
    ),
    "call.tag-feel": (
        "A version tag is a plain text, not an expression: “{tag}”.",
        "Write the tag itself.",
        "برچسب نسخه متن ساده است نه عبارت: «{tag}».",
        "خود برچسب را بنویسید.",
    ),
    "call.endless": (
        "The process calls itself here on every way to its end, so it can never end.",
        "Put a gateway before the call that leads past it, or call another process.",
        "فرایند در هر راهی به پایان، این‌جا خودش را فرامی‌خواند و هرگز پایان نمی‌یابد.",
        "پیش از فراخوانی دروازه‌ای بگذارید که راهی دیگر هم داشته باشد، یا فرایند دیگری را "
        "فرابخوانید.",
    ),
    "call.race": (
        "The calls run at the same time, and each writes all its variables back over the others’.",
        "Add output mappings, or switch propagateAllChildVariables off and collect the results.",
        "این فراخوان‌ها هم‌زمان‌اند و هر کدام همهٔ متغیرهایش را روی دیگران می‌نویسد.",
        "نگاشت خروجی بگذارید، یا propagateAllChildVariables را خاموش کنید و نتیجه‌ها را گرد آورید.",
    ),
}
