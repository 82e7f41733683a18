"""What other engines mean by settings that may go without being followed here, and what holds.

None of them changes which steps are taken, so they do not refuse a diagram; yet who wrote them
wanted something, and is told what happens instead.
"""

from __future__ import annotations

from collections.abc import Mapping

_SAVED = (
    "Nothing has to be set for that: what was done before a step is always kept, a step that"
    " fails stands as a fault of its own, and service tasks are jobs of their own.",
    "برای آن تنظیمی لازم نیست: آنچه پیش از هر گام انجام شده همیشه نگه داشته می‌شود، گامی که شکست"
    " بخورد به‌تنهایی خطا می‌ماند و کارهای سرویس جداگانه انجام می‌شوند.",
)
_STARTERS = (
    "Who may begin a process is not said in the diagram here, but by roles and by the catalogue.",
    "این‌جا نمودار نمی‌گوید چه کسی فرایند را آغاز می‌کند؛ نقش‌ها و فهرست خدمات می‌گویند.",
)
MEANINGS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("asyncBefore", "asyncAfter", "async", "asyncLeave"), _SAVED),
    "exclusive": (
        "The steps of one instance are never worked out at the same time here; only the calls that"
        " service tasks make to other systems may be.",
        "این‌جا گام‌های یک نمونه هرگز هم‌زمان انجام نمی‌شوند؛ تنها فراخوانی سامانه‌های دیگر در کارهای"
        " سرویس می‌تواند هم‌زمان باشد.",
    ),
    "jobPriority": (
        "Jobs have no priority here; they are done in the order in which they come due.",
        "این‌جا کارهای سرویس اولویت ندارند و به ترتیب نوبت انجام می‌شوند.",
    ),
    "historyTimeToLive": (
        "How long the history is kept is a matter of the installation, and no diagram sets it.",
        "مدت نگه‌داری تاریخچه به نصب سامانه برمی‌گردد و نمودار آن را تعیین نمی‌کند.",
    ),
    **dict.fromkeys(
        ("candidateStarterGroups", "candidateStarterUsers", "isStartableInTasklist"), _STARTERS
    ),
}
"""By the name of the setting: what holds here, in English and Persian."""
