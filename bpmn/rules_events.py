"""The rules about events: what is wrong, what to do, in English and Persian.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "event.several-triggers": (
        "An event may have one trigger only.",
        "Draw one event for each; what is waited for together, behind an event-based gateway.",
        "هر رویداد یک محرک دارد.",
        "برای هر محرک یک رویداد بکشید؛ آن‌ها را که با هم منتظرشان هستید، پس از دروازهٔ رویدادی.",
    ),
    "event.unsupported": (
        "This event cannot have the trigger “{kind}”.",
        "{hint_en}",
        "این رویداد محرک «{kind}» ندارد.",
        "{hint_fa}",
    ),
    "event.no-trigger": (
        "The event has no trigger, so it would wait for nothing.",
        "Give it one: a message, signal, timer or condition{more_en}.",
        "این رویداد محرک ندارد؛ پس منتظر چیزی نیست.",
        "محرکی به آن بدهید: پیام، سیگنال، زمان‌سنج یا شرط{more_fa}.",
    ),
    "event.message-missing": (
        "The event names no message, or one that the file does not declare.",
        "Declare the message with a name, and choose it here.",
        "این رویداد پیامی را نام نبرده یا پیام آن در پرونده تعریف نشده است.",
        "پیام را با نام تعریف کنید و این‌جا برگزینید.",
    ),
    "event.correlation-missing": (
        "The message “{message}” has no correlation key.",
        "Add a subscription with one, such as =request.number.",
        "پیام «{message}» کلید تطبیق ندارد.",
        "برای آن subscription بگذارید، مانند =request.number.",
    ),
    "event.error-missing": (
        "The event refers to an error that the file does not declare.",
        "Declare the error with a code, and choose it here.",
        "این رویداد به خطایی اشاره می‌کند که در پرونده تعریف نشده است.",
        "خطا را با کد تعریف کنید و این‌جا برگزینید.",
    ),
    "event.error-uncoded": (
        "The error “{error}”, which the event refers to, has no code.",
        "Give the error a code (errorCode).",
        "خطای «{error}» که این رویداد به آن اشاره می‌کند کد ندارد.",
        "برای آن خطا کد (errorCode) بنویسید.",
    ),
    "event.error-code-missing": (
        "An error end event needs an error with a code.",
        "Choose an error that has a code.",
        "رویداد پایان خطا، خطایی با کد می‌خواهد.",
        "خطایی را برگزینید که کد دارد.",
    ),
    "event.error-uncaught": (
        "Nothing around this end event catches the error “{code}”; it will stand here as a fault,"
        " unless a process that calls this one catches it.",
        "Draw an error boundary event on the subprocess around it.",
        "چیزی پیرامون این پایان، خطای «{code}» را نمی‌گیرد؛ همین‌جا می‌ماند، مگر فرایندی که این را"
        " صدا می‌زند آن را بگیرد.",
        "روی زیرفرایندِ پیرامونش رویداد مرزی خطا بکشید.",
    ),
    "event.error-not-interrupting": (
        "An event that catches an error always interrupts.",
        "Mark it as interrupting.",
        "رویدادی که خطا را می‌گیرد همیشه قطع‌کننده است.",
        "آن را قطع‌کننده کنید.",
    ),
    "event.error-feel": (
        "The code of an error is not worked out: “{code}” would be taken as it stands.",
        "Write the code out.",
        "کد خطا حساب نمی‌شود: «{code}» همان‌گونه خوانده می‌شود.",
        "خودِ کد را بنویسید.",
    ),
    "event.start-feel": (
        "Before the start there are no values to work out “{message}” from.",
        "Name the message that starts the process outright.",
        "پیش از آغاز مقداری نیست که «{message}» از آن حساب شود.",
        "نام پیامی را که فرایند را آغاز می‌کند خودش بنویسید.",
    ),
    "event.ambiguous": (
        "Another event at this place waits for the same.",
        "Keep one of them.",
        "رویداد دیگری هم همین‌جا منتظر همین است.",
        "یکی را نگه دارید.",
    ),
    "event.timer-empty": (
        "The timer has no date, duration or cycle.",
        "Write one, such as PT4H.",
        "این زمان‌سنج تاریخ، مدت یا دوره ندارد.",
        "یکی بنویسید، مانند PT4H.",
    ),
    "event.timer-several": (
        "The timer is set in several ways; only one of date, duration and cycle may stand there.",
        "Keep the one that is meant.",
        "این زمان‌سنج چند گونه معین شده؛ تاریخ، مدت یا دوره، فقط یکی می‌آید.",
        "همان را که منظور است نگه دارید.",
    ),
    "event.timer-wrong": (
        "“{text}” is not a valid {kind}: {why_en}",
        "Correct it, or write a FEEL expression with a leading “=”.",
        "«{text}» {kind_fa} درستی نیست: {why_fa}",
        "آن را درست کنید یا عبارت FEEL با «=» در آغاز بنویسید.",
    ),
    "event.cycle-here": (
        "A cycle is possible on a non-interrupting boundary event or event subprocess only.",
        "Use a duration.",
        "دوره فقط برای رویداد مرزی یا زیرفرایند رویدادی غیرقطع‌کننده ممکن است.",
        "مدت بگذارید.",
    ),
    "event.link-name": (
        "A link event needs a name.",
        "Give the two link events that belong together the same name.",
        "رویداد پیوند نام می‌خواهد.",
        "به دو رویداد پیوند که به هم می‌رسند یک نام بدهید.",
    ),
    "event.link-target": (
        "For the link “{name}” there must be exactly one catching link event in the same"
        " process or subprocess.",
        "Draw one catching link event of this name, and remove others.",
        "برای پیوند «{name}» باید درست یک رویداد گیرنده در همان فرایند یا زیرفرایند باشد.",
        "یک رویداد پیوندِ گیرنده با این نام بکشید و بقیه را بردارید.",
    ),
    "event.link-flows": (
        "No flow leaves a throwing link event, and none leads into a catching one.",
        "Remove the flow; the link itself is the way.",
        "از رویداد پیوندِ فرستنده جریانی نمی‌رود و به گیرنده جریانی نمی‌رسد.",
        "جریان را بردارید؛ راه، خودِ پیوند است.",
    ),
    "event.throws-nothing": (
        "A message event needs a task definition (type) to send by.",
        "Give it one, or use a send task.",
        "رویداد پیام برای فرستادن task definition (نوع) می‌خواهد.",
        "آن را بگذارید یا send task بکشید.",
    ),
    "boundary.host": (
        "The boundary event is not attached to a task or subprocess of its own level.",
        "Attach it to one.",
        "رویداد مرزی به کار یا زیرفرایندی از همان سطح نچسبیده است.",
        "آن را به یکی بچسبانید.",
    ),
    "boundary.never": (
        "A boundary event on this element would never fire: the element ends at once.",
        "Remove it, or attach it to a task that waits.",
        "رویداد مرزی روی این عنصر هرگز رخ نمی‌دهد: عنصر بی‌درنگ پایان می‌یابد.",
        "آن را بردارید یا به کاری بچسبانید که منتظر می‌ماند.",
    ),
}
