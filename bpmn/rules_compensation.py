"""The rules about compensation and transactions: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "compensation.handler": (
        "It is not said what undoes the activity here.",
        "Draw one activity with the compensation marker (isForCompensation) beside it, and tie"
        " this event to it by an association.",
        "گفته نشده چه چیزی این فعالیت را برمی‌گرداند.",
        "کنار آن یک فعالیت با نشان جبران (isForCompensation) بکشید و با پیوند نقطه‌چین"
        " (association) به این رویداد وصل کنید.",
    ),
    "compensation.twice": (
        "There is already another one for the same.",
        "Keep one of the two.",
        "یکی دیگر برای همین کار هست.",
        "یکی از دو تا را نگه دارید.",
    ),
    "compensation.untied": (
        "This activity undoes something, but it is not said what, so it never runs.",
        "Tie it by an association to a compensation boundary event, or remove its marker.",
        "این فعالیت برای جبران است ولی گفته نشده جبران چه؛ پس هرگز اجرا نمی‌شود.",
        "با پیوند نقطه‌چین (association) به رویداد مرزی جبران وصلش کنید یا نشانش را بردارید.",
    ),
    "compensation.flows": (
        "Only compensation leads here; sequence flows have no meaning.",
        "Remove the flows; draw several undoing steps as a subprocess with the marker.",
        "فقط جبران به این‌جا می‌رسد و جریان توالی معنایی ندارد.",
        "جریان‌ها را بردارید؛ چند گام جبران را در یک زیرفرایند با همین نشان بکشید.",
    ),
    "compensation.boundary": (
        "An activity that undoes another cannot have boundary events, since nothing follows it.",
        "Draw the handling inside a subprocess with the compensation marker.",
        "فعالیت جبران رویداد مرزی نمی‌گیرد، زیرا پس از آن جریانی نیست.",
        "رسیدگی را درون زیرفرایندی با نشان جبران بکشید.",
    ),
    "compensation.never": (
        "Nothing in this process ever asks to undo this activity.",
        "Draw a compensation event where it shall be undone, or remove this one.",
        "هیچ‌جای فرایند جبران این فعالیت را نمی‌خواهد.",
        "جایی که باید جبران شود رویداد جبران بکشید یا این را بردارید.",
    ),
    "compensation.nothing": (
        "Nothing that can be undone lies on this level.",
        "Give an activity of this level a compensation boundary event with a handler.",
        "در این سطح چیزی برای جبران نیست.",
        "به یکی از فعالیت‌های همین سطح، رویداد مرزی جبران با فعالیت جبران بدهید.",
    ),
    "compensation.activity": (
        "“{activity}” cannot be undone from here.",
        "Name an activity of the same level that has a compensation boundary event, or none"
        " to undo all of it.",
        "«{activity}» از این‌جا جبران نمی‌شود.",
        "فعالیتی از همین سطح را نام ببرید که رویداد مرزی جبران دارد؛ یا هیچ‌کدام را، تا همه"
        " جبران شوند.",
    ),
    "compensation.wait": (
        "A compensation is always waited for here; waitForCompletion=“false” is not followed.",
        "Remove waitForCompletion, or throw it on a branch of its own behind a parallel gateway.",
        "این‌جا همیشه برای پایان جبران صبر می‌شود و از waitForCompletion=«false» پیروی نمی‌شود.",
        "آن را بردارید، یا رویداد را در شاخه‌ای جدا پس از دروازهٔ موازی بگذارید.",
    ),
    "compensation.start": (
        "A compensation start event belongs into an event subprocess that lies in the"
        " subprocess which it undoes.",
        "Move the event subprocess into that subprocess.",
        "رویداد آغاز جبران در زیرفرایند رویدادی‌ای می‌آید که درون زیرفرایند جبران‌شونده است.",
        "زیرفرایند رویدادی را درون همان زیرفرایند بگذارید.",
    ),
    "compensation.both": (
        "The subprocess is undone in two ways: by this event subprocess and by a boundary event.",
        "Keep one of the two.",
        "این زیرفرایند دو راه جبران دارد: این زیرفرایند رویدادی و یک رویداد مرزی.",
        "یکی از دو تا را نگه دارید.",
    ),
    "cancel.outside": (
        "A cancel end event cancels the transaction around it, but there is none.",
        "Draw it inside a transaction, or use an error end event.",
        "پایان لغو، تراکنش دور خود را لغو می‌کند، ولی تراکنشی نیست.",
        "آن را درون تراکنش بکشید یا پایان خطا به‌کار ببرید.",
    ),
    "cancel.uncaught": (
        "The transaction around it has no cancel boundary event, so nothing would go on.",
        "Attach a cancel boundary event to the transaction.",
        "تراکنش دور آن رویداد مرزی لغو ندارد و پس از لغو چیزی ادامه نمی‌یابد.",
        "رویداد مرزی لغو را به تراکنش بچسبانید.",
    ),
    "cancel.boundary": (
        "A cancel boundary event sits on a transaction, and always interrupts it.",
        "Attach it to a transaction, or use an error boundary event.",
        "رویداد مرزی لغو روی تراکنش می‌نشیند و همیشه قطعش می‌کند.",
        "آن را روی تراکنش بگذارید یا رویداد مرزی خطا به‌کار ببرید.",
    ),
    "cancel.never": (
        "Nothing inside the transaction cancels it, so this event never comes.",
        "Draw a cancel end event inside, or remove this one.",
        "چیزی درون تراکنش آن را لغو نمی‌کند و این رویداد هرگز نمی‌آید.",
        "پایان لغو را درون تراکنش بکشید یا این را بردارید.",
    ),
}
