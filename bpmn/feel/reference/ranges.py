"""The functions on ranges; a point is any value that has an order."""

from __future__ import annotations

from bpmn.feel.reference.entry import entry

ENTRIES = {
    "range": entry(
        "The range that a text of literals says.", "بازه‌ای که متن می‌گوید.",
        'range("[1..5)").end', 'range("(1..5]").start included', 'range("[5..1]")',
    ),
    "before": entry(
        "Whether the first ends before the second begins.",
        "آیا اولی پیش از آغاز دومی پایان می‌یابد.",
        "before(1, 10)", "before([1..5), 5)", "before([1..5], [5..9])",
    ),
    "after": entry(
        "Whether the first begins after the second ends.",
        "آیا اولی پس از پایان دومی آغاز می‌شود.",
        "after(10, 1)", "after([6..9], [1..5])",
    ),
    "meets": entry(
        "Whether the first ends exactly where the second begins.",
        "آیا اولی درست در آغاز دومی پایان می‌یابد.",
        "meets([1..5], [5..10])", "meets([1..5), [5..10])",
    ),
    "met by": entry(
        "Whether the first begins exactly where the second ends.",
        "آیا اولی درست در پایان دومی آغاز می‌شود.", "met by([5..10], [1..5])",
    ),
    "overlaps": entry(
        "Whether they share a point.", "آیا نقطهٔ مشترکی دارند.",
        "overlaps([1..5], [3..8])", "overlaps([1..5], [6..8])",
    ),
    "overlaps before": entry(
        "Whether the first begins before the second and ends inside it.",
        "آیا اولی پیش از دومی آغاز می‌شود و درون آن پایان می‌یابد.",
        "overlaps before([1..5], [3..8])", "overlaps before([3..8], [1..5])",
    ),
    "overlaps after": entry(
        "Whether the first begins inside the second and ends after it.",
        "آیا اولی درون دومی آغاز می‌شود و پس از آن پایان می‌یابد.",
        "overlaps after([3..8], [1..5])",
    ),
    "finishes": entry(
        "Whether the first lies in the second and ends with it.",
        "آیا اولی درون دومی است و با آن پایان می‌یابد.",
        "finishes(10, [1..10])", "finishes([5..10], [1..10])",
    ),
    "finished by": entry(
        "Whether the second lies in the first and ends with it.",
        "آیا دومی درون اولی است و با آن پایان می‌یابد.", "finished by([1..10], 10)",
    ),
    "includes": entry(
        "Whether the second lies wholly in the first.", "آیا دومی یک‌سره درون اولی است.",
        "includes([1..10], 5)", "includes([1..10], [4..12])",
    ),
    "during": entry(
        "Whether the first lies wholly in the second.", "آیا اولی یک‌سره درون دومی است.",
        "during(5, [1..10])", "during(10, [1..10))",
    ),
    "starts": entry(
        "Whether the first begins with the second and lies in it.",
        "آیا اولی با دومی آغاز می‌شود و درون آن است.",
        "starts(1, [1..10])", "starts([1..5], [1..10])",
    ),
    "started by": entry(
        "Whether the second begins with the first and lies in it.",
        "آیا دومی با اولی آغاز می‌شود و درون آن است.", "started by([1..10], [1..5])",
    ),
    "coincides": entry(
        "Whether both are the same point or the same range.", "آیا هر دو یک نقطه یا یک بازه‌اند.",
        "coincides([1..5], [1..5])", "coincides(3, 4)", "coincides(3, [3..3])",
    ),
}  # fmt: skip
