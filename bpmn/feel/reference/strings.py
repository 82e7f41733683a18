"""The functions on strings."""

from __future__ import annotations

from bpmn.feel.reference.entry import entry

ENTRIES = {
    "substring": entry(
        "The part from a position on, counted from 1; a negative position counts from the end.",
        "بخشی از متن از یک جایگاه به بعد؛ شمارش از ۱ است و عدد منفی از پایان می‌شمارد.",
        'substring("foobar", 3)', 'substring("foobar", -2, 1)', 'substring("abc", 9)',
        'substring(string: "foobar", start position: 3, length: 2)',
    ),
    "string length": entry(
        "How many characters the string has.", "شمار نویسه‌های متن.",
        'string length("foo")', 'string length("پیگیر")', 'string length("")',
    ),
    "upper case": entry(
        "The string in capital letters.", "متن با حروف بزرگ.", 'upper case("aBc4")',
    ),
    "lower case": entry(
        "The string in small letters.", "متن با حروف کوچک.", 'lower case("aBc4")',
    ),
    "trim": entry(
        "The string without white space at both ends.", "متن بدون فاصله‌های دو سر آن.",
        'trim("  a b ")',
    ),
    "is blank": entry(
        "Whether the string holds nothing but white space.", "آیا متن جز فاصله چیزی ندارد.",
        'is blank(" ")', 'is blank("a")', "is blank(null)",
    ),
    "substring before": entry(
        "What stands before the first match; empty when there is none.",
        "آنچه پیش از نخستین یافته می‌آید؛ اگر نباشد متن خالی.",
        'substring before("R-1405-12", "-")', 'substring before("foobar", "xyz")',
    ),
    "substring after": entry(
        "What stands after the first match; empty when there is none.",
        "آنچه پس از نخستین یافته می‌آید؛ اگر نباشد متن خالی.",
        'substring after("R-1405-12", "-")', 'substring after("foobar", "xyz")',
    ),
    "contains": entry(
        "Whether the match occurs in the string.", "آیا متن دوم درون متن اول هست.",
        'contains("foobar", "ob")', 'contains("foobar", "of")',
    ),
    "starts with": entry(
        "Whether the string begins with the match.", "آیا متن با متن دوم آغاز می‌شود.",
        'starts with("foobar", "fo")',
    ),
    "ends with": entry(
        "Whether the string ends with the match.", "آیا متن با متن دوم پایان می‌یابد.",
        'ends with("foobar", "bar")',
    ),
    "matches": entry(
        "Whether the pattern (XPath's regular expressions) occurs in the string. Flags: i case does"
        " not matter, s a point is any character, m lines, x white space in the pattern is nothing,"
        " q no character is special.",
        "آیا الگو (عبارت باقاعدهٔ XPath) در متن هست. پرچم‌ها: i بی‌توجه به بزرگی حروف، s نقطه هر"
        " نویسه، m سطرها، x فاصله‌های الگو هیچ، q بی‌نویسهٔ ویژه.",
        'matches("foobar", "^fo*b")', 'matches("FOO", "foo", "i")',
        'matches("0912 000 00 00", "^[0-9 ]+$")', 'matches("aa", "(a)\\1")', 'matches("a", "(a")',
    ),
    "replace": entry(
        "The string with every match of the pattern replaced; $1 is the first group.",
        "متن با جایگزینی همهٔ یافته‌های الگو؛ ‎$1‎ گروه نخست است.",
        'replace("0912-000", "[^0-9]", "")', 'replace("abcd", "(ab)|(a)", "[1=$1]")',
        'replace("abc", "x*", "-")',
    ),
    "split": entry(
        "The parts between the matches of a pattern.", "بخش‌های میان یافته‌های یک الگو.",
        'split("a;b;;c", ";")', 'split("a, b", ",\\s*")',
    ),
    "extract": entry(
        "Every match of a pattern.", "همهٔ یافته‌های یک الگو.",
        'extract("R-12 and R-345", "R-[0-9]+")', 'extract("abc", "[0-9]")',
    ),
    "string join": entry(
        "The strings of a list in one, with the delimiter between them; nulls are left out.",
        "متن‌های یک فهرست در یک متن با جداکننده میانشان؛ عضوهای خالی کنار گذاشته می‌شوند.",
        'string join(["a", "b"], "-")', 'string join(["a", null, "c"])', 'string join(["a", 1])',
    ),
}  # fmt: skip
