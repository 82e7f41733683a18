"""The rules of style, and what can be proved of the flow: all of them warn.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "style.gateway-unnamed": (
        "The gateway chooses between several flows but does not say by what.",
        "Name it by its question, such as “Is the complaint founded?”.",
        "این دروازه میان چند جریان انتخاب می‌کند ولی نمی‌گوید بر چه پایه‌ای.",
        "پرسش آن را نامش کنید، مانند «آیا شکایت وارد است؟».",
    ),
    "style.task-unnamed": (
        "The activity has no name, so people see its id.",
        "Name it by what is done, such as “Check the facts”.",
        "این کار نام ندارد؛ پس مردم شناسه‌اش را می‌بینند.",
        "نامی به آن بدهید که بگوید چه انجام می‌شود، مانند «بررسی موضوع».",
    ),
    "style.name-duplicate": (
        "The activity before or beside this one has the same name “{name}”.",
        "Name them so that people can tell them apart.",
        "کار پیش از این یا کنار این همین نام «{name}» را دارد.",
        "نام‌ها را چنان بگذارید که از هم شناخته شوند.",
    ),
    "style.name-persian": (
        "Other elements have Persian names, but this one has none.",
        "Add the property name_fa.",
        "عنصرهای دیگر نام فارسی دارند، ولی این یکی ندارد.",
        "ویژگی name_fa را بگذارید.",
    ),
    "style.gateway-superfluous": (
        "The gateway neither splits nor joins anything.",
        "Remove it and connect its neighbours.",
        "این دروازه نه چیزی را جدا می‌کند نه می‌پیوندد.",
        "آن را بردارید و همسایه‌هایش را به هم وصل کنید.",
    ),
    "style.implicit-end": (
        "The path ends here without an end event.",
        "Draw an end event that says how it ended.",
        "مسیر این‌جا بی رویداد پایان تمام می‌شود.",
        "رویداد پایانی بکشید که بگوید چگونه پایان یافت.",
    ),
    "style.no-end": (
        "There is a start event but no end: every path leads back, so it never ends.",
        "Draw an end event and a way to it.",
        "رویداد آغاز هست ولی پایانی نیست: هر مسیری بازمی‌گردد و هرگز پایان نمی‌یابد.",
        "رویداد پایان و راهی به آن بکشید.",
    ),
    "style.flow-double": (
        "Two flows without condition lead from here to “{target}”, so it runs twice.",
        "Remove one of them.",
        "دو جریان بی‌شرط از این‌جا به «{target}» می‌رود؛ پس دو بار اجرا می‌شود.",
        "یکی را بردارید.",
    ),
    "proof.deadlock": (
        "The gateway waits for ever: of its flows “{first}” and “{second}” only one can come,"
        " since “{chooser}” chooses between them.",
        "Join with an exclusive gateway, or split “{chooser}” in parallel.",
        "این دروازه همیشه منتظر می‌ماند: از جریان‌های «{first}» و «{second}» فقط یکی می‌رسد، چون"
        " «{chooser}» میان آن‌ها انتخاب می‌کند.",
        "با دروازهٔ انحصاری بپیوندید یا «{chooser}» را موازی جدا کنید.",
    ),
    "proof.deadlock-pair": (
        "The gateway waits for ever: it waits for what comes from “{other}”, which waits for what"
        " comes from here.",
        "Join the flows once, before the two gateways lead to each other.",
        "این دروازه همیشه منتظر می‌ماند: چشم‌به‌راه چیزی است که از «{other}» می‌آید و آن هم"
        " چشم‌به‌راه چیزی است که از این‌جا می‌آید.",
        "جریان‌ها را یک‌بار، پیش از آن‌که دو دروازه به هم برسند، به هم بپیوندید.",
    ),
    "proof.deadlock-ring": (
        "The gateway waits for ever: its flow “{flow}” comes only from what follows the gateway"
        " itself.",
        "Lead the flow back to an exclusive gateway before this one.",
        "این دروازه همیشه منتظر می‌ماند: جریان «{flow}» فقط از آن‌چه پس از خودِ دروازه است می‌آید.",
        "جریان را به دروازه‌ای انحصاری پیش از این یکی برگردانید.",
    ),
    "proof.unsynchronised": (
        "“{splitter}” starts flows side by side, and each that comes here goes on by itself: what"
        " follows runs several times.",
        "Join with a parallel gateway, unless that is meant.",
        "«{splitter}» چند جریان هم‌زمان آغاز می‌کند و هر کدام که به این‌جا برسد جداگانه پیش"
        " می‌رود: آن‌چه در پی است چند بار اجرا می‌شود.",
        "با دروازهٔ موازی بپیوندید، مگر همین را بخواهید.",
    ),
    "data.unwritten": (
        "The variable “{name}” is read here, but nothing in the process writes it.",
        "Correct the name, or let a form, a mapping or a result write it.",
        "متغیر «{name}» این‌جا خوانده می‌شود، ولی چیزی در فرایند آن را نمی‌نویسد.",
        "نام را درست کنید یا بگذارید فرمی، نگاشتی یا نتیجه‌ای آن را بنویسد.",
    ),
}
