"""What decision tables are refused or warned for when they are judged before they run."""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "dmn.cell-type": (
        "Rule {rule}, column “{column}”: {text} is {kind}, but the column is {wanted}, so it would"
        " never match.",
        "Change the cell or the type of the column.",
        "قاعدهٔ {rule}، ستون «{column}»: {text} {kind} است ولی ستون {wanted} است و هرگز جور نمی‌شود.",
        "خانه یا نوع ستون را درست کنید.",
    ),
    "dmn.cell-constant": (
        "Rule {rule}, column “{column}”: {text} has no value: {why}.",
        "Correct the cell.",
        "قاعدهٔ {rule}، ستون «{column}»: {text} مقداری ندارد: {why}.",
        "خانه را درست کنید.",
    ),
    "dmn.cell-never": (
        "Rule {rule}, column “{column}”: nothing can ever match {text}.",
        "Correct the cell or remove the rule.",
        "قاعدهٔ {rule}، ستون «{column}»: هیچ مقداری با {text} جور نمی‌شود.",
        "خانه را درست کنید یا قاعده را بردارید.",
    ),
    "dmn.output-type": (
        "Rule {rule}, output “{column}”: {text} is {kind}, but the output is {wanted}.",
        "Change the cell or the type of the output.",
        "قاعدهٔ {rule}، خروجی «{column}»: {text} {kind} است ولی خروجی {wanted} است.",
        "خانه یا نوع خروجی را درست کنید.",
    ),
    "dmn.output-value": (
        "Rule {rule}, output “{column}”: {text} is not among the values that are allowed.",
        "Add it to the list or correct the cell.",
        "قاعدهٔ {rule}، خروجی «{column}»: {text} در فهرست مقدارهای مجاز نیست.",
        "آن را به فهرست بیفزایید یا خانه را درست کنید.",
    ),
    "dmn.output-constant": (
        "Rule {rule}, output “{column}”: {text} has no value: {why}.",
        "Correct the cell.",
        "قاعدهٔ {rule}، خروجی «{column}»: {text} مقداری ندارد: {why}.",
        "خانه را درست کنید.",
    ),
    "dmn.unquoted": (
        "Rule {rule}, column “{column}”: {name} stands for a variable that nothing here gives.",
        "If it is a text, write it in quotation marks.",
        "قاعدهٔ {rule}، ستون «{column}»: {name} نام متغیری است که این‌جا مقداری ندارد.",
        'اگر متن است، آن را میان دو " بنویسید.',
    ),
    "dmn.no-rules": (
        "The table has no rules, so its decision is always null.",
        "Add rules to it.",
        "جدول هیچ قاعده‌ای ندارد، پس تصمیم آن همیشه تهی است.",
        "به آن قاعده بیفزایید.",
    ),
    "dmn.overlap": (
        "Rules {other} and {rule} match together ({where}), but the hit policy UNIQUE allows one at"
        " most.",
        "Narrow one of them or choose FIRST.",
        "قاعده‌های {other} و {rule} با هم جور می‌شوند ({where})، ولی سیاست UNIQUE تنها یکی را"
        " می‌پذیرد.",
        "یکی را تنگ‌تر کنید یا FIRST را برگزینید.",
    ),
    "dmn.overlap-maybe": (
        "Rules {other} and {rule} match together when a value is missing or of another type"
        " ({where}), but the hit policy UNIQUE allows one at most.",
        "Say in one of them what shall pass, rather than what shall not.",
        "اگر مقداری نباشد یا از نوع دیگری باشد، قاعده‌های {other} و {rule} با هم جور می‌شوند"
        " ({where})، ولی سیاست UNIQUE تنها یکی را می‌پذیرد.",
        "در یکی از آن‌ها به‌جای آنچه نمی‌پذیرد، آنچه می‌پذیرد را بنویسید.",
    ),
    "dmn.overlap-any": (
        "Rules {other} and {rule} match together ({where}) and give different outputs, but the hit"
        " policy ANY wants equal ones.",
        "Narrow one of them or make their outputs equal.",
        "قاعده‌های {other} و {rule} با هم جور می‌شوند ({where}) و خروجی‌های گوناگون می‌دهند، ولی"
        " سیاست ANY خروجی‌های یکسان می‌خواهد.",
        "یکی را تنگ‌تر کنید یا خروجی‌ها را یکسان کنید.",
    ),
    "dmn.gap": (
        "No rule matches when {where}.",
        "Add a rule, or a last one with “-” in every column.",
        "هنگامی که {where} هیچ قاعده‌ای جور نمی‌شود.",
        "قاعده‌ای بیفزایید، یا قاعدهٔ آخری که همهٔ ستون‌هایش «-» باشد.",
    ),
    "dmn.unreachable": (
        "Rule {rule} is never reached, since all that it matches is already matched by {others}.",
        "Move it up or remove it.",
        "قاعدهٔ {rule} هرگز به کار نمی‌آید، زیرا همهٔ آنچه با آن جور است پیش‌تر با {others} جور می‌شود.",
        "آن را بالاتر ببرید یا بردارید.",
    ),
    "dmn.duplicate": (
        "Rule {rule} says the same as rule {other}.",
        "Remove one of them.",
        "قاعدهٔ {rule} همان قاعدهٔ {other} است.",
        "یکی را بردارید.",
    ),
}
"""Each with what is wrong and the remedy, in English, then in Persian."""

WARNINGS = frozenset(
    (
        "dmn.cell-never",
        "dmn.unquoted",
        "dmn.no-rules",
        "dmn.overlap-maybe",
        "dmn.gap",
        "dmn.unreachable",
        "dmn.duplicate",
    )
)
MORE = (
    "… and {count} more of this kind in this table.",
    "… و {count} مورد دیگر از همین گونه در این جدول.",
)
"""What is told instead of very many findings of one rule, in English and Persian."""
