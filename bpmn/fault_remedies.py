"""What a person can do about a standing fault, in Persian and English, by its code."""

from __future__ import annotations

from bpmn.model import Names

_DEPLOY = (
    " If the diagram is wrong, deploy a corrected version, move the run to it and try again.",
    " اگر نمودار اشکال دارد، نسخهٔ درست را منتشر کنید، اجرا را به آن ببرید و دوباره امتحان کنید.",
)
_READ = (
    "Correct the variables that it reads and try again, or take the step as done with the values"
    " that it should have given." + _DEPLOY[0],
    "متغیرهایی را که می‌خواند درست کنید و دوباره امتحان کنید، یا گام را با مقدارهایی که باید می‌داد"
    " انجام‌شده بدانید." + _DEPLOY[1],
)
_CHOOSE = (
    "Correct the variables that the conditions read and try again, or take the step as done and"
    " choose by which flow it goes on." + _DEPLOY[0],
    "متغیرهایی را که شرط‌ها می‌خوانند درست کنید و دوباره امتحان کنید، یا گام را انجام‌شده بدانید و"
    " جریان بعدی را برگزینید." + _DEPLOY[1],
)
_OTHER = (
    "Put right what the message names and try again, or take the step as done with the values that"
    " it should have given.",
    "آنچه را پیام می‌گوید برطرف کنید و دوباره امتحان کنید، یا گام را با مقدارهایی که باید می‌داد"
    " انجام‌شده بدانید.",
)

_REMEDIES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "expression",
            "timer",
            "message",
            "signal",
            "escalation",
            "correlation",
            "collection",
            "names",
            "path",
            "number",
            "long",
            "text",
            "job-type",
        ),
        _READ,
    ),
    "condition": _CHOOSE,
    "no-flow": _CHOOSE,
    "decision": (
        "Correct the variables that the table reads and try again, or take the step as done with"
        " the result that it should have given. If the table is wrong or missing, deploy it, move"
        " the run to a version that asks it and try again.",
        "متغیرهایی را که جدول می‌خواند درست کنید و دوباره امتحان کنید، یا گام را با پاسخی که جدول"
        " باید می‌داد انجام‌شده بدانید. اگر جدول اشکال دارد یا نیست، آن را منتشر کنید، اجرا را به"
        " نسخه‌ای ببرید که آن را می‌پرسد و دوباره امتحان کنید.",
    ),
    "template": (
        "Correct the template or the variables that it names and try again, or take the step as"
        " done." + _DEPLOY[0],
        "متن پیام یا متغیرهایی را که در آن آمده درست کنید و دوباره امتحان کنید، یا گام را انجام‌شده"
        " بدانید." + _DEPLOY[1],
    ),
    "nobody": (
        "Correct the variables that name the group or the person and try again." + _DEPLOY[0],
        "متغیرهایی را که گروه یا فرد را نام می‌برند درست کنید و دوباره امتحان کنید." + _DEPLOY[1],
    ),
    "call": (
        "Deploy the called process, or correct the variables that name it, and try again; or take"
        " the step as done with the values that it should have given.",
        "فرایند فراخوانده را منتشر کنید یا متغیرهایی را که نامش را می‌دهند درست کنید و دوباره امتحان"
        " کنید؛ یا گام را با مقدارهایی که باید می‌داد انجام‌شده بدانید.",
    ),
    "depth": (
        "Correct the variables that end the calls and try again, or take the step as done."
        " If a process calls itself without end, cancel the run and deploy a corrected version.",
        "متغیرهایی را که به فراخوانی‌ها پایان می‌دهند درست کنید و دوباره امتحان کنید، یا گام را"
        " انجام‌شده بدانید. اگر فرایندی بی‌پایان خودش را صدا می‌زند، اجرا را لغو و نسخهٔ درست را"
        " منتشر کنید.",
    ),
    "size": (
        "Empty or shorten variables that are no longer needed and try again." + _DEPLOY[0],
        "متغیرهایی را که دیگر لازم نیستند خالی یا کوتاه کنید و دوباره امتحان کنید." + _DEPLOY[1],
    ),
    "budget": (
        "If there is only much to do, try again: it goes on where it stopped. If it repeats without"
        " end, correct the variables that end the loop and try again, or move the token behind it."
        + _DEPLOY[0],
        "اگر فقط کار زیاد است، دوباره امتحان کنید؛ از همان‌جا ادامه می‌دهد. اگر بی‌پایان تکرار می‌شود،"
        " متغیرهایی را که به حلقه پایان می‌دهند درست کنید و دوباره امتحان کنید، یا نشانه را به پس از"
        " آن ببرید." + _DEPLOY[1],
    ),
    "deadlock": (
        "Take the gateway as done to go on with what has come, or move the token to the step where"
        " the work should go on." + _DEPLOY[0],
        "دروازه را انجام‌شده بدانید تا با آنچه رسیده ادامه یابد، یا نشانه را به گامی ببرید که کار"
        " باید از آن ادامه یابد." + _DEPLOY[1],
    ),
    "cancel": (
        "Move the token to the step where the work should go on." + _DEPLOY[0],
        "نشانه را به گامی ببرید که کار باید از آن ادامه یابد." + _DEPLOY[1],
    ),
}


def remedy_of(code: str) -> Names:
    """What to do next about a fault; for a code that came from outside, what always helps."""
    en, fa = _REMEDIES.get(code, _OTHER)
    return {"fa": fa, "en": en}
