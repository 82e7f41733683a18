"""The rules about ad-hoc subprocesses: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "ad-hoc.here": (
        "Only an ad-hoc subprocess has a list of active elements (zeebe:adHoc).",
        "Remove it, or draw the subprocess with the ad-hoc marker.",
        "فقط زیرفرایند آزاد (ad-hoc) فهرست عنصرهای فعال (zeebe:adHoc) دارد.",
        "آن را بردارید یا زیرفرایند را با نشان آزاد (ad-hoc) بکشید.",
    ),
    "ad-hoc.ordering": (
        "What is activated in an ad-hoc subprocess may run side by side; ordering=“Sequential”"
        " is not followed.",
        "Set the ordering to Parallel, or connect the steps by flows in their order.",
        "عنصرهای زیرفرایند آزاد کنار هم اجرا می‌شوند و از ordering=«Sequential» پیروی نمی‌شود.",
        "ترتیب را Parallel بگذارید یا گام‌ها را با جریان به ترتیب وصل کنید.",
    ),
    "ad-hoc.attribute": (
        "“{name}” of an ad-hoc subprocess cannot be followed as it is written.",
        "Remove or correct it; collect results by the output mappings of the steps inside.",
        "از «{name}» در زیرفرایند آزاد به این صورت پیروی نمی‌شود.",
        "آن را بردارید یا درست کنید؛ نتیجه‌ها را با نگاشت خروجی گام‌های درون آن بگیرید.",
    ),
    "ad-hoc.worker": (
        "A worker cannot lead an ad-hoc subprocess.",
        "Remove the task definition; name the elements to begin with in the list of active"
        " elements, and let people activate the others.",
        "زیرفرایند آزاد را کارگزار (worker) اداره نمی‌کند.",
        "task definition را بردارید؛ عنصرهای آغازین را در فهرست عنصرهای فعال بنویسید و بقیه را"
        " کارکنان فعال می‌کنند.",
    ),
    "ad-hoc.elements": (
        "The list of active elements must be a FEEL expression that begins with “=”.",
        'Write a list of ids, such as =["call", "visit"], or a variable that holds one.',
        "فهرست عنصرهای فعال باید عبارت FEEL باشد و با «=» آغاز شود.",
        'فهرستی از شناسه‌ها بنویسید، مانند =["call", "visit"]، یا متغیری که آن را دارد.',
    ),
    "ad-hoc.ends": (
        "An ad-hoc subprocess has no start and no end events.",
        "Remove it; a step that no flow leads to can be activated, and a path ends by itself.",
        "زیرفرایند آزاد رویداد آغاز و پایان ندارد.",
        "آن را بردارید؛ گامی که جریانی به آن نمی‌رسد فعال‌شدنی است و مسیر خودش پایان می‌یابد.",
    ),
    "ad-hoc.empty": (
        "Nothing in this ad-hoc subprocess can be activated.",
        "Draw an activity in it to which no flow leads.",
        "در این زیرفرایند آزاد چیزی فعال‌شدنی نیست.",
        "فعالیتی درون آن بکشید که جریانی به آن نرسد.",
    ),
}
