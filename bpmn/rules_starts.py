"""The rules about beginnings: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "process.no-start": (
        "Nothing begins the process: every element has a flow into it.",
        "Draw a start event, and lead it to the first step.",
        "هیچ چیز این فرایند را آغاز نمی‌کند: به هر عنصر آن جریانی می‌رسد.",
        "رویداد آغازی بکشید و آن را به نخستین گام برسانید.",
    ),
    "process.several-starts": (
        "Another start event begins in the same way.",
        "Keep one plain start event, and one for each message or signal.",
        "رویداد آغاز دیگری هم همین‌گونه آغاز می‌شود.",
        "یک رویداد آغاز ساده، و برای هر پیام یا سیگنال یکی، نگه دارید.",
    ),
    "start.timer": (
        "The timer of the start event gives no moment: {why}",
        "Write a date, a duration or a cycle that does not need variables.",
        "زمان‌سنج رویداد آغاز لحظه‌ای نمی‌دهد: {why}",
        "تاریخ، مدت یا دوره‌ای بنویسید که متغیر نخواهد.",
    ),
    "start.creator": (
        "What creates the instance does not stand at the beginning of the process.",
        "Take away the flows into it, or remove “instantiate”.",
        "آن‌چه نمونه را می‌سازد در آغاز فرایند نایستاده است.",
        "جریان‌هایی را که به آن می‌رسد بردارید، یا «instantiate» را پاک کنید.",
    ),
    "start.creator-message": (
        "Only a message can create the instance here, without inputs, loops or boundary events.",
        "Use a message here, or draw a start event of the other kind.",
        "این‌جا تنها یک پیام نمونه را می‌سازد، بی ورودی و تکرار و رویداد مرزی.",
        "این‌جا پیام به کار ببرید، یا رویداد آغازی از گونهٔ دیگر بکشید.",
    ),
    "gateway.event-parallel": (
        "An event-based gateway that waits for all of its events is not supported.",
        "Draw a parallel gateway before the events.",
        "دروازهٔ رویدادی که منتظر همهٔ رویدادهایش می‌ماند پشتیبانی نمی‌شود.",
        "پیش از رویدادها دروازهٔ موازی بکشید.",
    ),
}
