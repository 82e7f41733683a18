"""The functions on numbers."""

from __future__ import annotations

from bpmn.feel.reference.entry import entry

ENTRIES = {
    "number": entry(
        "The number that a string says, with separators of thousands and decimals if given.",
        "عددی که متن می‌گوید، با جداکنندهٔ هزارگان و اعشار اگر داده شود.",
        'number("1500.5")', 'number("1,500.5", ",", ".")', 'number("1 000,5", " ", ",")',
        'number("twelve")',
    ),
    "decimal": entry(
        "Rounded to so many digits after the point; a half goes to the even neighbour.",
        "گرد شده به چند رقم پس از ممیز؛ نیمه به رقم زوج می‌رود.",
        "decimal(1 / 3, 2)", "decimal(2.5, 0)", "decimal(3.5, 0)",
    ),
    "floor": entry(
        "Rounded down, towards minus infinity.", "گرد شده به پایین.",
        "floor(1.5)", "floor(-1.56, 1)",
    ),
    "ceiling": entry(
        "Rounded up, towards plus infinity.", "گرد شده به بالا.",
        "ceiling(1.5)", "ceiling(-1.56, 1)",
    ),
    "round up": entry(
        "Rounded away from zero.", "گرد شده با دور شدن از صفر.",
        "round up(5.5, 0)", "round up(-5.5, 0)", "round up(1.121, 2)",
    ),
    "round down": entry(
        "Rounded towards zero.", "گرد شده به سوی صفر.",
        "round down(5.5, 0)", "round down(-5.5, 0)",
    ),
    "round half up": entry(
        "Rounded to the nearest; a half goes away from zero.",
        "گرد شده به نزدیک‌ترین؛ نیمه از صفر دور می‌شود.",
        "round half up(5.5, 0)", "round half up(-5.5, 0)", "round half up(1.126, 2)",
    ),
    "round half down": entry(
        "Rounded to the nearest; a half goes towards zero.",
        "گرد شده به نزدیک‌ترین؛ نیمه به سوی صفر می‌رود.",
        "round half down(5.5, 0)", "round half down(-5.5, 0)",
    ),
    "abs": entry(
        "Without its sign; durations too.", "بدون علامت؛ برای مدت هم.",
        "abs(-10)", 'abs(@"-P1D")',
    ),
    "modulo": entry(
        "The rest of a division, with the sign of the divisor.",
        "باقی‌ماندهٔ تقسیم با علامت مقسوم‌علیه.",
        "modulo(12, 5)", "modulo(-12, 5)", "modulo(12, 0)",
    ),
    "sqrt": entry("The square root.", "جذر.", "sqrt(16)", "sqrt(-1)"),
    "log": entry("The natural logarithm.", "لگاریتم طبیعی.", "log(1)", "log(0)"),
    "exp": entry("e to the power of the number.", "e به توان عدد.", "exp(0)"),
    "odd": entry("Whether a whole number is odd.", "آیا عدد درست فرد است.", "odd(5)", "odd(1.5)"),
    "even": entry("Whether a whole number is even.", "آیا عدد درست زوج است.", "even(5)"),
}  # fmt: skip
